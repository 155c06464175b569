"""How long `sentiment` and `predict` take, run as Lambda runs them: what `foliolens cost` multiplies.

Run with `python -m bench function_durations` on an idle machine: it writes the durations that come with the
installation. FinBERT's weights are random, which takes as long; they need the extra `finbert-export`.
"""

import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.gateway_events import rest_post
from tests.lambda_runtime import LambdaFunction, running

from bench.figures import Figure
from bench.prediction import market
from bench.sentiment import ARTICLE
from bench.sentiment_parity import ORDER, forms, random_finbert
from foliolens.operations.costs import durations
from foliolens.sentiment.installation import TOKENIZER_FILE, finbert_folder
from foliolens.sentiment.installing.exporting import missing_packages
from foliolens.sentiment.installing.placing import Candidate, place
from infra import packages

__all__ = ["main"]

DAYS = 250
FEW, MANY = 1, 20
STARTS = 5
REQUESTS = 15


def main() -> list[Figure]:
    """Measure them and write them down."""
    if missing := missing_packages():
        sys.exit(f"This needs {', '.join(missing)}: install the extra finbert-export.")
    with tempfile.TemporaryDirectory(prefix="foliolens-bench-") as name:
        folder = Path(name)
        packages.build(folder, functions=("predict", "sentiment"), target=packages.host())
        random_finbert(folder)
        forms(folder)
        model, tokenizer = folder / "int8.onnx", folder / TOKENIZER_FILE
        place(Candidate(model, tokenizer, ORDER, "int8"), finbert_folder(folder / "data"))
        measured = {
            "predict": _predict(folder),
            "embedded": _sentiment(folder, {"FOLIOLENS_SENTIMENT_MODEL": "embedded"}),
            "finbert": _sentiment(folder, {"FOLIOLENS_SENTIMENT_MODEL": "finbert"}),
        }
    described = durations.Durations(
        measured_on=datetime.now(UTC).date(),
        machine=f"{os.cpu_count()} cores, {platform.machine()}",
        sentiment={"embedded": measured["embedded"], "finbert": measured["finbert"]},
        predict=measured["predict"],
    )
    target = Path(durations.__file__).with_name("durations.json")
    target.write_text(json.dumps(described.model_dump(mode="json", by_alias=True), indent=2) + "\n")
    return [
        Figure(
            name,
            f"start {each.start_ms:.0f} ms, a request {each.request_ms:.1f} ms"
            + (f" and {each.sentence_ms:.2f} ms a sentence" if each.sentence_ms else ""),
        )
        for name, each in measured.items()
    ]


def _predict(folder: Path) -> durations.Measured:
    asked = market(DAYS)
    body = json.dumps(
        {
            "ticker": asked.ticker,
            **{name: getattr(asked, name).tolist() for name in ("close", "volume", "positive", "negative")},
            "sentiment": asked.sentiment.values.tolist(),
        }
    )
    start, (request,) = _measured(folder, "predict", {}, [lambda _: rest_post("/predict", body)])
    return durations.Measured(start_ms=round(start), request_ms=round(request, 2))


def _sentiment(folder: Path, variables: Mapping[str, str]) -> durations.Measured:
    def article(sentences: int) -> Callable[[int], dict[str, Any]]:
        # Each request has its own text: a repeated sentence would come from the cache.
        return lambda turn: rest_post(
            "/sentiment",
            json.dumps({"text": [f"{text} ({turn})" for text in ARTICLE[:sentences]], "hash": turn}),
        )

    start, (few, many) = _measured(folder, "sentiment", variables, [article(FEW), article(MANY)])
    each = (many - few) / (MANY - FEW)
    return durations.Measured(
        start_ms=round(start), request_ms=round(few - FEW * each, 2), sentence_ms=round(each, 2)
    )


def _measured(
    folder: Path,
    function: str,
    variables: Mapping[str, str],
    events: list[Callable[[int], dict[str, Any]]],
) -> tuple[float, list[float]]:
    """Milliseconds from the process's start to its first answer, less a warm one; and of warm requests."""
    starts: list[float] = []
    warm: list[list[float]] = [[] for _ in events]
    for start in range(STARTS):
        with tempfile.TemporaryDirectory(prefix="foliolens-function-") as name, ExitStack() as stack:
            scratch = Path(name)
            # Where the function finds it: /tmp is its own.
            shutil.copytree(folder / "data", scratch / "stage" / "data", copy_function=os.link)
            started = stack.enter_context(
                running(
                    folder / f"{function}.zip",
                    f"foliolens.entrypoints.lambda_{function}.handler",
                    scratch,
                    {"FOLIOLENS_DATA": "/mnt/data", "FOLIOLENS_SENTIMENT_THREADS": "1", **variables},
                )
            )
            starts.append(_answered(started, events[0](-1)))
            for turn in range(REQUESTS):
                for times, event in zip(warm, events, strict=True):
                    times.append(_answered(started, event(start * REQUESTS + turn)))
    requests = [statistics.median(times) for times in warm]
    return max(0.0, statistics.median(starts) - requests[0]), requests


def _answered(function: LambdaFunction, event: Mapping[str, Any]) -> float:
    """Milliseconds until it answered."""
    begun = time.perf_counter()
    function.invoke(event)
    return (time.perf_counter() - begun) * 1000
