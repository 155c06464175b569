"""Writes the prices of the demo account anew, from the data sets that the wheel of skfolio (BSD-3) brings.

Usage: `.venv/bin/python scripts/demo_prices.py`. See docs/data-cards/demo-prices.md.
"""

import csv
import gzip
import io
from importlib.resources import files
from pathlib import Path

FIRST_DAY = "2017-12-29"  # so that the first return is that of the first trading day of 2018
INDEX = {"SP500": "^GSPC"}  # the index has no ticker of its own in the data set; this is its usual one
TARGET = Path(__file__).parent.parent / "src/foliolens/market/demo/prices.csv.gz"


def main() -> None:
    """Join the three data sets on their dates, and keep the last five years."""
    tables = [_table(name) for name in ("sp500_dataset", "factors_dataset", "sp500_index")]
    days = sorted(day for day in tables[0] if day >= FIRST_DAY)
    columns = {symbol: INDEX.get(symbol, symbol) for table in tables for symbol in table[days[0]]}
    symbols = sorted(columns, key=columns.__getitem__)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["date", *(columns[symbol] for symbol in symbols)])
    for day in days:
        cells = {symbol: cell for table in tables for symbol, cell in table[day].items()}
        writer.writerow([day, *(cells[symbol] for symbol in symbols)])
    # Without a time, so that the same data give the same file.
    TARGET.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))


def _table(name: str) -> dict[str, dict[str, str]]:
    """A data set by day and symbol, its figures as they are written there."""
    packed = files("skfolio.datasets").joinpath("data", f"{name}.csv.gz").read_bytes()
    rows = csv.DictReader(io.StringIO(gzip.decompress(packed).decode()))
    return {row.pop("Date"): row for row in rows}


if __name__ == "__main__":
    main()
