"""Return for each unit of risk."""

import numpy as np

from foliolens.risk.market.conventions import STILL, TRADING_DAYS
from foliolens.risk.market.returns import FloatArray

__all__ = ["sharpe_ratio", "sortino_ratio"]


def sharpe_ratio(returns: FloatArray, risk_free: float) -> float | None:
    """Return mean(r - f) / std(r - f) · √252, ddof 1; None where the returns do not vary.

    Source: W. F. Sharpe, "The Sharpe Ratio", Journal of Portfolio Management 21, 1994.

    Args:
        returns: Daily, shape (n,), n ≥ 2.
        risk_free: f, a day.
    """
    deviation = np.std(returns, ddof=1)
    if deviation < STILL:
        return None
    return float((returns.mean() - risk_free) / deviation * np.sqrt(TRADING_DAYS))


def sortino_ratio(returns: FloatArray, risk_free: float) -> float | None:
    """Return 252 · mean(r - f) / (√252 · √mean(min(r - f, 0)²)); None where no day falls short of f.

    The mean in the denominator is over all days, not only over those with losses.
    Source: F. Sortino and L. Price, "Performance Measurement in a Downside Risk Framework", Journal of
    Investing 3, 1994.

    Args:
        returns: Daily, shape (n,), n ≥ 1.
        risk_free: f, a day; the target that counts as no loss.
    """
    excess = returns - risk_free
    downside = np.sqrt(np.mean(np.square(np.minimum(excess, 0.0))))
    if downside < STILL:
        return None
    return float(excess.mean() / downside * np.sqrt(TRADING_DAYS))
