"""The figures that the design and the libraries' own documentation state."""

import numpy as np
import pytest

from foliolens.risk.market.comovement import beta, correlation
from foliolens.risk.market.conventions import daily_rate
from foliolens.risk.market.covariance import (
    annual_covariance,
    correlations,
    diversification_ratio,
    portfolio_volatility,
    risk_contributions,
    unhedged_volatility,
    volatilities,
)
from foliolens.risk.market.drawdown import Drawdown, max_drawdown
from foliolens.risk.market.ratios import sharpe_ratio, sortino_ratio
from foliolens.risk.market.returns import annual_return, annual_volatility, simple_returns
from foliolens.risk.market.tail_losses import conditional_value_at_risk, value_at_risk

EIGHT_DAYS = np.array([1, 10, -4, 2, 3, 2, 1, -10]) / 100


def test_eight_days_of_the_design() -> None:
    assert max_drawdown(EIGHT_DAYS).value == pytest.approx(-0.10, rel=1e-12)
    assert annual_volatility(EIGHT_DAYS) == pytest.approx(0.9136465399704637, rel=1e-12)
    assert sharpe_ratio(EIGHT_DAYS, 0.0) == pytest.approx(1.7238613961706866, rel=1e-12)
    assert annual_return(EIGHT_DAYS) == pytest.approx(2.3302927973, rel=1e-10)


def test_the_days_of_a_drawdown() -> None:
    assert max_drawdown(EIGHT_DAYS) == Drawdown(pytest.approx(-0.10), peak=7, trough=8, recovery=None)
    falls_twice = np.array([0.0, -0.2, 0.25, -0.1, 0.2])
    assert max_drawdown(falls_twice) == Drawdown(pytest.approx(-0.2), peak=1, trough=2, recovery=3)


def test_a_fall_on_the_first_day_starts_before_it() -> None:
    assert max_drawdown(np.array([-0.5, 1.5])) == Drawdown(-0.5, peak=0, trough=1, recovery=2)


def test_what_never_falls_has_no_days_of_drawdown() -> None:
    assert max_drawdown(np.array([0.0, 0.1, 0.0])) == Drawdown(0.0, None, None, None)


def test_quantiles_interpolate_between_the_nearest_returns() -> None:
    returns = np.arange(-50, 51) / 1000
    assert value_at_risk(returns, 0.05) == pytest.approx(0.045)
    assert conditional_value_at_risk(returns, 0.05) == pytest.approx(np.mean([50, 49, 48, 47, 46, 45]) / 1000)
    assert value_at_risk(np.array([-0.10, -0.02]), 0.05) == pytest.approx(0.10 - 0.05 * 0.08)
    assert value_at_risk(np.array([0.01, 0.02]), 0.05) < 0


def test_a_year_of_daily_rates_makes_the_annual_one() -> None:
    assert (1 + daily_rate(0.05)) ** 252 == pytest.approx(1.05)
    assert daily_rate(0.0) == 0.0


def test_two_holdings_by_hand() -> None:
    covariance = np.array([[0.04, 0.018], [0.018, 0.09]])
    weights = np.array([0.6, 0.4])
    variance = 0.36 * 0.04 + 0.16 * 0.09 + 2 * 0.24 * 0.018

    whole = variance**0.5
    assert portfolio_volatility(covariance, weights) == pytest.approx(whole)
    assert correlations(covariance)[0, 1] == pytest.approx(0.3)
    ratio = diversification_ratio(volatilities(covariance), weights, whole)
    assert ratio == pytest.approx((0.6 * 0.2 + 0.4 * 0.3) / whole)
    contributions = risk_contributions(covariance, weights)
    assert contributions is not None
    assert contributions == pytest.approx([0.6 * 0.0312 / whole, 0.4 * 0.0468 / whole])


def test_a_hedge_lowers_the_volatility_but_not_the_unhedged_one() -> None:
    hedged = np.array([[0.04, -0.02], [-0.02, 0.04]])
    weights = np.array([0.8, 0.2])
    assert portfolio_volatility(hedged, weights) < portfolio_volatility(hedged, np.array([0.8, 0.0]))
    assert unhedged_volatility(hedged, weights) == pytest.approx((0.64 * 0.04 + 0.04 * 0.04) ** 0.5)


def test_what_does_not_move_has_no_ratio() -> None:
    flat = np.zeros(10)
    steady = simple_returns(1.0001 ** np.arange(11))  # varies by rounding only
    assert sharpe_ratio(flat, 0.0) is None
    assert sharpe_ratio(steady, 0.0) is None
    assert sortino_ratio(flat, 0.0) is None
    assert beta(EIGHT_DAYS[:8], flat[:8]) is None
    assert correlation(EIGHT_DAYS[:8], flat[:8]) is None
    still = annual_covariance(np.column_stack([flat, steady]))
    assert diversification_ratio(volatilities(still), np.array([0.5, 0.5]), 0.0) is None
    assert risk_contributions(still, np.array([0.5, 0.5])) is None
    assert np.isnan(correlations(still)).all()
