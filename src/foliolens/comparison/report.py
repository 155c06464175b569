"""A comparison put together, with or without prices."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from foliolens.comparison.ranking import best_in, least_diversifying, pairs_of
from foliolens.comparison.schemas import ChartLine, ComparedPortfolio, Comparison, PerformanceChart, Period
from foliolens.comparison.subjects import Subject, union_of
from foliolens.ports.prices import PriceHistory
from foliolens.risk import concentration
from foliolens.risk.market.basis import no_figures_reason, price_basis
from foliolens.risk.market.conventions import METHOD, Conventions
from foliolens.risk.market.metrics import no_figures
from foliolens.risk.market.models import Figure, PerformanceFigures, PriceBasis
from foliolens.risk.report import DISCLAIMER

__all__ = ["SideBySide", "compare", "no_prices_reason", "period_of", "without_prices"]

_METHOD: Final = (
    "Overlap and the symbols in common do not see where funds hold the same companies.",
    "Figures from prices rest on the days that all covered holdings of all portfolios have, so they may "
    "differ from those of a portfolio's own report, which takes the days of its own holdings.",
    "A pair adds the least diversification where the daily returns correlate most.",
)


class SideBySide(Struct, frozen=True):
    """What prices say of all portfolios on the same days.

    Attributes:
        figures: Of each portfolio.
        bases: Which prices the figures of each rest on.
        correlations: Of the portfolios at two places, the first before the second.
    """

    period: Period
    figures: Sequence[PerformanceFigures]
    bases: Sequence[PriceBasis]
    correlations: Mapping[tuple[int, int], Figure]
    chart: PerformanceChart


def compare(
    subjects: Sequence[Subject],
    history: PriceHistory,
    conventions: Conventions,
    *,
    lookback: int | None,
    as_of: datetime,
) -> Comparison:
    """Compare portfolios; no I/O.

    Args:
        subjects: Two or more, of different ids.
        history: Prices of what they hold and of the benchmark, of the days that may count.
        conventions: Benchmark and risk-free rate.
        lookback: Calendar days before the last common one that are looked at; None for all there are.
        as_of: Copied into the comparison.
    """
    measured = _side_by_side(subjects, history, conventions, lookback)
    portfolios = [
        _portfolio(subject, figures, basis)
        for subject, figures, basis in zip(subjects, measured.figures, measured.bases, strict=True)
    ]
    pairs = pairs_of(subjects, measured.correlations)
    return Comparison(
        as_of=as_of,
        period=measured.period,
        portfolios=tuple(portfolios),
        pairs=pairs,
        least_diversifying=least_diversifying(pairs, portfolios),
        best=best_in(portfolios),
        holdings=union_of(subjects),
        performance=measured.chart,
        method=(*_METHOD, *(METHOD if measured.period.reason is None else ())),
        disclaimer=DISCLAIMER,
    )


def _side_by_side(
    subjects: Sequence[Subject], history: PriceHistory, conventions: Conventions, lookback: int | None
) -> SideBySide:
    if any(subject.priced.keys() & history.series.keys() for subject in subjects):
        # Costs 0.1 s, which portfolios without prices are spared.
        from foliolens.comparison.measurement import measured  # noqa: PLC0415

        return measured(subjects, history, conventions, lookback)
    bases = [price_basis(subject.positions, history) for subject in subjects]
    return without_prices(subjects, bases, no_prices_reason(bases), conventions.benchmark)


def no_prices_reason(bases: Sequence[PriceBasis]) -> str:
    """One sentence on why no holding of any portfolio has prices that can be used."""
    groups = {group.reason: group for basis in bases for group in basis.missing}
    return no_figures_reason(list(groups.values()))


def without_prices(
    subjects: Sequence[Subject], bases: Sequence[PriceBasis], reason: str, benchmark: str
) -> SideBySide:
    """No figure of any portfolio, all for one reason."""
    none = Figure(value=None, reason=reason)
    places = range(len(subjects))
    return SideBySide(
        period=period_of(bases, reason),
        figures=[no_figures(reason, benchmark)] * len(subjects),
        bases=bases,
        correlations={(one, other): none for other in places for one in range(other)},
        chart=PerformanceChart(
            days=(),
            portfolios=tuple(ChartLine(id=each.id, values=None, reason=reason) for each in subjects),
            benchmark=ChartLine(id=benchmark, values=None, reason=reason),
        ),
    )


def period_of(bases: Sequence[PriceBasis], reason: str | None) -> Period:
    """The days that all portfolios are compared on."""
    first = bases[0]
    waits = [basis.retry_after for basis in bases if basis.retry_after is not None]
    return Period(
        first_day=first.first_day,
        last_day=first.last_day,
        days=first.days,
        reason=reason,
        retry_after=min(waits, default=None),
    )


def _portfolio(subject: Subject, figures: PerformanceFigures, basis: PriceBasis) -> ComparedPortfolio:
    report = subject.report
    weights = [position.weight for position in subject.positions]
    hhi = concentration.hhi(weights)
    return ComparedPortfolio(
        id=subject.id,
        name=subject.name,
        overall_risk_score=report.overall_risk_score,
        overall_risk_band=report.overall_risk_band,
        volatility_measured=report.volatility.measured,
        holdings_count=report.holdings_count,
        hhi=hhi,
        hhi_look_through=concentration.look_through_hhi(weights, [p.constituents for p in subject.positions]),
        effective_holdings=concentration.effective_holdings(hhi),
        figures=figures,
        prices=basis,
    )
