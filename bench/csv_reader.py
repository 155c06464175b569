"""Rows per second and peak memory of the CSV reader on a 10 MB file, beside a bare loop in the same run.

Run with `python -m bench csv_reader`. The bare loop is what nobody can go below in Python: `csv.reader`
and one `Decimal` for each number, nothing checked. Each measurement has a process of its own, so that
the peak memory is its own too.
"""

import csv
import io
import multiprocessing
import time
from collections.abc import Callable
from decimal import Decimal

from tests.unit.csv_hostile.reading import peak_memory

from foliolens.holdings.rules import Rules
from foliolens.uploads.reader import ReadOptions, read

ROWS = 200_000


def ten_megabytes() -> bytes:
    """Return a file of 200,000 rows and five columns, about 10 MB."""
    lines = ["Symbol,Name,Asset Type,Allocation %,Dollar Amount"]
    lines += [
        f"S{number:06},Company number {number:06},stock,0.00,{1000 + number % 9000}.{number % 100:02}"
        for number in range(ROWS)
    ]
    return "\n".join(lines).encode()


def read_all(content: bytes) -> int:
    """Parse and validate, as a dry run does."""
    options = ReadOptions(rules=Rules(max_holdings=ROWS, override_business_rules=True))
    reading = read(content, options)
    assert not reading.errors, reading.errors[:3]
    return len(reading.holdings)


def bare_loop(content: bytes) -> int:
    """Parse alone: cells, and two decimals a row."""
    rows = csv.reader(io.StringIO(content.decode(), newline=""))
    next(rows)
    return len([(row[0], row[1], row[2], Decimal(row[3]), Decimal(row[4])) for row in rows])


def measure(
    job: Callable[[bytes], int], content: bytes, results: "multiprocessing.Queue[tuple[float, float, int]]"
) -> None:
    """Report wall and processor seconds of the best of three runs, and the process's peak memory in bytes."""
    seconds = []
    for _ in range(3):
        wall, processor = time.perf_counter(), time.process_time()
        count = job(content)
        seconds.append((time.perf_counter() - wall, time.process_time() - processor))
        assert count == ROWS
    results.put((*min(seconds), peak_memory()))


def main() -> None:
    """Measure both and print a line for each."""
    content = ten_megabytes()
    context = multiprocessing.get_context("spawn")
    print(f"{len(content) / 1e6:.1f} MB, {ROWS:,} rows, best of 3")
    for name, job in (("csv.reader + Decimal", bare_loop), ("foliolens reader", read_all)):
        results = context.Queue()
        process = context.Process(target=measure, args=(job, content, results))
        process.start()
        wall, processor, peak = results.get()
        process.join()
        print(
            f"{name:22} {ROWS / wall:>9,.0f} rows/s ({ROWS / processor:,.0f} a processor second)"
            f"  {wall:.2f} s  peak {peak / 2**20:.0f} MiB"
        )


if __name__ == "__main__":
    main()
