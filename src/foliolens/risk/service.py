"""Risk reports on request: prices are read, and what was analysed before is remembered."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from msgspec.structs import replace

from foliolens.holdings.models import Holding
from foliolens.ports.clock import Clock
from foliolens.ports.prices import PriceHistory, PriceReader
from foliolens.risk.market.conventions import Conventions
from foliolens.risk.market.metrics import symbols_to_read
from foliolens.risk.models import RiskReport
from foliolens.risk.positions import positions_of
from foliolens.risk.report import analyze_positions

__all__ = ["RiskService"]

_REMEMBERED = 128  # some 100 kB each with prices of 50 holdings, 20 kB without

_State = tuple[date, Conventions, tuple[int | str | None, ...]]
"""What a report depends on besides the holdings: the day, the conventions, the version of every price."""


class RiskService:
    """Analyses holdings with the prices there are; safe to use from any thread.

    Args:
        clock: Stamps reports.
        prices: Where prices are read. It may take a database connection of its own, so whoever holds one
            lets go of it before asking for a report: otherwise all connections may wait for each other.
        conventions: Benchmark and risk-free rate where a request names none.
    """

    def __init__(self, clock: Clock, prices: PriceReader, conventions: Conventions) -> None:
        self._clock = clock
        self._prices = prices
        self._conventions = conventions
        self._subject = lru_cache(_REMEMBERED)(_Subject)

    def report(self, holdings: Sequence[Holding], benchmark: str | None = None) -> RiskReport:
        """The report as of now; not to be asked for inside a transaction.

        Args:
            holdings: At least one with an amount above 0.
            benchmark: Symbol that beta refers to; by default the configured one.
        """
        (only,) = self.reports([holdings], benchmark)
        return only

    def reports(
        self, portfolios: Sequence[Sequence[Holding]], benchmark: str | None = None
    ) -> list[RiskReport]:
        """The report of each portfolio as of now, all from one reading of prices; otherwise like `report`."""
        subjects = [self._subject(tuple(holdings)) for holdings in portfolios]
        chosen = replace(self._conventions, benchmark=benchmark) if benchmark else self._conventions
        now = self._clock.now()
        wanted = dict.fromkeys(symbol for subject in subjects for symbol in subject.symbols)
        if wanted:
            wanted[chosen.benchmark] = None
        # From the first day there is, for prices may be old: five years are counted back from their last.
        history = self._prices.read(tuple(wanted), date.min, now.date())
        return [subject.report(history, chosen, now) for subject in subjects]


class _Subject:
    """Merged holdings, and the last report on them."""

    def __init__(self, holdings: tuple[Holding, ...]) -> None:
        self._positions = positions_of(holdings)
        self.symbols = symbols_to_read(self._positions)
        self._latest: tuple[_State, RiskReport] | None = None

    def report(self, history: PriceHistory, conventions: Conventions, now: datetime) -> RiskReport:
        """The remembered report where nothing has changed that it depends on, else a new one."""
        state = (now.date(), conventions, _versions((*self.symbols, conventions.benchmark), history))
        latest = self._latest
        if latest is None or latest[0] != state:
            made = analyze_positions(self._positions, as_of=now, history=history, conventions=conventions)
            latest = self._latest = (state, made)
        return latest[1].model_copy(update={"as_of": now})


def _versions(symbols: Sequence[str], history: PriceHistory) -> tuple[int | str | None, ...]:
    return (
        history.retry_after,
        *(
            history.series[symbol].version if symbol in history.series else history.missing.get(symbol)
            for symbol in symbols
        ),
    )
