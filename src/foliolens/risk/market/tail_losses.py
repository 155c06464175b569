"""What may be lost on a bad day, as history tells it. Losses are positive numbers.

Historical simulation: nothing is assumed of the distribution of returns, and nothing worse than the worst
day of the window can appear. Convention of the quantile, the same as empyrical's: linear interpolation
between the two nearest of the sorted returns (type 7 of Hyndman and Fan, "Sample Quantiles in Statistical
Packages", The American Statistician 50, 1996).
"""

import numpy as np

from foliolens.risk.market.returns import FloatArray

__all__ = ["conditional_value_at_risk", "value_at_risk"]


def value_at_risk(returns: FloatArray, tail: float) -> float:
    """Return the loss of one day that is exceeded on a share `tail` of the days.

    Negative where even that day gains.

    Args:
        returns: Daily, shape (n,), n ≥ 1.
        tail: 0.05 for 95%, 0.01 for 99%.
    """
    return 0.0 - float(np.quantile(returns, tail))


def conditional_value_at_risk(returns: FloatArray, tail: float) -> float:
    """Return the mean loss of the worst days: the ⌊(n - 1) · tail⌋ + 1 lowest returns.

    It is never less than the value at risk of the same tail.
    Source: R. Rockafellar and S. Uryasev, "Optimization of Conditional Value-at-Risk", Journal of Risk 2,
    2000.

    Args:
        returns: Daily, shape (n,), n ≥ 1.
        tail: 0.05 for 95%, 0.01 for 99%.
    """
    last = int((len(returns) - 1) * tail)
    return 0.0 - float(np.mean(np.partition(returns, last)[: last + 1]))
