"""Daily prices by symbol: what a provider reports, what the store keeps, what analytics read.

Analytics never wait for a provider. They read a `PriceHistory`: what is stored now, what is missing and why,
and when asking again makes sense.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:  # numpy costs a cold start 0.1 s, and most who import this port read no prices
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "DailyPrice",
    "MissingReason",
    "NoPrices",
    "PriceHistory",
    "PriceReader",
    "PriceSeries",
    "PriceStore",
]

MissingReason = Literal["PENDING", "UNKNOWN_SYMBOL", "NO_PROVIDER", "PROVIDER_ERROR"]
"""Why a symbol has no prices: they are being fetched, nobody knows it, nobody was asked, or asking failed."""


@dataclass(frozen=True, slots=True)
class DailyPrice:
    """One trading day of a symbol.

    Attributes:
        close: Last price of the day, in the symbol's currency, as traded.
        adjusted_close: The close adjusted for splits and dividends: what returns are computed from.
        volume: Shares traded; None where the source does not say.
    """

    day: date
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    close: Decimal
    adjusted_close: Decimal
    volume: int | None


@dataclass(frozen=True, slots=True, eq=False)
class PriceSeries:
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


@dataclass(frozen=True, slots=True)
class PriceHistory:
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
        """The days from `start` to `end`, both included, of each symbol; never waits for a provider."""
        ...


class NoPrices:
    """The reader where prices are not to be had: every symbol is missing."""

    def read(self, symbols: Sequence[str], start: date, end: date) -> PriceHistory:  # noqa: ARG002
        """Nothing, for want of a provider."""
        return PriceHistory(series={}, missing=dict.fromkeys(symbols, "NO_PROVIDER"))


class PriceStore(Protocol):
    """Keeps daily prices by symbol and day."""

    def read(self, symbols: Sequence[str], start: date, end: date) -> Mapping[str, PriceSeries]:
        """The stored days from `start` to `end` of each symbol; symbols without any are left out."""
        ...

    def write(self, symbol: str, prices: Sequence[DailyPrice], source: str) -> None:
        """Store days of a symbol; a day that is there already is replaced."""
        ...
