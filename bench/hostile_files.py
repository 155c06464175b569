"""Seconds and peak memory of reading 1,000 hostile files, one after the other in one process.

The files are those of the tests. The peer is the same process reading ordinary files of 50 rows.
"""

import json
import statistics
import subprocess
import sys
import time

from bench.figures import Figure
from foliolens.uploads.reader import read

__all__ = ["main"]

FILES = 1000
RUNS = 3


def hostile() -> tuple[float, str, float]:
    """Read all files in a fresh process: the slowest one's seconds and name, and the peak in bytes."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.unit.csv_hostile.reading", str(FILES), "1"],
        capture_output=True,
        text=True,
        check=True,
    )
    *answers, memory = (json.loads(line) for line in finished.stdout.splitlines())
    slowest = max(answers, key=lambda answer: answer["seconds"])
    return slowest["seconds"], slowest["name"], memory["peak"]


def ordinary() -> float:
    """Seconds of one file of 50 rows; the median of 200."""
    rows = "".join(f"S{number:03},Company {number},stock,{1000 + number}.00\n" for number in range(50))
    content = f"Symbol,Name,Asset Type,Dollar Amount\n{rows}".encode()
    seconds = []
    for _ in range(200):
        started = time.perf_counter()
        assert len(read(content).holdings) == 50
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def main() -> list[Figure]:
    """Measure both."""
    runs = sorted(hostile() for _ in range(RUNS))
    seconds, name, _ = runs[RUNS // 2]
    peak = statistics.median(run[2] for run in runs)
    peer = f"an ordinary file of 50 rows {ordinary() * 1000:.1f} ms"
    return [
        Figure(f"slowest of {FILES:,} hostile files ({name})", f"{seconds:.2f} s", peer, "< 2 s"),
        Figure(f"peak memory over {FILES:,} hostile files", f"{peak / 2**20:.0f} MiB", "", "< 256 MiB"),
    ]


if __name__ == "__main__":
    print(*main(), sep="\n")
