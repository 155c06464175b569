"""How well a portfolio is spread, from 1 (all in one place) to 10 (evenly over all there are)."""

from collections.abc import Sequence

from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.positions import Position

__all__ = ["asset_class_hhi", "composite", "spread_score"]

_LOWEST, _HIGHEST = 1.0, 10.0


def spread_score(hhi: float, groups: int) -> float:
    """Return 1 − HHI rescaled to 1-10.

    1 − HHI is the Gini-Simpson index (E. H. Simpson, "Measurement of Diversity", Nature 163, 1949). Over
    G groups it runs from 0 to 1 − 1/G, which map to 1 and 10.

    Args:
        hhi: Sum of squared shares of the groups.
        groups: Number of groups there are, 2 or more, held or not.
    """
    spread = (1.0 - hhi) / (1.0 - 1.0 / groups)
    return _LOWEST + (_HIGHEST - _LOWEST) * min(1.0, max(0.0, spread))


def asset_class_hhi(positions: Sequence[Position]) -> float | None:
    """Return the HHI over the four asset classes of the value whose class is known; None if none is."""
    values = dict.fromkeys(AssetClass, 0.0)
    for position in positions:
        if position.asset_class is not None:
            values[position.asset_class] += position.weight
    classified = sum(values.values())
    if not classified:
        return None
    return sum((value / classified) ** 2 for value in values.values())


def composite(scores: Sequence[float | None]) -> float | None:
    """Return the mean of the scores that apply; None if none does."""
    applicable = [score for score in scores if score is not None]
    return sum(applicable) / len(applicable) if applicable else None
