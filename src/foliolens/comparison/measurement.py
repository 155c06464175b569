"""Portfolios measured by the prices of their holdings, all on the same days."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from foliolens.comparison.chart import chart
from foliolens.comparison.report import SideBySide, no_prices_reason, period_of, without_prices
from foliolens.comparison.subjects import Subject
from foliolens.ports.prices import PriceHistory
from foliolens.risk.market.alignment import CommonPrices, align
from foliolens.risk.market.basis import TOO_LARGE, no_figures_reason, price_basis, too_few_days
from foliolens.risk.market.comovement import correlation
from foliolens.risk.market.conventions import TRADING_DAYS, Conventions
from foliolens.risk.market.covariance import diversification_ratio
from foliolens.risk.market.metrics import no_figures
from foliolens.risk.market.models import Figure, PerformanceFigures, PriceBasis
from foliolens.risk.market.performance import figure, performance
from foliolens.risk.market.returns import (
    FloatArray,
    annual_volatility,
    growth,
    portfolio_returns,
    simple_returns,
)

__all__ = ["measured"]


def measured(
    subjects: Sequence[Subject], history: PriceHistory, conventions: Conventions, lookback: int | None
) -> SideBySide:
    """Measure portfolios of which at least one holding has prices.

    Args:
        subjects: The portfolios.
        history: Prices of what they hold and of the benchmark.
        conventions: Benchmark and risk-free rate.
        lookback: Calendar days before the last common one that are looked at; None for all there are.
    """
    common = _common(subjects, history, lookback)
    bases = [price_basis(subject.positions, history, common) for subject in subjects]
    if not common.symbols:
        return without_prices(subjects, bases, no_prices_reason(bases), conventions.benchmark)
    if not common.enough:
        return without_prices(subjects, bases, too_few_days(len(common.days)), conventions.benchmark)
    returns = simple_returns(common.prices)
    weights = _weights(subjects, bases, common)
    combined = portfolio_returns(returns, weights)
    paths = [growth(combined[:, place]) for place in range(len(subjects))]
    reasons = [
        _why_not(subject, basis, common, path)
        for subject, basis, path in zip(subjects, bases, paths, strict=True)
    ]
    own = np.std(returns, axis=0, ddof=1) * np.sqrt(TRADING_DAYS)
    return SideBySide(
        period=period_of(bases, None),
        figures=[
            no_figures(reason, conventions.benchmark)
            if reason
            else _figures(combined[:, place], own, weights[:, place], common, history, conventions)
            for place, reason in enumerate(reasons)
        ],
        bases=bases,
        correlations=_correlations(combined, reasons),
        chart=chart(
            {each.id: path for each, path in zip(subjects, paths, strict=True)},
            {each.id: reason for each, reason in zip(subjects, reasons, strict=True)},
            common.days,
            history,
            conventions.benchmark,
        ),
    )


def _common(subjects: Sequence[Subject], history: PriceHistory, lookback: int | None) -> CommonPrices:
    """The prices that all portfolios are measured by."""
    symbols = sorted({symbol for subject in subjects for symbol in subject.priced} & history.series.keys())
    shares = [[subject.priced.get(symbol, 0.0) for symbol in symbols] for subject in subjects]
    cash = [subject.cash for subject in subjects]
    return align([history.series[symbol] for symbol in symbols], np.array(shares), np.array(cash), lookback)


def _weights(subjects: Sequence[Subject], bases: Sequence[PriceBasis], common: CommonPrices) -> FloatArray:
    """The share of each covered holding in the covered value of each portfolio, (holdings, portfolios)."""
    held = np.array([[subject.priced.get(symbol, 0.0) for subject in subjects] for symbol in common.symbols])
    covered = np.array([basis.coverage for basis in bases])
    return held / np.where(covered > 0, covered, 1.0)


def _why_not(subject: Subject, basis: PriceBasis, common: CommonPrices, path: FloatArray) -> str | None:
    """Why a portfolio has no figures; None where it has. Cash alone has: it stands still."""
    if subject.priced and not subject.priced.keys() & set(common.symbols):
        return no_figures_reason(basis.missing)
    return None if np.isfinite(path).all() else TOO_LARGE


def _figures(
    returns: FloatArray,
    own: FloatArray,
    weights: FloatArray,
    common: CommonPrices,
    history: PriceHistory,
    conventions: Conventions,
) -> PerformanceFigures:
    ratio = diversification_ratio(own, weights, annual_volatility(returns))
    return performance(returns, common.days, ratio, history, conventions)


def _correlations(combined: FloatArray, reasons: Sequence[str | None]) -> dict[tuple[int, int], Figure]:
    return {
        (one, other): Figure(value=None, reason=reason)
        if (reason := reasons[one] or reasons[other])
        else figure(correlation(combined[:, one], combined[:, other]), "The value of one does not move.")
        for one, other in combinations(range(len(reasons)), 2)
    }
