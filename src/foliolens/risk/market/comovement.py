"""How two series of returns move together."""

import numpy as np

from foliolens.risk.market.conventions import STILL
from foliolens.risk.market.returns import FloatArray

__all__ = ["beta", "correlation"]


def beta(returns: FloatArray, benchmark: FloatArray) -> float | None:
    """Return cov(r, b) / var(b): by how much the return changes with the benchmark's, on average.

    None where the benchmark does not move.
    Source: W. F. Sharpe, "Capital Asset Prices", Journal of Finance 19, 1964.

    Args:
        returns: Daily, shape (n,), n ≥ 2.
        benchmark: Of the same days.
    """
    if np.std(benchmark, ddof=1) < STILL:
        return None
    deviation = benchmark - benchmark.mean()
    return float(deviation @ (returns - returns.mean()) / (deviation @ deviation))


def correlation(first: FloatArray, second: FloatArray) -> float | None:
    """Return Pearson's correlation, -1 to 1; None where one of them does not move.

    Args:
        first: Daily returns, shape (n,), n ≥ 2.
        second: Of the same days.
    """
    if min(np.std(first, ddof=1), np.std(second, ddof=1)) < STILL:
        return None
    left, right = first - first.mean(), second - second.mean()
    ratio = left @ right / np.sqrt((left @ left) * (right @ right))
    return float(np.clip(ratio, -1.0, 1.0))
