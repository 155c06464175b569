"""Seconds from the command to the first answered request: on a fresh data folder, and again.

Beside them the command line alone, and what no Python web application can go below: the interpreter with
FastAPI imported.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.api.conftest import command, free_port, start_server, stop_server

from bench.figures import Figure

__all__ = ["main"]

RUNS = 5


def served(data: Path) -> float:
    """Seconds until a server on this folder answers."""
    started = time.perf_counter()
    server = start_server(data, free_port())
    seconds = time.perf_counter() - started
    stop_server(server)
    return seconds


def finished(*arguments: str) -> float:
    """Seconds of a command; the median of several."""
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def main() -> list[Figure]:
    """Measure all of it."""
    first, second = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(prefix="foliolens-bench-") as folder:
            first.append(served(Path(folder, "data")))
            second.append(served(Path(folder, "data")))
    interpreter = finished(sys.executable, "-c", "pass")
    fastapi = finished(sys.executable, "-c", "import fastapi")
    version = finished(*command("--version"))
    peer = f"`import fastapi` {fastapi:.2f} s"
    return [
        Figure("first start, to the first answer", f"{statistics.median(first):.2f} s", peer),
        Figure("second start, to the first answer", f"{statistics.median(second):.2f} s", peer, "< 5 s"),
        Figure("`foliolens --version`", f"{version:.2f} s", f"bare interpreter {interpreter:.2f} s"),
    ]


if __name__ == "__main__":
    print(*main(), sep="\n")
