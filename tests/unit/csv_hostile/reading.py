"""Reads hostile files in a process of its own, whose memory is that of the reader.

`python -m tests.unit.csv_hostile.reading COUNT SEED` prints a JSON object for each file (name, seconds, codes
of its errors, what is unclear about the answer), and at the end one with the peak memory in bytes.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from foliolens.uploads.reader import Reading, read, rejected_csv
from tests.unit.csv_hostile.files import hostile_files

__all__ = ["main"]


def unclear(reading: Reading) -> list[str]:
    """What an answer lacks: holdings or reasons, never both; a reason is a code, a message and a remedy."""
    lacking = []
    if bool(reading.holdings) is bool(reading.errors):
        lacking.append("holdings or errors, and not both")
    for issue in reading.errors:
        if not (issue.code and issue.message and issue.suggestion):
            lacking.append(f"message and suggestion: {issue}"[:300])
        if max(len(issue.message), len(issue.value or ""), len(issue.suggestion or "")) > 1000:
            lacking.append(f"brevity: {issue}"[:300])
    return lacking


def answer(name: str, content: bytes) -> dict[str, object]:
    """Read one file, and write its rejected rows, as the worker does."""
    started = time.perf_counter()
    reading = read(content)
    if reading.errors:
        rejected_csv([column.header for column in reading.columns], reading.rejected, reading.errors)
    return {
        "name": name,
        "seconds": time.perf_counter() - started,
        "codes": sorted({issue.code.value for issue in reading.errors}),
        "unclear": unclear(reading)[:3],
    }


def peak_memory() -> int:
    """The most memory this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux's ru_maxrss starts from that of the process which started this one.
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(count: int, seed: int) -> None:
    """Read all files."""
    for name, content in hostile_files(count, seed):
        _tell(answer(name, content))
    _tell({"peak": peak_memory()})


def _tell(fact: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(fact) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
