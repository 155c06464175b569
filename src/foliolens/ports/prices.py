"""Daily prices by symbol: what a provider reports, what the store keeps, what analytics read.

Analytics never wait for a provider. They read a `PriceHistory`: what is stored now, what is missing and why,
and when asking again makes sense.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:  # numpy costs a cold start 0.1 s, and most who import this port read no prices
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "DailyPrice",
    "FetchFailure",
    "MissingReason",
    "PriceHistory",
    "PriceReader",
    "PriceSeries",
    "PriceStore",
    "SymbolState",
]

FetchFailure = Literal["UNKNOWN_SYMBOL", "PROVIDER_ERROR"]
"""Why a provider gave no prices: it does not know the symbol, or it did not answer as it should."""

MissingReason = Literal[
    "PENDING", "UNKNOWN_SYMBOL", "NO_PROVIDER", "PROVIDER_ERROR", "NOT_PRICED", "OUT_OF_RANGE"
]
"""Why a symbol has no prices: they are being fetched, nobody knows it, nobody was asked, asking failed, it
has no daily price (cash, an ISIN), or there are prices and none between the days asked for."""


_TOO_MUCH = 10**12


class DailyPrice(Struct, frozen=True):
    """One trading day of a symbol.

    Attributes:
        close: Last price of the day, in the symbol's currency, as traded.
        adjusted_close: The close adjusted for splits and dividends: what returns are computed from.
        volume: Shares traded; None where the source does not say.

    Raises:
        ValueError: A price is not above 0, or the volume is negative.
    """

    day: date
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal
    adjusted_close: Decimal
    volume: int | None

    def __post_init__(self) -> None:
        prices = (self.open, self.high, self.low, self.close, self.adjusted_close)
        if not all(price is None or (price.is_finite() and 0 < price < _TOO_MUCH) for price in prices):
            raise ValueError(f"{self.day}: a price is above 0 and below {_TOO_MUCH:,}")
        if self.volume is not None and self.volume < 0:
            raise ValueError(f"{self.day}: a volume is not negative")


class PriceSeries(Struct, frozen=True, eq=False):
    """The stored days of a symbol, ready for arithmetic.

    Attributes:
        days: Trading days, strictly increasing; shape (n,), dtype datetime64[D], n ≥ 1.
        adjusted: Adjusted closes, above 0; shape (n,), float64.
        last_close: The unadjusted close of the last day, exactly as reported: what a trade would cost.
        source: Who reported them, for people ("Tiingo", "file", ...).
        version: Another number whenever anything of the symbol was written, so results can be remembered.
    """

    symbol: str
    days: "NDArray[np.datetime64]"
    adjusted: "NDArray[np.float64]"
    last_close: Decimal
    source: str
    version: int


class PriceHistory(Struct, frozen=True):
    """What is known now of the symbols asked for; each is either in `series` or in `missing`.

    Attributes:
        series: By symbol.
        missing: Why, by symbol.
        retry_after: Seconds after which asking again makes sense; None where it would change nothing.
    """

    series: Mapping[str, PriceSeries]
    missing: Mapping[str, MissingReason]
    retry_after: int | None = None


class PriceReader(Protocol):
    """Reads stored prices, and has what is missing fetched in the background."""

    def read(self, symbols: Sequence[str], start: date, end: date) -> PriceHistory:
        """The days from `start` to `end`, both included, of each symbol; never waits for a provider.

        Prices can be old: the demo's end in 2022, a delisted company's when it left. Whoever wants "the last
        five years" therefore reads from `date.min` and counts back from the last day there is. That costs
        nothing more: what is stored of a symbol is held as a whole.
        """
        ...


class SymbolState(Struct, frozen=True):
    """What is stored of a symbol, and how asking for it went.

    Attributes:
        version: Of the prices, as in `PriceSeries`; 0 where there are none.
        last_day: The newest stored day; None where there are none.
        source: Who reported them; None where there are none.
        queued_at: When a fetch was queued that has not ended yet.
        asked_of: Which provider ended the last fetch, with prices or without; None before the first.
        asked_at: When it did.
        failure: Why it gave no prices; None where it gave some.
        failures: How many fetches in a row have failed.
        retry_at: After a failure, when asking again makes sense.
    """

    version: int = 0
    last_day: date | None = None
    source: str | None = None
    queued_at: datetime | None = None
    asked_of: str | None = None
    asked_at: datetime | None = None
    failure: FetchFailure | None = None
    failures: int = 0
    retry_at: datetime | None = None


class PriceStore(Protocol):
    """Keeps daily prices by symbol and day, and remembers who was asked for them.

    Symbols are compared as they are: their spelling is the caller's to settle.
    """

    def states(self, symbols: Sequence[str]) -> Mapping[str, SymbolState]:
        """The state of each symbol, in one cheap query; symbols never heard of are left out."""
        ...

    def read(self, symbols: Sequence[str], start: date, end: date) -> Mapping[str, PriceSeries]:
        """The stored days from `start` to `end` of each symbol; symbols without any are left out."""
        ...

    def days(self, symbol: str, start: date, end: date) -> list[DailyPrice]:
        """The stored days from `start` to `end` of one symbol in full, oldest first, as they were written."""
        ...

    def write(self, symbol: str, prices: Sequence[DailyPrice], source: str) -> None:
        """Store days of a symbol; a day that is there already is replaced."""
        ...

    def replace(self, symbol: str, prices: Sequence[DailyPrice], source: str) -> None:
        """Store the whole history of a symbol, at least one day, in place of the one that is there."""
        ...

    def claim(self, symbols: Sequence[str], now: datetime, lease: timedelta) -> list[str]:
        """Note that fetches are queued; returns the symbols of which none was queued within `lease`.

        Of several callers at the same time one gets a symbol, and queues its fetch.
        """
        ...

    def succeeded(self, symbol: str, provider: str, now: datetime) -> None:
        """Note that a fetch has ended, and the prices are stored."""
        ...

    def failed(
        self, symbol: str, provider: str, failure: FetchFailure, now: datetime, retry_at: datetime
    ) -> None:
        """Note that a fetch has ended without prices; what is stored stays."""
        ...

    def forget(self, asked_before: datetime) -> int:
        """Remove a hundred symbols, with their prices, that nobody wanted since; returns how many it were.

        Those are the ones that are not held and were last asked for before `asked_before`. Prices that no
        fetch has brought stay.
        """
        ...

    def list_held(self, symbols: Sequence[str], now: datetime) -> None:
        """Name the symbols that are held now, at least one, for `due`; the newest list counts."""
        ...

    def listed_at(self) -> datetime | None:
        """When `list_held` was last called."""
        ...

    def due(self, asked_before: datetime, now: datetime, lease: timedelta, limit: int) -> list[str]:
        """Held symbols that want a fetch, those longest without one first.

        They were last asked for before `asked_before` or never, or in vain and the time to retry has come;
        and no fetch of them was queued within `lease`.
        """
        ...
