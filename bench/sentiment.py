"""Seconds for 1, 5 and 20 sentences, load time and memory: each engine beside its peers, in one run.

Peers, on the same random weights of FinBERT's size: the original service's pattern (transformers' pipeline
loaded anew for every request), the same pipeline kept warm, and a bare ONNX Runtime session on the tokens.
Those need the extra `finbert-export`; without it only the embedded model is measured. Each has a process of
its own and one thread.
"""

import asyncio
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.figures import Figure
from bench.sentiment_parity import ORDER, forms, random_finbert
from foliolens.adapters.inference.thread import ThreadInference
from foliolens.kit.capacity import Capacity
from foliolens.sentiment.cache import JudgementCache
from foliolens.sentiment.choice import EngineChoice
from foliolens.sentiment.installation import (
    EMBEDDED,
    FINBERT,
    TOKENIZER_FILE,
    embedded_folder,
    finbert_folder,
    read_installation,
)
from foliolens.sentiment.installing.exporting import missing_packages
from foliolens.sentiment.installing.placing import Candidate, place
from foliolens.sentiment.onnx_engine import OnnxEngine
from foliolens.sentiment.service import SentimentService
from foliolens.settings import SentimentSettings

__all__ = ["main"]

SIZES = (1, 5, 20)
RUNS = 9

_NEWS = (("rose", "Asia"), ("fell", "Europe"), ("slipped", "Poland"), ("grew", "India"))

# About 30 tokens each, as news have them.
ARTICLE = tuple(
    f"Operating profit of the group {verb} to EUR {year - 1990}.4 million from EUR {year - 1991}.1 million"
    f" in {year}, with demand in {place} as the main reason."
    for year, (verb, place) in enumerate(_NEWS * 5, start=1999)
)

Judge = Callable[[list[str]], object]
Measured = dict[str, float]


def reloading(folder: Path) -> Judge:
    """The original's pattern: everything loaded for the request."""

    def judge(texts: list[str]) -> object:
        return warm(folder)(texts)

    return judge


def warm(folder: Path) -> Judge:
    """The pipeline of transformers, loaded once, as the original does: by the name of the model's folder."""
    import torch  # noqa: PLC0415
    from transformers import pipeline  # noqa: PLC0415

    torch.set_num_threads(1)
    judge: Judge = pipeline("sentiment-analysis", model=str(folder), device="cpu")
    return judge


def bare_int8(folder: Path) -> Judge:
    """A session fed with tokens made beforehand, one sentence a call: what nothing around it can beat."""
    import numpy as np  # noqa: PLC0415
    import onnxruntime  # noqa: PLC0415
    import tokenizers  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(folder / "int8.onnx"), options, providers=["CPUExecutionProvider"]
    )
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    tokenizer.no_padding()
    inputs = {}
    for text in ARTICLE:
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        inputs[text] = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
    return lambda texts: [session.run(None, inputs[text]) for text in texts]


def ours(folder: Path, precision: str) -> Judge:
    """The product's engine on an installed form."""
    return OnnxEngine(read_installation(FINBERT, finbert_folder(folder / precision)), threads=1).judge


def int8(folder: Path) -> Judge:
    """FinBERT as it is installed where it passes the comparison."""
    return ours(folder, "int8")


def fp32(folder: Path) -> Judge:
    """FinBERT where it does not."""
    return ours(folder, "fp32")


def embedded(_: Path) -> Judge:
    """The model that comes with the installation."""
    return OnnxEngine(read_installation(EMBEDDED, embedded_folder()), threads=1).judge


def cached(folder: Path) -> Judge:
    """The whole service on an article it has judged before."""
    choice = EngineChoice(SentimentSettings(sentiment_model="embedded"), folder)
    service = SentimentService(
        ThreadInference(choice.judge),
        JudgementCache(1000),
        Capacity("sentiments", concurrent=1, waiting=0, patience=1),
    )
    loop = asyncio.new_event_loop()
    return lambda texts: loop.run_until_complete(service.judge([texts]))


def measure(load: Callable[[Path], Judge], folder: Path, results: "multiprocessing.Queue[Measured]") -> None:
    """Report the seconds of loading, of the first result, and the medians for each size; and the memory."""
    started = time.perf_counter()
    judge = load(folder)
    judge(list(ARTICLE[:1]))
    measured = {"first": time.perf_counter() - started}
    for size in SIZES:
        seconds = []
        for _ in range(RUNS):
            begun = time.perf_counter()
            judge(list(ARTICLE[:size]))
            seconds.append(time.perf_counter() - begun)
        measured[str(size)] = statistics.median(seconds)
    measured["memory"] = _resident_megabytes()
    results.put(measured)


