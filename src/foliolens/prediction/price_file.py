"""A file of daily prices as the engines take it: date, open, high, low, close, volume, adjClose."""

import csv
import math
from collections.abc import Iterable
from datetime import date

import numpy as np

from foliolens.prediction.models import LEAST_DAYS, MOST_DAYS, MarketDays, Sentiment

__all__ = ["PriceFileError", "read_price_file"]

_NEEDED = ("date", "close", "volume")


class PriceFileError(ValueError):
    """The file is not one of daily prices; the message says where and how to mend it."""


def read_price_file(ticker: str, lines: Iterable[str]) -> MarketDays:
    """Read prices in any order of days; news counts as none.

    Returns are those of `adjClose` where every row has it, so that a split is no crash, else of `close`.

    Args:
        ticker: Whose prices.
        lines: The lines of a CSV file with a header; of more than 10,000 days the newest are taken.

    Raises:
        PriceFileError: A column is missing, a cell is no date or no sound number, a day comes twice.
    """
    reader = csv.DictReader(lines)
    try:
        header = {name.strip().casefold(): name for name in reader.fieldnames or () if name}
        missing = [name for name in _NEEDED if name not in header]
        if missing:
            raise PriceFileError(f"There is no column {missing[0]}: the header names date, close and volume.")
        adjusted = header.get("adjclose")
        days: dict[date, tuple[float, float | None, float]] = {}
        for row in reader:
            day = _day(row[header["date"]], reader.line_num)
            if day in days:
                raise PriceFileError(f"Line {reader.line_num}: {day} comes twice: keep one row a day.")
            close = _number(row[header["close"]], "close", reader.line_num)
            volume = _number(row[header["volume"]], "volume", reader.line_num)
            if close <= 0 or volume < 0:
                raise PriceFileError(f"Line {reader.line_num}: close is above 0, volume is not negative.")
            days[day] = (close, _adjusted(row, adjusted, reader.line_num), volume)
    except csv.Error as error:
        raise PriceFileError(f"Line {reader.line_num}: {error}.") from error
    if not days:
        raise PriceFileError(f"There is no row of prices: at least {LEAST_DAYS} are needed.")
    newest = [days[day] for day in sorted(days, reverse=True)[:MOST_DAYS]]
    complete = all(price is not None for _, price, _ in newest)
    closes = [price if complete and price is not None else close for close, price, _ in newest]
    none = np.zeros(len(newest))
    return MarketDays(
        ticker=ticker,
        close=np.array(closes),
        volume=np.array([volume for _, _, volume in newest]),
        positive=none,
        negative=none,
        sentiment=Sentiment("classes", none),
    )


def _adjusted(row: dict[str, str], column: str | None, line: int) -> float | None:
    text = row[column] if column is not None else None
    if not text or not text.strip():
        return None
    price = _number(text, "adjClose", line)
    if price <= 0:
        raise PriceFileError(f"Line {line}: adjClose is above 0.")
    return price


def _day(text: str | None, line: int) -> date:
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        raise PriceFileError(f"Line {line}: {text!r} is no date: write it as in 2025-01-31.") from None


def _number(text: str | None, column: str, line: int) -> float:
    try:
        value = float((text or "").strip())
    except ValueError:
        value = math.nan
    if not abs(value) <= 1e15:  # false for NaN as well
        raise PriceFileError(f"Line {line}: {column} is {text!r}: write a number as in 1234.5.")
    return value
