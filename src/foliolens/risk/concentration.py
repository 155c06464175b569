"""How much of a portfolio hangs on few holdings.

The Herfindahl-Hirschman index (HHI) is the sum of squared shares: 1/N for N equal holdings, 1 for a
single one. Sources: O. C. Herfindahl, "Concentration in the Steel Industry" (1950); A. O. Hirschman,
"The Paternity of an Index", American Economic Review 54 (1964). Its inverse as an effective number is
M. A. Adelman, "Comment on the H Concentration Measure as a Numbers-Equivalent", Review of Economics and
Statistics 51 (1969).
"""

import math
from collections.abc import Sequence

__all__ = ["effective_holdings", "hhi", "look_through_hhi", "normalized_hhi", "top_share"]


def hhi(weights: Sequence[float]) -> float:
    """Return Σw², between 1/N and 1.

    Args:
        weights: Fractions that sum to 1.
    """
    return math.fsum(weight * weight for weight in weights)


def look_through_hhi(weights: Sequence[float], constituents: Sequence[int]) -> float:
    """Return Σw²/n: a holding spread evenly over n issuers counts as n small holdings.

    That is exact for holdings without a common issuer, and too low where funds overlap.

    Args:
        weights: Fractions that sum to 1.
        constituents: Effective number of issuers of each holding, 1 or more.
    """
    return math.fsum(weight * weight / n for weight, n in zip(weights, constituents, strict=True))


def effective_holdings(index: float) -> float:
    """Return 1/HHI, the number of equal holdings that would be as concentrated."""
    return 1.0 / index


def normalized_hhi(index: float, count: int) -> float:
    """Return (HHI − 1/N)/(1 − 1/N): 0 for equal weights, 1 for all in one.

    For a single holding the formula is 0/0. It is 1 then: the value every portfolio tends to as its
    weight gathers in one holding.

    Args:
        index: The HHI.
        count: Number of holdings N, 1 or more.
    """
    if count == 1:
        return 1.0
    equal = 1.0 / count
    return min(1.0, max(0.0, (index - equal) / (1.0 - equal)))


def top_share(falling_weights: Sequence[float], count: int) -> float:
    """Return the share of the `count` largest holdings, given weights in falling order."""
    return min(1.0, math.fsum(falling_weights[:count]))