def main() -> list[Figure]:
    """Measure every engine there is, each in a process of its own."""
    os.environ["OMP_NUM_THREADS"] = "1"
    kinds: dict[str, Callable[[Path], Judge]] = {"embedded": embedded, "article from cache": cached}
    with tempfile.TemporaryDirectory(prefix="foliolens-bench-") as name:
        folder = Path(name)
        if missing := missing_packages():
            print(f"without {', '.join(missing)}: the embedded model only", file=sys.stderr)
        else:
            random_finbert(folder)
            forms(folder)
            for precision in ("int8", "fp32"):
                model, tokenizer = folder / f"{precision}.onnx", folder / TOKENIZER_FILE
                place(Candidate(model, tokenizer, ORDER, precision), finbert_folder(folder / precision))
            kinds = {
                "transformers, reloaded": reloading,
                "transformers, warm": warm,
                "bare int8 session": bare_int8,
                "FinBERT fp32": fp32,
                "FinBERT int8": int8,
                **kinds,
            }
        measured = {kind: _in_a_process(load, folder) for kind, load in kinds.items()}
        starts = [] if missing else _starts(folder)
    return [*(_figure(kind, result, measured) for kind, result in measured.items()), *starts]


_ENGINE_ALONE = """
import sys
from pathlib import Path
from foliolens.sentiment.installation import FINBERT, finbert_folder, read_installation
from foliolens.sentiment.onnx_engine import OnnxEngine
engine = OnnxEngine(read_installation(FINBERT, finbert_folder(Path(sys.argv[1]))))
engine.judge([sys.argv[2]])
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")))
"""
_PIPELINE_ALONE = """
import sys
from transformers import pipeline
judge = pipeline("sentiment-analysis", model=sys.argv[1], device="cpu")
judge([sys.argv[2]])
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")))
"""


def _starts(folder: Path) -> list[Figure]:
    """From the start of a process to FinBERT's first result, modules compiled and files in the page cache."""
    data, text = str(folder / "int8"), ARTICLE[0]
    python = sys.executable
    theirs, their_memory = _run([python, "-c", _PIPELINE_ALONE, str(folder), text])
    engine, memory = _run([python, "-c", _ENGINE_ALONE, data, text])
    command, _ = _run([python, "-m", "foliolens.cli.main", "sentiment", text, "--data", data])
    peer = f"transformers {theirs:.2f} s, {their_memory} MB"
    return [
        Figure("FinBERT int8, process start to first result", f"{engine:.2f} s", peer, "0.6 s"),
        Figure("FinBERT int8, resident after it", f"{memory} MB", peer, "280 MB"),
        Figure("`foliolens sentiment` with FinBERT int8", f"{command:.2f} s", peer),
    ]


def _run(command: list[str]) -> tuple[float, int]:
    """Median seconds of running a program, and the resident MB it printed."""
    seconds, printed = [], ""
    for _ in range(RUNS):
        started = time.perf_counter()
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        seconds.append(time.perf_counter() - started)
    last = printed.split()[-1]
    return statistics.median(seconds), int(last) // 1024 if last.isdigit() else 0


def _in_a_process(load: Callable[[Path], Judge], folder: Path) -> Measured:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[Measured] = context.Queue()
    process = context.Process(target=measure, args=(load, folder, results))
    process.start()
    measured = results.get(timeout=600)
    process.join()
    return measured


def _figure(kind: str, result: Measured, measured: dict[str, Measured]) -> Figure:
    seconds = " / ".join(f"{1000 * result[str(size)]:.3g}" for size in SIZES)
    peers = [
        f"{' / '.join(f'{other[str(size)] / result[str(size)]:.3g}' for size in SIZES)} x {name}"
        for name, other in measured.items()
        if name != kind and kind in {"FinBERT int8", "embedded"} and name != "article from cache"
    ]
    value = f"{seconds} ms, load and first result {result['first']:.2f} s, {result['memory']:.0f} MB"
    return Figure(f"sentiment, {kind}: 1 / 5 / 20 sentences", value, "; ".join(peers))


def _resident_megabytes() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    print(*main(), sep="\n")
