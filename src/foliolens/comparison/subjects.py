"""A portfolio as a comparison sees it."""

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from foliolens.comparison.schemas import ComparedHolding
from foliolens.risk.models import RiskReport
from foliolens.risk.positions import Position

__all__ = ["Subject", "union_of"]


class Subject(Struct, frozen=True, dict=True):
    """One portfolio to compare.

    Attributes:
        id: What names it in the answer.
        positions: Its merged holdings, by falling weight.
        report: Its risk report.
    """

    id: str
    name: str
    positions: tuple[Position, ...]
    report: RiskReport

    @cached_property
    def weights(self) -> dict[str, float]:
        """Weight by symbol; they sum to 1."""
        return {position.symbol: position.weight for position in self.positions}

    @cached_property
    def priced(self) -> dict[str, float]:
        """Weight by symbol of all but cash."""
        return {position.symbol: position.weight for position in self.positions if not position.is_cash}

    @property
    def cash(self) -> float:
        """Share of cash."""
        return sum(position.weight for position in self.positions if position.is_cash)


def union_of(subjects: Sequence[Subject]) -> tuple[ComparedHolding, ...]:
    """Return every symbol with its weight in each portfolio, the one with the largest weight first.

    Its name is that of the first portfolio that holds it.
    """
    names: dict[str, str] = {}
    for subject in subjects:
        for position in subject.positions:
            names.setdefault(position.symbol, position.name)
    weights = [subject.weights for subject in subjects]
    rows = [(symbol, tuple(held.get(symbol, 0.0) for held in weights)) for symbol in names]
    rows.sort(key=lambda row: (-max(row[1]), row[0]))
    return tuple(
        ComparedHolding(symbol=symbol, name=names[symbol], weights=shares) for symbol, shares in rows
    )
