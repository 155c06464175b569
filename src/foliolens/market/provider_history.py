"""A provider's end-of-day prices as a source of the store."""

from collections.abc import Sequence
from datetime import date, timedelta

from foliolens.errors import ProviderError, ServiceUnavailable, TickerNotFound
from foliolens.market.history import SourceUnavailable, SymbolUnknown
from foliolens.market.nightly_provider import NightlyProvider
from foliolens.market.service import MarketService
from foliolens.ports.clock import Clock
from foliolens.ports.prices import DailyPrice

__all__ = ["HISTORY", "ProviderHistory"]

HISTORY = timedelta(days=6 * 366)
"""Five years are compared; the sixth is what remains of them when a symbol is not asked for in months."""


class ProviderHistory(NightlyProvider):
    """See `HistorySource`.

    Args:
        market: Asks the provider.
        name: Of the provider, for people.
        clock: Tells the time.
    """

    unknown_for = timedelta(days=7)

    def __init__(self, market: MarketService, name: str, clock: Clock) -> None:
        super().__init__(name)
        self._market = market
        self._clock = clock

    def fetch(self, symbol: str, start: date | None) -> Sequence[DailyPrice]:
        """The days from `start` on; without it six years.

        Raises:
            SymbolUnknown: The provider does not know the symbol.
            SourceUnavailable: It was not asked, or gave no answer that can be used.
        """
        today = self._clock.now().date()
        try:
            return self._market.daily_prices(symbol, start or today - HISTORY, today)
        except TickerNotFound as error:
            raise SymbolUnknown(symbol) from error
        except (ProviderError, ServiceUnavailable) as error:
            raise SourceUnavailable(error.message, retry_after=float(error.headers["Retry-After"])) from error
        except ValueError as error:  # a day that is none
            raise SourceUnavailable(f"{symbol}: {error}") from error
