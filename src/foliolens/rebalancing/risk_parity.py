"""The portfolio in which every holding carries the same part of the volatility.

S. Maillard, T. Roncalli, J. Teiletche, "The Properties of Equally Weighted Risk Contribution Portfolios",
Journal of Portfolio Management 36 (2010). Its weights are the minimiser of ½yᵀΣy − (1/n)Σ log y, scaled to
sum to 1 (F. Spinu, "An Algorithm for Computing Risk Parity Weights", 2013), found by damped Newton steps,
which converge from any start (Y. Nesterov, "Introductory Lectures on Convex Optimization", 2004, 4.1.5).
"""

from typing import TYPE_CHECKING, Final

from foliolens.rebalancing.minimum_variance import NotConverged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64]

__all__ = ["INEQUALITY", "risk_parity", "risk_shares"]

INEQUALITY: Final = 1e-8
"""By which part of an equal share a risk contribution may differ."""

_NONE = "There is no portfolio in which every holding carries the same risk."
_STEPS = 100
_FULL_STEP = 0.25
_DONE = 1e-10
_CANCELLED = 1e5


def risk_parity(covariance: "Matrix") -> "Vector":
    """Return the weights with equal risk contributions.

    Args:
        covariance: Symmetric, positive semidefinite, with a positive diagonal; shape (n, n).

    Returns:
        Weights above 0 that sum to 1, shape (n,).

    Raises:
        NotConverged: There is no such portfolio, since some of the holdings cancel each other out, or it was
            not found.
    """
    import numpy as np  # noqa: PLC0415 - costs a cold start 0.1 s

    deviations = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(deviations, deviations)
    count = len(correlation)
    budget = 1.0 / count
    scaled = np.full(count, 1.0 / np.sqrt(max(float(correlation.sum()), 1.0)))
    for _ in range(_STEPS):
        gradient = correlation @ scaled - budget / scaled
        hessian = correlation + np.diag(budget / scaled**2)
        try:
            step = -np.linalg.solve(hessian, gradient)
        except np.linalg.LinAlgError as error:
            raise NotConverged(_NONE) from error
        decrement = np.sqrt(max(0.0, -float(gradient @ step)) / budget)
        scaled = scaled + step * (1.0 if decrement < _FULL_STEP else 1.0 / (1.0 + decrement))
        # Without a solution the weights grow for ever: some portfolio has no volatility at all.
        if decrement < _DONE or scaled.max() > _CANCELLED:
            break
    weights: Vector = scaled / deviations
    weights /= weights.sum()
    inequality = float(np.max(np.abs(count * risk_shares(covariance, weights) - 1.0)))
    if not inequality <= INEQUALITY:
        raise NotConverged(_NONE)
    return weights


def risk_shares(covariance: "Matrix", weights: "Vector") -> "Vector":
    """Return which part of the variance each holding carries: wᵢ(Σw)ᵢ / wᵀΣw."""
    import numpy as np  # noqa: PLC0415

    contributions: Vector = weights * (covariance @ weights)
    with np.errstate(invalid="ignore"):  # nothing carries a part of no risk
        contributions /= contributions.sum()
    return contributions
