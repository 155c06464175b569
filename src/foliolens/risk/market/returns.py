"""Daily simple returns, of holdings and of a portfolio of them."""

import numpy as np
from numpy.typing import NDArray

from foliolens.risk.market.conventions import TRADING_DAYS

__all__ = [
    "FloatArray",
    "annual_return",
    "annual_volatility",
    "growth",
    "plausible",
    "portfolio_returns",
    "simple_returns",
]

FloatArray = NDArray[np.float64]

_MOST_CHANGE = 10_000.0


def plausible(prices: FloatArray) -> bool:
    """Tell whether no price changes more than ten-thousandfold in a day, as only mistakes do.

    Args:
        prices: Above 0, of one symbol, shape (days,).
    """
    before, after = prices[:-1], prices[1:]
    return bool((np.maximum(before, after) / _MOST_CHANGE <= np.minimum(before, after)).all())


def simple_returns(prices: FloatArray) -> FloatArray:
    """Return p_t / p_{t-1} - 1 for each day after the first.

    Args:
        prices: Above 0, by day and symbol, shape (days, ...).

    Returns:
        Shape (days - 1, ...).
    """
    returns: FloatArray = prices[1:] / prices[:-1] - 1.0
    return returns


def portfolio_returns(returns: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the daily returns Σ w_i r_i of a portfolio that is brought back to its weights every day.

    Args:
        returns: Of the holdings, shape (days, holdings).
        weights: Shape (holdings,), or (holdings, portfolios) for several at once. What they leave to 1
            earns nothing.
    """
    combined: FloatArray = returns @ weights
    return combined


def growth(returns: FloatArray) -> FloatArray:
    """Return what 1 becomes: 1, then Π (1 + r) up to each day; infinite beyond any number.

    Args:
        returns: Daily, shape (n,).

    Returns:
        Shape (n + 1,).
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return np.concatenate(([1.0], np.cumprod(1.0 + returns)))


def annual_return(returns: FloatArray) -> float:
    """Return the geometric mean growth a year, (Π (1 + r))^(252 / n) - 1.

    Infinite where it is beyond any number.

    Args:
        returns: Daily, shape (n,), n ≥ 1.
    """
    with np.errstate(over="ignore", divide="ignore"):
        return float(np.expm1(np.log1p(returns).sum() * (TRADING_DAYS / len(returns))))


def annual_volatility(returns: FloatArray) -> float:
    """Return σ √252 with the sample standard deviation (ddof 1).

    Args:
        returns: Daily, shape (n,), n ≥ 2.
    """
    return float(np.std(returns, ddof=1) * np.sqrt(TRADING_DAYS))
