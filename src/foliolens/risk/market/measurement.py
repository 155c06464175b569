"""A portfolio measured by the prices of its holdings."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from foliolens.ports.prices import PriceHistory
from foliolens.risk import volatility
from foliolens.risk.market import covariance as co
from foliolens.risk.market.alignment import CommonPrices, align
from foliolens.risk.market.basis import TOO_LARGE, no_figures_reason, price_basis, too_few_days
from foliolens.risk.market.conventions import LOOKBACK_DAYS, Conventions
from foliolens.risk.market.metrics import Measurement, unmeasured
from foliolens.risk.market.models import Correlations, MarketMetrics, RiskContribution
from foliolens.risk.market.performance import performance
from foliolens.risk.market.returns import FloatArray, growth, portfolio_returns, simple_returns
from foliolens.risk.positions import Position

__all__ = ["measured"]

_MOST_CORRELATIONS: Final = 50


def measured(positions: Sequence[Position], history: PriceHistory, conventions: Conventions) -> Measurement:
    """Measure a portfolio of which at least one holding has prices.

    Args:
        positions: By falling weight; their weights sum to 1.
        history: Of every position that is not cash, and of the benchmark.
        conventions: Benchmark and risk-free rate.
    """
    priced = [each for each in positions if not each.is_cash and each.symbol in history.series]
    cash = sum(each.weight for each in positions if each.is_cash)
    common = align(
        [history.series[each.symbol] for each in priced],
        np.array([[each.weight for each in priced]]),
        np.array([cash]),
        LOOKBACK_DAYS,
    )
    symbols = set(common.symbols)
    covered = [each for each in priced if each.symbol in symbols]
    basis = price_basis(positions, history, common)
    if not common.symbols:
        return Measurement(unmeasured(basis, no_figures_reason(basis.missing), conventions), None)
    if not common.enough:
        return Measurement(unmeasured(basis, too_few_days(len(common.days)), conventions), None)
    weights = np.array([each.weight for each in covered]) / basis.coverage
    returns = simple_returns(common.prices)
    whole = portfolio_returns(returns, weights)
    if not np.isfinite(growth(whole)).all():
        return Measurement(unmeasured(basis, TOO_LARGE, conventions), None)
    matrix = co.annual_covariance(returns)
    ratio = co.diversification_ratio(
        co.volatilities(matrix), weights, co.portfolio_volatility(matrix, weights)
    )
    figures = performance(whole, common.days, ratio, history, conventions)
    metrics = MarketMetrics(
        **dict(figures),
        reason=None,
        prices=basis,
        risk_free_rate=conventions.risk_free_rate,
        risk_contributions=_contributions(positions, covered, matrix, weights, basis.coverage),
        correlations=_correlations(common, matrix),
    )
    # No portfolio counts as calmer than cash does without prices.
    return Measurement(metrics, max(volatility.CASH, co.unhedged_volatility(matrix, weights)))


def _contributions(
    positions: Sequence[Position],
    covered: Sequence[Position],
    matrix: FloatArray,
    weights: FloatArray,
    coverage: float,
) -> tuple[RiskContribution, ...]:
    contributions = co.risk_contributions(matrix, weights)
    if contributions is None:
        return ()
    total = co.portfolio_volatility(matrix, weights)
    own = co.volatilities(matrix)
    told = [
        RiskContribution(
            symbol=position.symbol,
            weight=min(1.0, float(weights[row])),
            volatility=float(own[row]),
            contribution=float(contributions[row]),
            share=float(contributions[row]) / total,
        )
        for row, position in enumerate(covered)
    ]
    told += [
        RiskContribution(
            symbol=position.symbol,
            weight=min(1.0, position.weight / coverage),
            volatility=0.0,
            contribution=0.0,
            share=0.0,
        )
        for position in positions
        if position.is_cash
    ]
    return tuple(sorted(told, key=lambda each: (-each.contribution, each.symbol)))


def _correlations(common: CommonPrices, matrix: FloatArray) -> Correlations:
    shown = min(len(common.symbols), _MOST_CORRELATIONS)
    rows = co.correlations(matrix[:shown, :shown]).tolist()
    return Correlations(
        symbols=common.symbols[:shown],
        matrix=tuple(tuple(None if math.isnan(cell) else cell for cell in row) for row in rows),
    )
