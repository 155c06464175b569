"""`models pull finbert`: from the hub's files to an installed model."""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from foliolens.sentiment.engine import ModelUnusable
from foliolens.sentiment.installation import (
    FINBERT,
    TOKENIZER_FILE,
    Installation,
    finbert_folder,
    read_installation,
    verify,
)
from foliolens.sentiment.installing.gate import Comparison, check_sentences, compare
from foliolens.sentiment.installing.hub import Hub, HubFile, HubProblem, OnBytes
from foliolens.sentiment.installing.placing import Candidate, place
from foliolens.sentiment.models import Label
from foliolens.sentiment.onnx_engine import OnnxEngine

__all__ = ["REPOSITORY", "Pulled", "alone", "best_of", "downloaded", "labels_of", "published", "pull"]

REPOSITORY = "Xenova/finbert"
"""FinBERT (ProsusAI/finbert) as ONNX files, int8 and fp32."""

_INT8 = "onnx/model_quantized.onnx"
_FP32 = "onnx/model.onnx"
_CONFIG = "config.json"
_SPARE_BYTES = 50_000_000

OnStep = Callable[[str], None]
"""Told what is done next, one line."""


class Pulled(Struct, frozen=True):
    """What a pull did.

    Attributes:
        installation: The model that is installed now.
        comparison: Of the smaller form with fp32; None where nothing was to do.
    """

    installation: Installation
    comparison: Comparison | None


def pull(data: Path, hub: Hub, on_bytes: OnBytes, on_step: OnStep) -> Pulled:
    """Download FinBERT, compare its int8 form with fp32, and install the one that may be used.

    Args:
        data: The data folder.
        hub: Where from.
        on_bytes: Told of the download's progress.
        on_step: Told of the steps.

    Raises:
        HubProblem: The files cannot be had; what is there of them stays for the next attempt.
        ModelUnusable: What the hub has is no such model.
        OSError: No space or no permission.
    """
    with alone(data) as staging:
        files, source = published(hub, REPOSITORY, (_CONFIG, TOKENIZER_FILE, _INT8, _FP32), on_step)
        present = _present(data, source)
        if present is not None:
            return Pulled(present, None)
        downloaded(hub, files, staging, on_bytes)
        labels = labels_of(staging / _CONFIG)
        int8 = Candidate(staging / _INT8, staging / TOKENIZER_FILE, labels, "int8", {"source": source})
        fp32 = Candidate(staging / _FP32, staging / TOKENIZER_FILE, labels, "fp32", {"source": source})
        on_step("Comparing int8 with fp32 on the check sentences ...")
        chosen, comparison = best_of([lambda: int8], fp32)
        installation = place(chosen, finbert_folder(data))
        shutil.rmtree(staging)
        return Pulled(installation, comparison)


@contextmanager
def alone(data: Path) -> Iterator[Path]:
    """The folder for what is downloaded, while nobody else works there.

    Raises:
        HubProblem: Another command does.
    """
    models = data / "models"
    models.mkdir(parents=True, exist_ok=True)
    with (models / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HubProblem("Another `foliolens models pull` is running.") from error
        staging = models / ".download"
        staging.mkdir(exist_ok=True)
        yield staging


def published(
    hub: Hub, repository: str, paths: Sequence[str], on_step: OnStep
) -> tuple[list[HubFile], dict[str, object]]:
    """What the hub has of some files, and what a manifest says of where a model came from.

    Raises:
        HubProblem: It does not have one of them, or cannot be reached.
    """
    on_step(f"Asking for {repository} ...")
    files = [hub.look_up(repository, path) for path in paths]
    return files, {"repository": repository, "files": {file.path: file.digest for file in files}}


def downloaded(hub: Hub, files: list[HubFile], staging: Path, on_bytes: OnBytes) -> None:
    """Have every file, complete and checked, under its path in the staging folder.

    Raises:
        HubProblem: One cannot be had, or they do not fit on the disk.
    """
    staging.mkdir(exist_ok=True)
    missing = sum(file.size for file in files if not (staging / file.path).exists())
    needed = missing + max(file.size for file in files)  # the one that is chosen is written once more
    free = shutil.disk_usage(staging).free
    if free < needed + _SPARE_BYTES:
        raise HubProblem(f"{needed / 1e6:.0f} MB are needed, and {staging} has {free / 1e6:.0f} MB free.")
    for file in files:
        target = staging / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        hub.fetch(file, target, on_bytes)


def labels_of(config: Path) -> tuple[Label, ...]:
    """The labels in the order of the model's outputs, as its config.json states them.

    Raises:
        ModelUnusable: They are not positive, neutral and negative.
    """
    try:
        names: dict[str, Any] = json.loads(config.read_text(encoding="utf-8"))["id2label"]
        labels = tuple(Label(names[str(place)].lower()) for place in range(len(names)))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise _unexpected() from error
    if set(labels) != set(Label) or len(labels) != len(Label):
        raise _unexpected()
    return labels


def best_of(smaller: list[Callable[[], Candidate]], fp32: Candidate) -> tuple[Candidate, Comparison]:
    """The first of the smaller forms that passes the comparison with fp32, else fp32.

    Args:
        smaller: Make them, the fastest first; the next is made only where the one before fails.
        fp32: The exact form.

    Returns:
        The choice, with the comparison in its facts, and the last comparison made.
    """
    checks = check_sentences()
    exact = OnnxEngine(fp32.opened())
    for make in smaller:
        candidate = make()
        comparison = compare(OnnxEngine(candidate.opened()), exact, checks)
        if comparison.passed:
            return _with(candidate, comparison), comparison
    return _with(fp32, comparison), comparison


def _with(candidate: Candidate, comparison: Comparison) -> Candidate:
    facts = {
        "comparison": {
            "sentences": comparison.sentences,
            "equalLabels": round(comparison.equal, 4),
            "pointsLost": round(comparison.points_lost, 2),
            "passed": comparison.passed,
        }
    }
    return Candidate(
        candidate.model,
        candidate.tokenizer,
        candidate.labels,
        candidate.precision,
        candidate.facts | facts,
    )


def _present(data: Path, source: dict[str, object]) -> Installation | None:
    try:
        installation = read_installation(FINBERT, finbert_folder(data))
        verify(installation)
    except ModelUnusable:
        return None
    return installation if installation.manifest.get("source") == source else None


def _unexpected() -> ModelUnusable:
    return ModelUnusable(FINBERT, "config.json names other labels.", "Check FOLIOLENS_MODEL_MIRROR.")
