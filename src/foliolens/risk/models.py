"""The risk report as the API answers it. It holds shares only, no amounts, so it can be shown to anyone.

Fractions are between 0 and 1. A metric without a value says why; a metric without a band has none defined.
"""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from foliolens.kit.schema import ResponseModel
from foliolens.risk.cautions import CautionCode
from foliolens.risk.market.models import MarketMetrics
from foliolens.risk.scoring import Band

__all__ = [
    "Breakdowns",
    "ComponentScore",
    "Coverage",
    "CoverageReport",
    "Diversification",
    "GeographicRisk",
    "Metric",
    "RiskReport",
    "RiskWarning",
    "SectorConcentration",
    "Share",
    "TopHoldings",
    "VolatilityMetric",
]

Fraction = Annotated[float, Field(ge=0, le=1)]
Score = Annotated[float, Field(ge=1, le=10)]


class Metric(ResponseModel):
    """A number, and what it means."""

    value: float | None
    band: Band | None = None
    reason: str | None = Field(default=None, description="Why there is no value.")


class VolatilityMetric(Metric):
    """Annual volatility as a fraction, as the score counts it."""

    measured: bool = Field(
        description="True if it comes from prices, without what holdings offset in each other and at least "
        "that of cash; false if from long-run figures."
    )


class SectorConcentration(Metric):
    """Share of the largest sector in the classified equity."""

    largest_sector: str | None
    hhi: Fraction | None = Field(description="Herfindahl-Hirschman index over the sectors.")


class GeographicRisk(Metric):
    """Share of the home market, the United States, in the classified value."""

    hhi: Fraction | None = Field(description="Herfindahl-Hirschman index over the regions.")


class TopHoldings(ResponseModel):
    """Share of the value in the largest 1, 3, 5 and 10 holdings."""

    top1: Fraction = Field(alias="1")
    top3: Fraction = Field(alias="3")
    top5: Fraction = Field(alias="5")
    top10: Fraction = Field(alias="10")


class Diversification(ResponseModel):
    """How well the portfolio is spread: 1 all in one place, 10 evenly over all; null if unknown."""

    sector: Score | None
    geography: Score | None
    asset_type: Score | None
    composite: Score | None = Field(description="Mean of those that are known.")


class Coverage(ResponseModel):
    """How much of the value is classified in one dimension, and which holdings are not."""

    share: Fraction
    unclassified: tuple[str, ...]


class CoverageReport(ResponseModel):
    """What the figures of each dimension rest on."""

    sector: Coverage
    region: Coverage
    asset_type: Coverage
    category: Coverage


class Share(ResponseModel):
    """One slice of the portfolio."""

    key: str
    share: Fraction


class Breakdowns(ResponseModel):
    """The whole value by dimension, largest slice first; `unknown` is a slice too."""

    sector: tuple[Share, ...]
    region: tuple[Share, ...]
    asset_class: tuple[Share, ...]
    category: tuple[Share, ...]


class ComponentScore(ResponseModel):
    """One component of the overall score."""

    name: str
    value: float | None
    band: Band | None
    score: Score | None
    weight: Fraction = Field(description="After components without a value gave theirs away.")
    contribution: float = Field(description="Weight times score; they sum to the overall score.")
    explanation: str = Field(description="What drives it, and what would lower it.")


class RiskWarning(ResponseModel):
    """Something the owner should know."""

    code: CautionCode
    message: str


class RiskReport(ResponseModel):
    """What a portfolio is exposed to."""

    as_of: datetime
    summary: str
    overall_risk_score: Score
    overall_risk_band: Band
    components: tuple[ComponentScore, ...]
    warnings: tuple[RiskWarning, ...]
    holdings_count: int = Field(ge=1, description="Distinct symbols with a value.")
    hhi: Metric
    hhi_look_through: Metric
    effective_holdings: Metric
    normalized_hhi: Metric
    top_holdings: TopHoldings
    volatility: VolatilityMetric
    sector_concentration: SectorConcentration
    geographic_risk: GeographicRisk
    asset_type_diversification: Metric
    credit_risk: Metric
    liquidity_risk: Metric
    diversification: Diversification
    coverage: CoverageReport
    breakdowns: Breakdowns
    market: MarketMetrics
    method: tuple[str, ...] = Field(description="How the figures are made, and what they leave out.")
    data_sources: tuple[str, ...]
    disclaimer: str
