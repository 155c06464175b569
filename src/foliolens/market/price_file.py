"""A file of daily prices: date, open, high, low, close, volume, adjClose; columns and days in any order."""

import csv
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

from foliolens.ports.prices import DailyPrice

__all__ = ["PriceFileError", "load_price_file", "read_price_file"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_MOST_BYTES = 16 * 1024 * 1024


class PriceFileError(ValueError):
    """The file is not one of daily prices; the message says where and how to mend it."""


def load_price_file(path: Path) -> list[DailyPrice]:
    """Read a file of prices, oldest day first.

    Raises:
        PriceFileError: It is too large, no UTF-8, or what `read_price_file` refuses.
        OSError: It cannot be read.
    """
    with path.open("rb") as opened:
        content = opened.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise PriceFileError("The file is larger than 16 MB: keep the newest 10,000 days.")
    try:
        return read_price_file(content.decode("utf-8-sig").splitlines())
    except UnicodeDecodeError as error:
        raise PriceFileError("The file is not UTF-8 text: save it as CSV in UTF-8.") from error


def read_price_file(lines: Iterable[str]) -> list[DailyPrice]:
    """Read prices, oldest day first.

    `date` and `close` are needed. Without `adjClose` closes count as adjusted; it is there in all rows or in
    none, for a mixture would show a crash where a split was.

    Args:
        lines: The lines of a CSV file with a header.

    Raises:
        PriceFileError: A column is missing, a cell is no date or no sound number, a day comes twice.
    """
    reader = csv.reader(lines)
    try:
        columns = _columns(next(reader, []))
        days: dict[date, DailyPrice] = {}
        for cells in reader:
            if not cells:
                continue
            price = _price(columns, cells, reader.line_num)
            if price.day in days:
                raise PriceFileError(f"Line {reader.line_num}: {price.day} comes twice: keep one row a day.")
            days[price.day] = price
    except csv.Error as error:
        raise PriceFileError(f"Line {reader.line_num}: {error}.") from error
    if not days:
        raise PriceFileError("There is no row of prices.")
    return [days[day] for day in sorted(days)]


def _columns(header: list[str]) -> dict[str, int]:
    """Where each column is, by its name in small letters without spaces."""
    columns: dict[str, int] = {}
    for place, name in enumerate(header):
        key = name.casefold().replace(" ", "").replace("_", "")
        if key in columns:
            raise PriceFileError(f"The column {name.strip()} comes twice: keep one of them.")
        columns[key] = place
    for needed in ("date", "close"):
        if needed not in columns:
            raise PriceFileError(f"There is no column {needed}: the header names at least date and close.")
    return columns


def _price(columns: dict[str, int], cells: list[str], line: int) -> DailyPrice:
    if len(cells) > len(columns):
        raise PriceFileError(f"Line {line}: there are more cells than the header names: remove the others.")

    def text(column: str) -> str:
        place = columns.get(column.casefold(), len(cells))
        return cells[place].strip() if place < len(cells) else ""

    def price(column: str) -> Decimal | None:
        return _number(text(column), column, line) if text(column) else None

    close = _number(text("close"), "close", line)
    adjusted = price("adjClose")
    if adjusted is None and "adjclose" in columns:
        raise PriceFileError(
            f"Line {line}: adjClose is missing: fill it in in every row, or remove the column."
        )
    day, volume = _day(text("date"), line), _volume(text("volume"), line)
    try:
        return DailyPrice(
            day=day,
            open=price("open"),
            high=price("high"),
            low=price("low"),
            close=close,
            adjusted_close=close if adjusted is None else adjusted,
            volume=volume,
        )
    except ValueError as error:
        raise PriceFileError(f"Line {line}: {error}.") from error


def _day(text: str, line: int) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise PriceFileError(f"Line {line}: {text!r} is no date: write it as in 2025-01-31.") from None


def _number(text: str, column: str, line: int) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise PriceFileError(f"Line {line}: {column} is {text!r}: write a number as in 1234.5.")
    return Decimal(text)


def _volume(text: str, line: int) -> int | None:
    if not text:
        return None
    volume = _number(text, "volume", line)
    if volume != volume.to_integral_value() or abs(volume) >= 10**15:
        raise PriceFileError(f"Line {line}: volume is {text!r}: write a whole number of shares.")
    return int(volume)
