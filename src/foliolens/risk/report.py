"""The risk report of a portfolio."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory
from foliolens.risk import concentration, models, scoring
from foliolens.risk.breakdowns import Breakdown
from foliolens.risk.cautions import cautions
from foliolens.risk.components import Component, components_of, overall_score
from foliolens.risk.explanations import explain
from foliolens.risk.market.conventions import METHOD, Conventions
from foliolens.risk.market.metrics import measure_market, no_prices
from foliolens.risk.market.models import MarketMetrics
from foliolens.risk.measures import Measures, measure
from foliolens.risk.positions import Position, positions_of
from foliolens.risk.scoring import band_of_score
from foliolens.risk.summary import summarize

__all__ = ["DISCLAIMER", "analyze", "analyze_positions"]

DISCLAIMER: Final = "This is information, not advice."

_METHOD: Final = (
    "Weights are shares of the total value; rows of one symbol count as one holding.",
    "Look-through counts a fund as its effective number of constituents (100 where a diversified fund or "
    "cash is not in the reference table) and does not see where funds hold the same companies.",
    "Sectors are shares of the equity of known sector; regions leave out cash and commodities, and count "
    "global funds as 60% United States, 30% other developed and 10% emerging markets.",
    "Credit and liquidity are judged by type, category and name; without a category, individual bonds count "
    "as unrated and bond funds are left out of credit.",
)
_LONG_RUN_METHOD: Final = (
    "Volatility is the weighted mean of long-run figures per category, with single stocks at 30% and the "
    "highest figure that may apply where a category is unknown; it ignores diversification, so prices "
    "usually show less."
)
_MEASURED_METHOD: Final = (
    "The score takes the volatility from daily prices, without what holdings offset in each other and at "
    "least that of cash, so that moving into cash never raises it."
)
_SOURCES: Final = (
    "The portfolio's own data.",
    "FolioLens reference table of well-known stocks and funds.",
)
_LONG_RUN_SOURCE: Final = (
    "Long-run volatility by category: Kinlaw, Kritzman, Turkington, Asset Allocation (2021); Morningstar."
)


def analyze(
    holdings: Sequence[Holding],
    *,
    as_of: datetime,
    history: PriceHistory | None = None,
    conventions: Conventions = Conventions(),  # noqa: B008 - immutable
) -> models.RiskReport:
    """Report what a portfolio is exposed to.

    The order of the holdings does not matter, nor does splitting one into rows of the same symbol.

    Args:
        holdings: At least one with an amount above 0.
        as_of: When the holdings were valued; copied into the report.
        history: Prices of what is held and of the benchmark; without it there are none.
        conventions: How prices are measured.

    Raises:
        ValueError: No holding has value, or an amount is negative.
    """
    return analyze_positions(positions_of(holdings), as_of=as_of, history=history, conventions=conventions)


def analyze_positions(
    positions: tuple[Position, ...],
    *,
    as_of: datetime,
    history: PriceHistory | None,
    conventions: Conventions,
) -> models.RiskReport:
    """Report what merged positions are exposed to; otherwise like `analyze`."""
    by_prices = no_prices(positions) if history is None else measure_market(positions, history, conventions)
    market = by_prices.metrics
    measures = measure(positions, by_prices.scored_volatility)
    components = components_of(measures)
    score = overall_score(components)
    warnings = cautions(measures, market, as_of.date())
    scored = tuple(_component_score(each, explain(each.name, measures, market)) for each in components)
    by_name = {component.name: component for component in scored}
    return models.RiskReport(
        as_of=as_of,
        summary=summarize(measures, score, components, warnings),
        overall_risk_score=score,
        overall_risk_band=band_of_score(score),
        components=scored,
        warnings=tuple(models.RiskWarning(code=w.code, message=w.message) for w in warnings),
        holdings_count=len(measures.positions),
        hhi=models.Metric(value=measures.hhi, band=scoring.CONCENTRATION.band(measures.hhi)),
        hhi_look_through=_metric(by_name["concentration"]),
        effective_holdings=models.Metric(value=concentration.effective_holdings(measures.hhi)),
        normalized_hhi=models.Metric(
            value=concentration.normalized_hhi(measures.hhi, len(measures.positions))
        ),
        top_holdings=_top_holdings(measures),
        volatility=_volatility(by_name["volatility"], measures),
        sector_concentration=_sector_concentration(by_name["sector"], measures),
        geographic_risk=_geographic_risk(by_name["geography"], measures),
        asset_type_diversification=models.Metric(
            value=measures.class_spread,
            reason="No holding has a known asset class." if measures.class_spread is None else None,
        ),
        credit_risk=_metric(by_name["credit"]),
        liquidity_risk=_metric(by_name["liquidity"]),
        diversification=_diversification(measures),
        coverage=_coverage(measures),
        breakdowns=_breakdowns(measures),
        market=market,
        method=_method(measures, market),
        data_sources=_sources(measures, market),
        disclaimer=DISCLAIMER,
    )


def _method(measures: Measures, market: MarketMetrics) -> tuple[str, ...]:
    scored = _MEASURED_METHOD if measures.measured else _LONG_RUN_METHOD
    return (*_METHOD, scored, *(METHOD if market.reason is None else ()))


def _sources(measures: Measures, market: MarketMetrics) -> tuple[str, ...]:
    sources = _SOURCES if measures.measured else (*_SOURCES, _LONG_RUN_SOURCE)
    return sources if market.reason else (*sources, _price_source(market))


def _price_source(market: MarketMetrics) -> str:
    return f"Daily prices to {market.prices.last_day}: {', '.join(market.prices.sources)}."


def _component_score(component: Component, explanation: str) -> models.ComponentScore:
    return models.ComponentScore(
        name=component.name,
        value=component.value,
        band=component.band,
        score=component.score,
        weight=component.weight,
        contribution=component.contribution,
        explanation=explanation,
    )


def _metric(component: models.ComponentScore) -> models.Metric:
    return models.Metric(value=component.value, band=component.band, reason=_reason(component))


def _reason(component: models.ComponentScore) -> str | None:
    return component.explanation if component.value is None else None


def _volatility(component: models.ComponentScore, measures: Measures) -> models.VolatilityMetric:
    return models.VolatilityMetric(value=component.value, band=component.band, measured=measures.measured)


def _sector_concentration(component: models.ComponentScore, measures: Measures) -> models.SectorConcentration:
    exposure = measures.sectors
    return models.SectorConcentration(
        value=component.value,
        band=component.band,
        reason=_reason(component),
        largest_sector=None if exposure is None else exposure.largest,
        hhi=None if exposure is None else exposure.hhi,
    )


def _geographic_risk(component: models.ComponentScore, measures: Measures) -> models.GeographicRisk:
    exposure = measures.regions
    return models.GeographicRisk(
        value=component.value,
        band=component.band,
        reason=_reason(component),
        hhi=None if exposure is None else exposure.hhi,
    )


def _top_holdings(measures: Measures) -> models.TopHoldings:
    weights = [position.weight for position in measures.positions]
    return models.TopHoldings.model_validate(
        {str(count): concentration.top_share(weights, count) for count in (1, 3, 5, 10)}
    )


def _diversification(measures: Measures) -> models.Diversification:
    return models.Diversification(
        sector=measures.sector_spread,
        geography=measures.region_spread,
        asset_type=measures.class_spread,
        composite=measures.spread,
    )


def _coverage(measures: Measures) -> models.CoverageReport:
    return models.CoverageReport(
        sector=_covered(measures.by_sector),
        region=_covered(measures.by_region),
        asset_type=_covered(measures.by_class),
        category=_covered(measures.by_category),
    )


def _covered(breakdown: Breakdown) -> models.Coverage:
    return models.Coverage(share=breakdown.covered, unclassified=breakdown.unclassified)


def _breakdowns(measures: Measures) -> models.Breakdowns:
    return models.Breakdowns(
        sector=_slices(measures.by_sector),
        region=_slices(measures.by_region),
        asset_class=_slices(measures.by_class),
        category=_slices(measures.by_category),
    )


def _slices(breakdown: Breakdown) -> tuple[models.Share, ...]:
    return tuple(models.Share(key=key, share=min(1.0, share)) for key, share in breakdown.shares)
