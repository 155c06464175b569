"""Prices, descriptions and search on request: what a provider knows, read through the shared cache."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import msgspec

from foliolens.kit import json
from foliolens.market.lifetimes import (
    DESCRIPTION,
    ENDED_PRICES,
    RUNNING,
    SEARCH,
    Lifetime,
    trading_date,
)
from foliolens.market.reading import Reader, Reading, digest
from foliolens.market.telling import told
from foliolens.ports.clock import Clock
from foliolens.ports.market import (
    Day,
    PriceProvider,
    ProviderStatus,
    ProviderUnavailable,
)
from foliolens.ports.prices import DailyPrice

__all__ = ["MarketService"]


class MarketService:
    """Answers about tickers.

    Tickers are in upper case and checked. What is returned as a body is JSON in the provider's shape.

    Args:
        prices: Knows prices.
        reader: Reads through the cache.
        clock: Tells which days are past.
        seconds: What a request waits for a provider.
        background_seconds: What a job waits for one.
    """

    def __init__(
        self,
        prices: PriceProvider,
        reader: Reader,
        clock: Clock,
        *,
        seconds: float,
        background_seconds: float,
    ) -> None:
        self._prices = prices
        self._reader = reader
        self._clock = clock
        self._seconds = seconds
        self._background_seconds = background_seconds

    def prices(self, ticker: str, start: date | None, end: date | None) -> Reading:
        """The days from `start` to `end`: a list of `Day`; without both, the latest day.

        Raises:
            TickerNotFound: The provider does not know the ticker.
            ProviderError: It did not answer as it should, and nothing is cached.
            ServiceUnavailable: It could not be asked, and nothing is cached.
        """
        with told(ticker, "ticker"):
            return self._prices_within(ticker, start, end, self._seconds)

    def describe(self, ticker: str) -> Reading:
        """What a ticker is: a `Description`; raises as `prices`."""

        def fetch(within: float) -> bytes:
            return json.encode(self._prices.describe(ticker, within))

        with told(ticker, "ticker"):
            return self._read_prices(f"description/{ticker}", fetch, DESCRIPTION, self._seconds)

    def search(self, query: str) -> Reading:
        """The tickers that match: a list of `Match`; raises as `prices`."""
        wanted = " ".join(query.lower().split())

        def fetch(within: float) -> bytes:
            return json.encode(self._prices.search(wanted, within))

        with told(query, "query"):
            return self._read_prices(f"search/{digest(wanted)}", fetch, SEARCH, self._seconds)

    def daily_prices(self, ticker: str, start: date, end: date) -> list[DailyPrice]:
        """The same as `prices` for our own use in the background: with more time, and never stale.

        Returns:
            The days, ascending; none where the provider knows the ticker and no day between.

        Raises:
            TickerNotFound: The provider does not know the ticker.
            ProviderError: It did not answer as it should.
            ServiceUnavailable: It could not be asked.
        """
        with told(ticker, "ticker"):
            reading = self._prices_within(ticker, start, end, self._background_seconds, stale_allowed=False)
        return [_daily_price(day) for day in _DAYS.decode(reading.body)]

    def status(self) -> ProviderStatus:
        """How the provider is doing."""
        return self._prices.status()

    def _prices_within(
        self, ticker: str, start: date | None, end: date | None, within: float, *, stale_allowed: bool = True
    ) -> Reading:
        def fetch(seconds: float) -> bytes:
            return json.encode(self._prices.prices(ticker, start, end, seconds))

        ended = end is not None and end < trading_date(self._clock.now())
        return self._read_prices(
            f"prices/{ticker}/{start or ''}/{end or ''}",
            fetch,
            ENDED_PRICES if ended else RUNNING,
            within,
            stale_allowed=stale_allowed,
        )

    def _read_prices(
        self,
        key: str,
        fetch: Callable[[float], bytes],
        lifetime: Lifetime,
        within: float,
        *,
        stale_allowed: bool = True,
    ) -> Reading:
        if not self._prices.cacheable:
            try:
                return Reading(fetch(within), "MISS")
            except ProviderUnavailable:
                pass  # the cache may still hold what a provider with a key once answered
        return self._reader.read(key, fetch, lifetime, within, stale_allowed=stale_allowed)


_DAYS = msgspec.json.Decoder(list[Day])


def _daily_price(day: Day) -> DailyPrice:
    return DailyPrice(
        day=date.fromisoformat(day.date[:10]),
        open=_decimal(day.open),
        high=_decimal(day.high),
        low=_decimal(day.low),
        close=Decimal(day.close),
        adjusted_close=Decimal(day.adj_close),
        volume=None if day.volume is None else int(day.volume),
    )


def _decimal(number: Decimal | int | None) -> Decimal | None:
    """A price; a provider's 0 says that there was none, as of funds that have a close only."""
    return Decimal(number) if number else None
