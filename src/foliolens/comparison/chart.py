"""Indexed performance for a chart: what 100 became."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foliolens.comparison.schemas import ChartLine, PerformanceChart
from foliolens.ports.prices import PriceHistory
from foliolens.risk.market.basis import why_missing
from foliolens.risk.market.returns import FloatArray, plausible
from foliolens.risk.wording import opening

__all__ = ["MOST_POINTS", "chart"]

MOST_POINTS: Final = 261
"""A point a week over five years."""

_BASE: Final = 100.0
_DECIMALS: Final = 4
_STALE_DAYS: Final = 10

_Days = NDArray[np.datetime64]


def chart(
    paths: Mapping[str, FloatArray],
    reasons: Mapping[str, str | None],
    days: _Days,
    history: PriceHistory,
    benchmark: str,
) -> PerformanceChart:
    """Draw the growth of portfolios and of the benchmark at evenly spread days, the ends among them.

    Args:
        paths: What 1 became on each day, by portfolio, shape (days,).
        reasons: Why a portfolio has no line; None where it has one.
        days: At least two.
        history: Where the prices of the benchmark are.
        benchmark: Its symbol.
    """
    shown = np.unique(np.linspace(0, len(days) - 1, min(len(days), MOST_POINTS)).round().astype(np.intp))
    return PerformanceChart(
        days=tuple(days[shown].tolist()),
        portfolios=tuple(
            ChartLine(id=key, values=None, reason=reasons[key])
            if reasons[key]
            else ChartLine(id=key, values=_indexed(path[shown]))
            for key, path in paths.items()
        ),
        benchmark=_benchmark_line(days[shown], history, benchmark),
    )


def _indexed(path: FloatArray) -> tuple[float, ...]:
    return tuple((path / path[0] * _BASE).round(_DECIMALS).tolist())


def _benchmark_line(days: _Days, history: PriceHistory, symbol: str) -> ChartLine:
    """The benchmark at its last price up to each day, unless that is an old one."""
    series = history.series.get(symbol)
    if series is None:
        why = why_missing(history.missing.get(symbol, "NO_PROVIDER"))
        return ChartLine(id=symbol, values=None, reason=f"There are no prices of {symbol}: {why}.")
    if not plausible(series.adjusted):
        return ChartLine(id=symbol, values=None, reason=f"{opening(why_missing('IMPLAUSIBLE'))} ({symbol}).")
    rows = np.searchsorted(series.days, days, side="right") - 1
    if (rows < 0).any() or (days - series.days[rows] > np.timedelta64(_STALE_DAYS, "D")).any():
        span = f"{series.days[0]} to {series.days[-1]}"
        return ChartLine(
            id=symbol, values=None, reason=f"The prices of {symbol} ({span}) do not cover these days."
        )
    return ChartLine(id=symbol, values=_indexed(series.adjusted[rows]))
