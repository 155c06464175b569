"""Share out a whole number of units so that the parts sum to exactly the whole."""

from collections.abc import Sequence
from decimal import Decimal
from heapq import nsmallest

__all__ = ["HUNDREDTH", "from_hundredths", "largest_remainder"]

HUNDREDTH = Decimal("0.01")


def largest_remainder(weights: Sequence[int], units: int) -> list[int]:
    """Apportion `units` in proportion to `weights` by the largest remainder (Hare, 1857).

    Every part is its exact share rounded down, plus one for the largest remainders; of equal
    remainders the earlier one wins. A weight of zero receives nothing.

    Args:
        weights: Non-negative integers with a positive sum.
        units: How much there is to share out, zero or more.

    Returns:
        One part for each weight, each within one unit of its exact share; they sum to `units`.

    Raises:
        ValueError: The weights sum to zero, or one is negative.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("the weights must be non-negative and must not sum to zero")
    parts = [weight * units // whole for weight in weights]
    missing = units - sum(parts)
    if missing:
        remainders = [-(weight * units % whole) for weight in weights]
        for index in nsmallest(missing, range(len(weights)), key=remainders.__getitem__):
            parts[index] += 1
    return parts


def from_hundredths(count: int) -> Decimal:
    """Return `count` hundredths (cents, or hundredths of a percent) as a two-decimal number."""
    return Decimal(count).scaleb(-2)
