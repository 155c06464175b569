"""Real adjusted closes that come with the installation, for the demo account and for tests.

20 large US stocks, the factor funds MTUM, QUAL, SIZE, USMV and VLUE, and the S&P 500 as `^GSPC` (the index
itself, without dividends: no fund). 1,258 trading days from 2017-12-29 to 2022-12-28. Where they come from
and what they are not: docs/data-cards/demo-prices.md.
"""

import csv
import gzip
import io
from datetime import date
from decimal import Decimal
from importlib.resources import files

from foliolens.ports.prices import DailyPrice, PriceSeries

__all__ = ["DEMO_BENCHMARK", "DEMO_SOURCE", "demo_prices", "demo_series"]

DEMO_SOURCE = "Sample data of skfolio"
"""Who reported them, as it is shown beside every price."""

DEMO_BENCHMARK = "^GSPC"
"""The S&P 500 index; it stands in for a fund, of which there are no prices here."""


def demo_prices() -> dict[str, list[DailyPrice]]:
    """The days of each symbol, oldest first.

    Only adjusted closes are known: `close` is the same number, and there is no volume.
    """
    days, columns = _table()
    return {
        symbol: [_daily_price(day, Decimal(cell)) for day, cell in zip(days, cells, strict=True)]
        for symbol, cells in columns.items()
    }


def demo_series() -> dict[str, PriceSeries]:
    """The same as series, as a store would answer."""
    import numpy as np  # noqa: PLC0415 - costs whoever lists the demo's symbols 0.1 s

    days, columns = _table()
    calendar = np.array(days, dtype="datetime64[D]")
    return {
        symbol: PriceSeries(
            symbol=symbol,
            days=calendar,
            adjusted=np.array(cells, dtype=np.float64),
            last_close=Decimal(cells[-1]),
            source=DEMO_SOURCE,
            version=1,
        )
        for symbol, cells in columns.items()
    }


def _table() -> tuple[list[date], dict[str, list[str]]]:
    """The days, and the cells of each symbol."""
    packed = files("foliolens.market.demo").joinpath("prices.csv.gz").read_bytes()
    header, *rows = csv.reader(io.StringIO(gzip.decompress(packed).decode()))
    dates, *columns = zip(*rows, strict=True)
    return list(map(date.fromisoformat, dates)), dict(zip(header[1:], map(list, columns), strict=True))


def _daily_price(day: date, close: Decimal) -> DailyPrice:
    return DailyPrice(day=day, open=None, high=None, low=None, close=close, adjusted_close=close, volume=None)
