"""The figures of one series of daily returns, each with its value or the reason why there is none."""

import math

import numpy as np
from numpy.typing import NDArray

from foliolens.ports.prices import PriceHistory
from foliolens.risk.market.basis import why_missing
from foliolens.risk.market.comovement import beta, correlation
from foliolens.risk.market.conventions import LEAST_DAYS, TAILS, Conventions, daily_rate
from foliolens.risk.market.drawdown import max_drawdown
from foliolens.risk.market.models import BenchmarkFigures, DrawdownFigure, Figure, PerformanceFigures
from foliolens.risk.market.ratios import sharpe_ratio, sortino_ratio
from foliolens.risk.market.returns import (
    FloatArray,
    annual_return,
    annual_volatility,
    growth,
    plausible,
    simple_returns,
)
from foliolens.risk.market.tail_losses import conditional_value_at_risk, value_at_risk
from foliolens.risk.wording import opening

__all__ = ["DOES_NOT_MOVE", "figure", "performance"]

DOES_NOT_MOVE = "The value does not move."
_NO_SHORTFALL = "No day falls short of the risk-free rate."

_Days = NDArray[np.datetime64]


def figure(value: float | None, reason: str = DOES_NOT_MOVE) -> Figure:
    """A figure, or the reason why there is none."""
    if value is not None and not math.isfinite(value):
        return Figure(value=None, reason="It is larger than any number.")
    return Figure(value=value, reason=reason if value is None else None)


def performance(
    returns: FloatArray,
    days: _Days,
    diversification: float | None,
    history: PriceHistory,
    conventions: Conventions,
) -> PerformanceFigures:
    """All figures of a portfolio.

    Args:
        returns: Daily, shape (n,), n ≥ 2; their growth is finite.
        days: Of the prices they were computed from, shape (n + 1,).
        diversification: The diversification ratio.
        history: Where the prices of the benchmark are, or why they are missing.
        conventions: Benchmark and risk-free rate.
    """
    risk_free = daily_rate(conventions.risk_free_rate)
    losses = {tail: figure(value_at_risk(returns, tail)) for tail in TAILS}
    worst = {tail: figure(conditional_value_at_risk(returns, tail)) for tail in TAILS}
    return PerformanceFigures(
        volatility=figure(annual_volatility(returns)),
        annual_return=figure(annual_return(returns)),
        max_drawdown=_drawdown(returns, days),
        sharpe_ratio=figure(sharpe_ratio(returns, risk_free)),
        sortino_ratio=figure(sortino_ratio(returns, risk_free), _NO_SHORTFALL),
        value_at_risk95=losses[0.05],
        value_at_risk99=losses[0.01],
        conditional_value_at_risk95=worst[0.05],
        conditional_value_at_risk99=worst[0.01],
        diversification_ratio=figure(diversification),
        benchmark=_against_benchmark(returns, days, history, conventions.benchmark),
    )


def _drawdown(returns: FloatArray, days: _Days) -> DrawdownFigure:
    found = max_drawdown(returns)
    peak, trough, recovery = (
        None if day is None else days[day].item() for day in (found.peak, found.trough, found.recovery)
    )
    return DrawdownFigure(value=found.value, peak=peak, trough=trough, recovery=recovery)


def _against_benchmark(
    returns: FloatArray, days: _Days, history: PriceHistory, symbol: str
) -> BenchmarkFigures:
    """Beta and correlation on the days that both have; days between them are compounded."""
    series = history.series.get(symbol)
    if series is None:
        why = why_missing(history.missing.get(symbol, "NO_PROVIDER"))
        return _no_benchmark(symbol, 0, f"There are no prices of {symbol}: {why}.")
    shared, ours, theirs = np.intersect1d(days, series.days, assume_unique=True, return_indices=True)
    if len(shared) < LEAST_DAYS:
        reason = (
            f"{len(shared)} days have prices of both the portfolio and {symbol}; {LEAST_DAYS} are needed."
        )
        return _no_benchmark(symbol, len(shared), reason)
    prices = series.adjusted[theirs]
    if not plausible(prices):
        return _no_benchmark(symbol, len(shared), f"{opening(why_missing('IMPLAUSIBLE'))} ({symbol}).")
    own, benchmark = simple_returns(growth(returns)[ours]), simple_returns(prices)
    return BenchmarkFigures(
        symbol=symbol,
        days=len(shared),
        beta=figure(beta(own, benchmark), f"The price of {symbol} does not move."),
        correlation=figure(correlation(own, benchmark), f"The value or the price of {symbol} does not move."),
    )


def _no_benchmark(symbol: str, days: int, reason: str) -> BenchmarkFigures:
    none = Figure(value=None, reason=reason)
    return BenchmarkFigures(symbol=symbol, days=days, beta=none, correlation=none)
