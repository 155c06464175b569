"""What a machine without a provider's key knows of prices: the files of its folder, then what is stored."""

from collections.abc import Callable, Sequence
from datetime import date

from foliolens.market.history import SourceUnavailable
from foliolens.market.price_folder import PriceFolder
from foliolens.market.symbols import stored_spelling
from foliolens.ports.market import Day, Description, Match, ProviderFailed, ProviderPaused, ProviderStatus
from foliolens.ports.prices import DailyPrice, PriceStore
from foliolens.reference.table import lookup
from foliolens.reference.taxonomy import AssetType

__all__ = ["LocalPrices"]

_LATER = 3600
_MOST_MATCHES = 100
_ASSET_TYPES = {AssetType.STOCK: "Stock", AssetType.REIT: "Stock", AssetType.ETF: "ETF"}


class LocalPrices:
    """See `PriceProvider`; it asks nobody.

    Args:
        folder: Of price files.
        store: Where prices are; the demo's are in no file.
        stored_symbols: The symbols that have prices there.
        advice: Which setting names a key.
    """

    name = "file"
    cacheable = False

    def __init__(
        self,
        folder: PriceFolder,
        store: PriceStore,
        stored_symbols: Callable[[], Sequence[str]],
        advice: str,
    ) -> None:
        self._folder = folder
        self._store = store
        self._stored_symbols = stored_symbols
        self._advice = advice

    def prices(self, ticker: str, start: date | None, end: date | None, within: float) -> list[Day]:  # noqa: ARG002
        """The days from `start` to `end`; the latest day where both are None."""
        days = self._days(ticker)
        if start is None and end is None:
            return [_day(days[-1])]
        first, last = start or date.min, end or date.max
        return [_day(price) for price in days if first <= price.day <= last]

    def describe(self, ticker: str, within: float) -> Description:  # noqa: ARG002
        """The name, where the reference table has it, and the first and last day."""
        days = self._days(ticker)
        known = lookup(ticker)
        return Description(
            ticker=ticker,
            name=None if known is None else known.name,
            start_date=days[0].day.isoformat(),
            end_date=days[-1].day.isoformat(),
        )

    def search(self, query: str, within: float) -> list[Match]:  # noqa: ARG002
        """Symbols with prices here whose symbol or name holds the query; those that begin with it first."""
        wanted = query.casefold()
        found = []
        for symbol in sorted({*self._folder.symbols(), *self._stored_symbols()}):
            known = lookup(symbol)
            name = "" if known is None else known.name
            if wanted in symbol.casefold() or wanted in name.casefold():
                kind = None if known is None else _ASSET_TYPES.get(known.type)
                found.append(Match(ticker=symbol, name=name or None, asset_type=kind))
        found.sort(key=lambda match: not match.ticker.casefold().startswith(wanted))
        return found[:_MOST_MATCHES]

    def status(self) -> ProviderStatus:
        """No key."""
        return ProviderStatus(name=self.name, configured=False)

    def _days(self, ticker: str) -> Sequence[DailyPrice]:
        symbol = stored_spelling(ticker)
        if self._folder.offers(symbol):
            try:
                return self._folder.fetch(symbol, None)
            except SourceUnavailable as error:
                raise ProviderFailed(f"{error}", _LATER) from error
        days = self._store.days(symbol, date.min, date.max)
        if not days:
            raise ProviderPaused(
                f"There are no prices of {ticker} here, and nobody to ask: {self._advice}.", _LATER
            )
        return days


def _day(price: DailyPrice) -> Day:
    return Day(
        date=f"{price.day}T00:00:00.000Z",
        open=price.open,
        high=price.high,
        low=price.low,
        close=price.close,
        volume=price.volume,
        adj_close=price.adjusted_close,
    )
