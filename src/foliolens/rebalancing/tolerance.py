"""Tolerance bands: how far a holding may drift before a trade is worth its cost.

Rebalancing when a weight leaves a band around its target trades less than rebalancing by the calendar. The
defaults are the 5/25 rule (L. Swedroe, "The Only Guide You'll Ever Need for the Right Financial Plan", 2010).
"""

import math
from fractions import Fraction

from foliolens.rebalancing.models import Band

__all__ = ["bounds"]


def bounds(weight: Fraction, total: int, band: Band) -> tuple[int, int]:
    """Return the least and the most cents that lie within the band around a target; both edges do.

    Args:
        weight: The target, as a fraction.
        total: Cents that the weight is a share of.
        band: Absolute and relative width; the narrower counts.
    """
    width = Fraction(band.absolute) / 100
    if band.relative is not None:
        width = min(width, weight * Fraction(band.relative) / 100)
    return max(0, math.ceil((weight - width) * total)), math.floor((weight + width) * total)
