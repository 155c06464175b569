"""The deepest fall from a peak."""

import numpy as np
from msgspec import Struct

from foliolens.risk.market.returns import FloatArray, growth

__all__ = ["Drawdown", "max_drawdown"]


class Drawdown(Struct, frozen=True):
    """The deepest fall; days are counted from the one before the first return, which is day 0.

    Attributes:
        value: Trough over peak less 1, as a fraction: at most 0.
        peak: The last day at the peak; None where nothing ever fell.
        trough: The day of the lowest value; None where nothing ever fell.
        recovery: The first later day at or above the peak; None where there is none yet.
    """

    value: float
    peak: int | None
    trough: int | None
    recovery: int | None


def max_drawdown(returns: FloatArray) -> Drawdown:
    """Return the largest fall of the compounded value from its running maximum; the first of equal ones.

    Source: C. Bacon, "Practical Portfolio Performance Measurement and Attribution", ch. 4.

    Args:
        returns: Daily, shape (n,), n ≥ 1; their growth is finite.
    """
    value = growth(returns)
    highest = np.maximum.accumulate(value)
    falls = value / highest - 1.0
    trough = int(np.argmin(falls))
    if falls[trough] >= 0:
        return Drawdown(0.0, None, None, None)
    level = highest[trough]
    peak = int(np.flatnonzero(value[:trough] == level)[-1])
    recovered = np.flatnonzero(value[trough:] >= level)
    return Drawdown(
        float(falls[trough]), peak, trough, trough + int(recovered[0]) if recovered.size else None
    )
