"""The risk report as a link shows it: an allow-list of its own, and no figure finer than it means.

Fields are copied by name from the owner's report, so that what the report gains tomorrow stays with the owner
until it is added here.
"""

from datetime import datetime

from pydantic import Field

from foliolens.kit.schema import ResponseModel
from foliolens.risk.cautions import CautionCode
from foliolens.risk.models import RiskReport
from foliolens.risk.scoring import Band
from foliolens.sharing.market_view import SharedMarketMetrics
from foliolens.sharing.rounding import Rounded

__all__ = ["SharedRiskReport"]


class SharedMetric(ResponseModel):
    """A number, and what it means."""

    value: Rounded | None
    band: Band | None
    reason: str | None


class SharedVolatility(SharedMetric):
    """Annual volatility as a fraction."""

    measured: bool


class SharedSectorConcentration(SharedMetric):
    """Share of the largest sector in the classified equity."""

    largest_sector: str | None
    hhi: Rounded | None


class SharedGeographicRisk(SharedMetric):
    """Share of the home market in the classified value."""

    hhi: Rounded | None


class SharedTopHoldings(ResponseModel):
    """Share of the value in the largest 1, 3, 5 and 10 holdings."""

    top1: Rounded = Field(alias="1")
    top3: Rounded = Field(alias="3")
    top5: Rounded = Field(alias="5")
    top10: Rounded = Field(alias="10")


class SharedDiversification(ResponseModel):
    """How well the portfolio is spread, 1 to 10; null if unknown."""

    sector: Rounded | None
    geography: Rounded | None
    asset_type: Rounded | None
    composite: Rounded | None


class SharedCoverage(ResponseModel):
    """How much of the value is classified in one dimension, and which holdings are not."""

    share: Rounded
    unclassified: tuple[str, ...]


class SharedCoverageReport(ResponseModel):
    """What the figures of each dimension rest on."""

    sector: SharedCoverage
    region: SharedCoverage
    asset_type: SharedCoverage
    category: SharedCoverage


class SharedSlice(ResponseModel):
    """One slice of the portfolio."""

    key: str
    share: Rounded


class SharedBreakdowns(ResponseModel):
    """The whole value by dimension, largest slice first."""

    sector: tuple[SharedSlice, ...]
    region: tuple[SharedSlice, ...]
    asset_class: tuple[SharedSlice, ...]
    category: tuple[SharedSlice, ...]


class SharedComponent(ResponseModel):
    """One component of the overall score."""

    name: str
    value: Rounded | None
    band: Band | None
    score: Rounded | None
    weight: Rounded
    contribution: Rounded
    explanation: str


class SharedWarning(ResponseModel):
    """Something worth knowing about the portfolio."""

    code: CautionCode
    message: str


class SharedRiskReport(ResponseModel):
    """What the portfolio of a link is exposed to, in percentages and scores only."""

    as_of: datetime
    summary: str
    overall_risk_score: Rounded
    overall_risk_band: Band
    components: tuple[SharedComponent, ...]
    warnings: tuple[SharedWarning, ...]
    holdings_count: int
    hhi: SharedMetric
    hhi_look_through: SharedMetric
    effective_holdings: SharedMetric
    normalized_hhi: SharedMetric
    top_holdings: SharedTopHoldings
    volatility: SharedVolatility
    sector_concentration: SharedSectorConcentration
    geographic_risk: SharedGeographicRisk
    asset_type_diversification: SharedMetric
    credit_risk: SharedMetric
    liquidity_risk: SharedMetric
    diversification: SharedDiversification
    coverage: SharedCoverageReport
    breakdowns: SharedBreakdowns
    market: SharedMarketMetrics
    method: tuple[str, ...]
    data_sources: tuple[str, ...]
    disclaimer: str

    @classmethod
    def of(cls, report: RiskReport) -> "SharedRiskReport":
        """The fields listed here of the owner's report, rounded."""
        return cls.model_validate(report, from_attributes=True)
