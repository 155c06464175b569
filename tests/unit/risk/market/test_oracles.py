"""The same figures as empyrical, skfolio and PyPortfolioOpt, on real prices, to 1e-9."""

from collections.abc import Callable

import empyrical
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from pypfopt import expected_returns, risk_models
from skfolio import Portfolio, RiskMeasure

from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory, PriceSeries
from foliolens.risk.market.models import Figure
from tests.unit.risk.cases import cash, holding
from tests.unit.risk.market.series import INDEX, STOCKS, history, measured, only, real

EXACT = 1e-9
RISK_FREE = 0.03


def whole(series: PriceSeries) -> PriceSeries:
    return series


def with_gaps(series: PriceSeries) -> PriceSeries:
    """Without one day in fifty, another one for each symbol, but with the last."""
    rows = np.arange(len(series.days))
    return only(series, (rows % 50 != sum(series.symbol.encode()) % 50) | (rows == rows[-1]))


def half_a_year(series: PriceSeries) -> PriceSeries:
    return only(series, slice(-126, None))


@pytest.fixture(params=[whole, with_gaps, half_a_year], ids=lambda change: change.__name__)
def prices(request: pytest.FixtureRequest) -> PriceHistory:
    change: Callable[[PriceSeries], PriceSeries] = request.param
    return history(*(change(real()[symbol]) for symbol in (*STOCKS, INDEX)))


@pytest.fixture
def holdings() -> list[Holding]:
    amounts = np.random.default_rng(7).integers(100, 10_000, len(STOCKS))
    return [holding(symbol, int(amount)) for symbol, amount in zip(STOCKS, amounts, strict=True)]


@pytest.fixture
def frame(prices: PriceHistory) -> pd.DataFrame:
    """The prices on common dates, as a reader of pandas would line them up."""
    columns = {
        symbol: pd.Series(prices.series[symbol].adjusted, prices.series[symbol].days) for symbol in STOCKS
    }
    return pd.DataFrame(columns).dropna()


@pytest.fixture
def weights(holdings: list[Holding]) -> NDArray[np.float64]:
    amounts = np.array([float(each.amount) for each in holdings])
    return amounts / amounts.sum()


@pytest.fixture
def returns(frame: pd.DataFrame, weights: NDArray[np.float64]) -> pd.Series:
    return frame.pct_change().dropna() @ weights


def value(figure: Figure) -> float:
    assert figure.value is not None, figure.reason
    assert figure.reason is None
    return figure.value


def test_empyrical(prices: PriceHistory, holdings: list[Holding], returns: pd.Series) -> None:
    found = measured(holdings, prices, risk_free=RISK_FREE).metrics
    daily = (1 + RISK_FREE) ** (1 / 252) - 1
    expected = {
        "volatility": empyrical.annual_volatility(returns),
        "annual_return": empyrical.annual_return(returns),
        "max_drawdown": empyrical.max_drawdown(returns),
        "sharpe_ratio": empyrical.sharpe_ratio(returns, risk_free=daily),
        "sortino_ratio": empyrical.sortino_ratio(returns, required_return=daily),
        "value_at_risk95": -empyrical.value_at_risk(returns, 0.05),
        "value_at_risk99": -empyrical.value_at_risk(returns, 0.01),
        "conditional_value_at_risk95": -empyrical.conditional_value_at_risk(returns, 0.05),
        "conditional_value_at_risk99": -empyrical.conditional_value_at_risk(returns, 0.01),
    }

    assert found.prices.days == len(returns) + 1
    assert {name: value(getattr(found, name)) for name in expected} == pytest.approx(expected, abs=EXACT)


def test_beta_and_correlation_on_the_days_that_both_have(
    prices: PriceHistory, holdings: list[Holding], returns: pd.Series, frame: pd.DataFrame
) -> None:
    found = measured(holdings, prices).metrics.benchmark
    index = pd.Series(prices.series[INDEX].adjusted, prices.series[INDEX].days)
    grown = pd.Series(np.concatenate(([1.0], (1 + returns).cumprod())), frame.index)
    both = pd.DataFrame({"portfolio": grown, "index": index}).dropna()
    changes = both.pct_change().dropna()

    assert found.days == len(both)
    assert value(found.beta) == pytest.approx(
        empyrical.beta(changes["portfolio"], changes["index"]), abs=EXACT
    )
    assert value(found.correlation) == pytest.approx(changes["portfolio"].corr(changes["index"]), abs=EXACT)


def test_the_days_of_the_drawdown(
    prices: PriceHistory, holdings: list[Holding], returns: pd.Series, frame: pd.DataFrame
) -> None:
    found = measured(holdings, prices).metrics.max_drawdown
    grown = pd.Series(np.concatenate(([1.0], (1 + returns).cumprod())), frame.index)
    trough = (grown / grown.cummax() - 1).idxmin()
    peak = grown[:trough].idxmax()
    back = grown[trough:][grown[trough:] >= grown[peak]]

    assert (found.peak, found.trough) == (peak.date(), trough.date())
    assert found.recovery == (None if back.empty else back.index[0].date())


def test_pyportfolioopt(
    prices: PriceHistory, holdings: list[Holding], frame: pd.DataFrame, weights: NDArray[np.float64]
) -> None:
    found = measured(holdings, prices).metrics
    covariance = risk_models.sample_cov(frame)
    correlation = risk_models.cov_to_corr(covariance)

    assert value(found.volatility) == pytest.approx((weights @ covariance @ weights) ** 0.5, abs=EXACT)
    order = list(found.correlations.symbols)
    assert np.array(found.correlations.matrix) == pytest.approx(
        correlation.loc[order, order].to_numpy(), abs=EXACT
    )
    single = measured([holding("JNJ", 1)], prices).metrics
    alone = pd.DataFrame({"JNJ": pd.Series(prices.series["JNJ"].adjusted, prices.series["JNJ"].days)})
    assert value(single.annual_return) == pytest.approx(
        expected_returns.mean_historical_return(alone)["JNJ"], abs=EXACT
    )


def test_skfolio(
    prices: PriceHistory, holdings: list[Holding], frame: pd.DataFrame, weights: NDArray[np.float64]
) -> None:
    found = measured(holdings, prices).metrics
    oracle = Portfolio(X=frame.pct_change().dropna(), weights=weights, annualization_factor=252)
    contributions = oracle.contribution(measure=RiskMeasure.STANDARD_DEVIATION) * 252**0.5

    assert value(found.volatility) == pytest.approx(oracle.annualized_standard_deviation, abs=EXACT)
    assert value(found.sharpe_ratio) == pytest.approx(oracle.annualized_sharpe_ratio, abs=EXACT)
    assert value(found.diversification_ratio) == pytest.approx(oracle.diversification, abs=EXACT)
    assert {each.symbol: each.contribution for each in found.risk_contributions} == pytest.approx(
        # skfolio takes the derivative numerically
        dict(zip(STOCKS, contributions, strict=True)),
        abs=1e-6,
    )
    assert sum(each.contribution for each in found.risk_contributions) == pytest.approx(
        value(found.volatility), abs=EXACT
    )


def test_cash_is_a_column_of_zeros(
    prices: PriceHistory, holdings: list[Holding], frame: pd.DataFrame
) -> None:
    total = sum(float(each.amount) for each in holdings)
    found = measured([*holdings, cash(int(total))], prices).metrics
    halves = np.array([float(each.amount) / total / 2 for each in holdings])

    assert found.prices.coverage == pytest.approx(1)
    assert value(found.volatility) == pytest.approx(
        empyrical.annual_volatility(frame.pct_change().dropna() @ halves), abs=EXACT
    )
