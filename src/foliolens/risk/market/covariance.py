"""How holdings move together, and what each contributes to the risk of the whole.

H. Markowitz, "Portfolio Selection", Journal of Finance 7, 1952: the variance of a portfolio is wᵀΣw.
"""

import math

import numpy as np

from foliolens.risk.market.conventions import STILL, TRADING_DAYS
from foliolens.risk.market.returns import FloatArray

__all__ = [
    "annual_covariance",
    "correlations",
    "diversification_ratio",
    "moves",
    "portfolio_volatility",
    "risk_contributions",
    "unhedged_volatility",
    "volatilities",
]

_STILL_A_YEAR = STILL * TRADING_DAYS**0.5


def annual_covariance(returns: FloatArray) -> FloatArray:
    """Return the sample covariance matrix Σ (ddof 1) times 252.

    Args:
        returns: Daily, shape (n, k), n ≥ 2.

    Returns:
        Shape (k, k), symmetric.
    """
    deviations = returns - returns.mean(axis=0)
    covariance: FloatArray = deviations.T @ deviations * (TRADING_DAYS / (len(returns) - 1))
    return covariance


def volatilities(covariance: FloatArray) -> FloatArray:
    """Return the annual volatility of each holding, shape (k,)."""
    deviations: FloatArray = np.sqrt(np.diagonal(covariance))
    return deviations


def moves(volatility: float) -> bool:
    """Tell whether an annual volatility is more than rounding."""
    return bool(volatility >= _STILL_A_YEAR)


def correlations(covariance: FloatArray) -> FloatArray:
    """Return Σ_ij / (σ_i σ_j), 1 on the diagonal; NaN where a holding does not move.

    Args:
        covariance: Shape (k, k).
    """
    deviations = volatilities(covariance)
    moving = deviations >= _STILL_A_YEAR
    scale = np.where(moving, deviations, np.nan)
    matrix: FloatArray = np.clip(covariance / np.outer(scale, scale), -1.0, 1.0)
    matrix[moving, moving] = 1.0
    return matrix


def portfolio_volatility(covariance: FloatArray, weights: FloatArray) -> float:
    """Return σ_p = √(wᵀΣw).

    Args:
        covariance: Shape (k, k).
        weights: Shape (k,).
    """
    return math.sqrt(max(0.0, float(weights @ covariance @ weights)))


def unhedged_volatility(covariance: FloatArray, weights: FloatArray) -> float:
    """Return √(Σ w_i w_j max(Σ_ij, 0)): the volatility if nothing offset anything else.

    It equals σ_p where no covariance is negative, else it is larger. As every term grows with the weights,
    it never rises when a part of any holding is replaced by cash; σ_p does when that holding was a hedge.

    Args:
        covariance: Shape (k, k).
        weights: Not negative, shape (k,).
    """
    return portfolio_volatility(np.maximum(covariance, 0.0), weights)


def diversification_ratio(own: FloatArray, weights: FloatArray, whole: float) -> float | None:
    """Return Σ w_i σ_i / σ_p: 1 if all move as one, more the less they do; None if nothing moves.

    Source: Y. Choueifaty and Y. Coignard, "Toward Maximum Diversification", Journal of Portfolio
    Management 35, 2008.

    Args:
        own: σ_i, the volatility of each holding, shape (k,).
        weights: Not negative, shape (k,).
        whole: σ_p.
    """
    return float(weights @ own) / whole if moves(whole) else None


def risk_contributions(covariance: FloatArray, weights: FloatArray) -> FloatArray | None:
    """Return w_i (Σw)_i / σ_p, which sum to σ_p; negative for a hedge; None if nothing moves.

    Source: S. Maillard, T. Roncalli and J. Teïletche, "The Properties of Equally Weighted Risk
    Contribution Portfolios", Journal of Portfolio Management 36, 2010.

    Args:
        covariance: Shape (k, k).
        weights: Shape (k,).
    """
    whole = portfolio_volatility(covariance, weights)
    if not moves(whole):
        return None
    contributions: FloatArray = weights * (covariance @ weights) / whole
    return contributions
