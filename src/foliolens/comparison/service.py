"""Comparing portfolios on request."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from foliolens.comparison.report import compare
from foliolens.comparison.schemas import Comparison, ComparisonRequest
from foliolens.comparison.subjects import Subject
from foliolens.errors import Unprocessable, ValidationFailed
from foliolens.holdings.models import Holding
from foliolens.ports.clock import Clock
from foliolens.ports.prices import PriceReader
from foliolens.risk.market.conventions import LOOKBACK_DAYS, Conventions
from foliolens.risk.market.metrics import symbols_to_read
from foliolens.risk.positions import Position, positions_of
from foliolens.risk.service import RiskService

__all__ = ["ComparisonService", "Entry"]

_LONGEST: Final = timedelta(days=7306)
"""Twenty years."""

_MOST_SYMBOLS: Final = 1000


class Entry(Struct, frozen=True):
    """A portfolio to compare.

    Attributes:
        id: What names it in the answer.
        name: For people.
        holdings: At least one with an amount above 0.
    """

    id: str
    name: str
    holdings: Sequence[Holding]


class ComparisonService(Struct, frozen=True):
    """Compares portfolios with the prices there are.

    Attributes:
        risk: Makes the report of each.
        prices: Where prices are read; like `risk` not to be asked inside a transaction.
        clock: Says what today is.
        conventions: Benchmark and risk-free rate where a request names none.
    """

    risk: RiskService
    prices: PriceReader
    clock: Clock
    conventions: Conventions

    def compare(self, entries: Sequence[Entry], request: ComparisonRequest) -> Comparison:
        """Compare two or more portfolios of different ids.

        Raises:
            ValidationFailed: The days do not make a period.
            Unprocessable: They hold too many different symbols together.
        """
        now = self.clock.now()
        last = request.to or now.date()
        _check_period(request.from_, last)
        conventions = replace(self.conventions, benchmark=request.benchmark or self.conventions.benchmark)
        positions = [positions_of(entry.holdings) for entry in entries]
        symbols = _symbols(positions, conventions.benchmark)
        # Without a first day from the first there is, for prices may be old: years are counted back from
        # their last.
        history = self.prices.read(symbols, request.from_ or date.min, last)
        reports = self.risk.reports([entry.holdings for entry in entries])
        subjects = [
            Subject(entry.id, entry.name, held, report)
            for entry, held, report in zip(entries, positions, reports, strict=True)
        ]
        lookback = LOOKBACK_DAYS if request.from_ is None else None
        return compare(subjects, history, conventions, lookback=lookback, as_of=now)


def _check_period(first: date | None, last: date) -> None:
    if first is None:
        return
    if first >= last:
        raise ValidationFailed.of("from", "OUT_OF_RANGE", f"from: The first day must be before {last}.")
    if last - first > _LONGEST:
        message = f"from: The first day must not be before {last - _LONGEST}."
        raise ValidationFailed.of("from", "OUT_OF_RANGE", message)


def _symbols(portfolios: Sequence[Sequence[Position]], benchmark: str) -> list[str]:
    held = {symbol for positions in portfolios for symbol in symbols_to_read(positions)}
    if len(held) > _MOST_SYMBOLS:
        raise Unprocessable(
            f"These portfolios hold {len(held)} different symbols, of at most {_MOST_SYMBOLS}: compare fewer."
        )
    return sorted(held | {benchmark}) if held else []
