"""From metrics to bands and scores, and from scores to the weighted mean.

Scores run from 1 (least risk) to 10 (most). Each is piecewise linear in its metric: 1 at the metric's
minimum, 4 and 7 at the edges of the moderate band, 10 at its maximum.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

__all__ = [
    "CONCENTRATION",
    "CREDIT",
    "GEOGRAPHY",
    "LIQUIDITY",
    "ROUNDING",
    "SECTOR",
    "VOLATILITY",
    "Band",
    "Scale",
    "band_of_score",
    "share_out",
]

_LOWEST, _LOW_EDGE, _HIGH_EDGE, _HIGHEST = 1.0, 4.0, 7.0, 10.0
ROUNDING: Final = 1e-9
"""Sums of binary fractions miss an edge by less than this; a metric that close to an edge lies on it."""


class Band(StrEnum):
    """How much risk a metric or a score means."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class Scale(Struct, frozen=True):
    """How a metric with minimum 0 maps to bands and scores; both edges belong to the moderate band.

    Attributes:
        low_edge: Below it the band is low; score 4.
        high_edge: Above it the band is high; score 7.
        maximum: Score 10; greater values score 10 too.
    """

    low_edge: float
    high_edge: float
    maximum: float = 1.0

    def band(self, value: float) -> Band:
        """Return the band of a metric."""
        return _band(value, self.low_edge, self.high_edge)

    def score(self, value: float) -> float:
        """Return the score of a metric, 1 to 10."""
        if value <= 0:
            return _LOWEST
        if value <= self.low_edge:
            return _between(value, 0.0, self.low_edge, _LOWEST, _LOW_EDGE)
        if value <= self.high_edge:
            return _between(value, self.low_edge, self.high_edge, _LOW_EDGE, _HIGH_EDGE)
        if value < self.maximum:
            return _between(value, self.high_edge, self.maximum, _HIGH_EDGE, _HIGHEST)
        return _HIGHEST


VOLATILITY: Final = Scale(0.10, 0.20, maximum=0.40)
CONCENTRATION: Final = Scale(0.20, 0.40)
SECTOR: Final = Scale(0.25, 0.40)
GEOGRAPHY: Final = Scale(0.70, 0.85)
LIQUIDITY: Final = Scale(0.10, 0.25)
CREDIT: Final = Scale(0.10, 0.30)


def band_of_score(score: float) -> Band:
    """Return the band of a score: the edges of every metric's moderate band score 4 and 7."""
    return _band(score, _LOW_EDGE, _HIGH_EDGE)


def share_out(weights: Sequence[float], applicable: Sequence[bool]) -> list[float]:
    """Give the weight of components that do not apply to the rest, in proportion.

    Returns:
        One weight per component: 0 where it does not apply; together 1.

    Raises:
        ValueError: No component applies.
    """
    kept = sum(weight for weight, applies in zip(weights, applicable, strict=True) if applies)
    if not kept:
        raise ValueError("No component applies: there is nothing to score.")
    return [weight / kept if applies else 0.0 for weight, applies in zip(weights, applicable, strict=True)]


def _band(value: float, low_edge: float, high_edge: float) -> Band:
    if value < low_edge - ROUNDING:
        return Band.LOW
    return Band.HIGH if value > high_edge + ROUNDING else Band.MODERATE


def _between(value: float, left: float, right: float, bottom: float, top: float) -> float:
    return bottom + (value - left) / (right - left) * (top - bottom)
