"""The components of the overall risk score, and their weighted mean."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from foliolens.risk import scoring
from foliolens.risk.measures import Measures
from foliolens.risk.scoring import Band, Scale

__all__ = ["WEIGHTS", "Component", "components_of", "overall_score"]


class Component(Struct, frozen=True):
    """One component of the score.

    Attributes:
        name: What it is about.
        value: The metric; None where nothing applies, and then so are band and score.
        band: Band of the metric.
        score: 1 to 10.
        weight: Share in the overall score after components without a value gave theirs away.
        contribution: Weight times score; they sum to the overall score before rounding.
    """

    name: str
    value: float | None
    band: Band | None
    score: float | None
    weight: float
    contribution: float


class _Definition(Struct, frozen=True):
    name: str
    weight: float
    scale: Scale
    value: Callable[[Measures], float | None]


def _largest_sector_share(measures: Measures) -> float | None:
    return None if measures.sectors is None else measures.sectors.largest_share


def _home_share(measures: Measures) -> float | None:
    return None if measures.regions is None else measures.regions.home_share


_DEFINITIONS: Final = (
    _Definition("volatility", 0.35, scoring.VOLATILITY, lambda m: m.volatility),
    _Definition("concentration", 0.25, scoring.CONCENTRATION, lambda m: m.hhi_look_through),
    _Definition("sector", 0.15, scoring.SECTOR, _largest_sector_share),
    _Definition("geography", 0.10, scoring.GEOGRAPHY, _home_share),
    _Definition("liquidity", 0.10, scoring.LIQUIDITY, lambda m: m.illiquid),
    _Definition("credit", 0.05, scoring.CREDIT, lambda m: m.low_credit),
)

WEIGHTS: Final = {definition.name: definition.weight for definition in _DEFINITIONS}
"""Weight of each component where all of them apply; together 1."""


def components_of(measures: Measures) -> list[Component]:
    """Score and weigh every component, always in the same order."""
    values = [definition.value(measures) for definition in _DEFINITIONS]
    weights = scoring.share_out(list(WEIGHTS.values()), [value is not None for value in values])
    return [
        _component(definition, value, weight)
        for definition, value, weight in zip(_DEFINITIONS, values, weights, strict=True)
    ]


def overall_score(components: Sequence[Component]) -> float:
    """Return the sum of the contributions, rounded to one decimal: 1.0 to 10.0."""
    return min(10.0, max(1.0, round(sum(component.contribution for component in components), 1)))


def _component(definition: _Definition, value: float | None, weight: float) -> Component:
    if value is None:
        return Component(definition.name, None, None, None, 0.0, 0.0)
    score = definition.scale.score(value)
    return Component(definition.name, value, definition.scale.band(value), score, weight, weight * score)
