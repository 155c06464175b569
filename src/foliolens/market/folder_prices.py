"""Prices straight from the files of a folder, for commands that run without a server and its store."""

from collections.abc import Sequence
from datetime import date

from foliolens.market.history import SourceUnavailable
from foliolens.market.price_folder import PriceFolder
from foliolens.market.symbols import is_priced, stored_spelling
from foliolens.ports.prices import DailyPrice, MissingReason, PriceHistory, PriceSeries

__all__ = ["FolderPrices"]


class FolderPrices:
    """See `PriceReader`; it has nothing fetched.

    Args:
        folder: Of price files.
    """

    def __init__(self, folder: PriceFolder) -> None:
        self._folder = folder

    def read(self, symbols: Sequence[str], start: date, end: date) -> PriceHistory:
        """The days from `start` to `end`, both included, of each symbol that has a file."""
        series: dict[str, PriceSeries] = {}
        missing: dict[str, MissingReason] = {}
        for symbol in symbols:
            found = self._series(symbol, start, end)
            if isinstance(found, PriceSeries):
                series[symbol] = found
            else:
                missing[symbol] = found
        return PriceHistory(series, missing)

    def _series(self, symbol: str, start: date, end: date) -> PriceSeries | MissingReason:
        spelling = stored_spelling(symbol)
        if not is_priced(spelling):
            return "NOT_PRICED"
        if not self._folder.offers(spelling):
            return "NO_PROVIDER"
        try:
            prices = self._folder.fetch(spelling, start)
        except SourceUnavailable:
            return "PROVIDER_ERROR"
        within = sorted((price for price in prices if price.day <= end), key=lambda price: price.day)
        return _series_of(symbol, within, self._folder.name) if within else "OUT_OF_RANGE"


def _series_of(symbol: str, prices: Sequence[DailyPrice], source: str) -> PriceSeries:
    import numpy as np  # noqa: PLC0415 - for commands that read prices

    return PriceSeries(
        symbol=symbol,
        days=np.array([price.day for price in prices], dtype="datetime64[D]"),
        adjusted=np.array([price.adjusted_close for price in prices], dtype=np.float64),
        last_close=prices[-1].close,
        source=source,
        version=1,
    )
