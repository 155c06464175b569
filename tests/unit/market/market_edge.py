"""The provider's edge for tests of stored prices: a source that answers as it is told, and a clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from foliolens.market.history import SymbolUnknown
from foliolens.ports.prices import DailyPrice

# A Wednesday afternoon in New York; the last closes came out at half past one in the night (UTC).
NOW = datetime(2026, 3, 4, 18, tzinfo=UTC)


def price(day: date, close: str | Decimal, adjusted: str | Decimal | None = None) -> DailyPrice:
    """A day with a close only."""
    return DailyPrice(day, None, None, None, Decimal(close), Decimal(adjusted or close), 1000)


def history(first: date, closes: Sequence[str]) -> list[DailyPrice]:
    """Closes of days one after the other; weekends are trading days here."""
    return [price(first + timedelta(days=number), close) for number, close in enumerate(closes)]


class ToldSource:
    """A source that knows the histories it was told, counts what it is asked, and fails when told to."""

    name = "Tiingo"
    unknown_for = timedelta(days=7)

    def __init__(self) -> None:
        self.histories: dict[str, list[DailyPrice]] = {}
        self.asked: list[tuple[str, date | None]] = []
        self.fault: Callable[[str], Exception | None] = lambda _: None
        self.published = datetime.combine(NOW.date(), datetime.min.time(), UTC)

    def offers(self, symbol: str) -> bool:
        return not symbol.startswith("XX")

    def newest(self, symbol: str, now: datetime) -> datetime:
        return self.published

    def fetch(self, symbol: str, start: date | None) -> list[DailyPrice]:
        self.asked.append((symbol, start))
        fault = self.fault(symbol)
        if fault is not None:
            raise fault
        if symbol not in self.histories:
            raise SymbolUnknown(symbol)
        return [day for day in self.histories[symbol] if start is None or day.day >= start]
