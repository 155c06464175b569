"""The risk report as a link shows it: an allow-list of its own, and no figure finer than it means.

Fields are copied by name from the owner's report, so that what the report gains tomorrow stays with the owner
until it is added here. Fractions of exact amounts give those amounts away when they come with all the digits
of a double: a continued fraction finds numerator and denominator, the amount and the total in cents. With
four decimals they fit every total above some hundred units of the currency equally well.
"""

from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from foliolens.kit.schema import ResponseModel
from foliolens.risk.cautions import CautionCode
from foliolens.risk.models import RiskReport
from foliolens.risk.scoring import Band

__all__ = ["DECIMALS", "SharedRiskReport"]

DECIMALS: Final = 4
"""Of every figure: a share is shown to the hundredth of a percent."""

_Rounded = Annotated[float, AfterValidator(lambda value: round(value, DECIMALS))]


class SharedMetric(ResponseModel):
    """A number, and what it means."""

    value: _Rounded | None
    band: Band | None
    reason: str | None


class SharedVolatility(SharedMetric):
    """Annual volatility as a fraction."""

    measured: bool


class SharedSectorConcentration(SharedMetric):
    """Share of the largest sector in the classified equity."""

    largest_sector: str | None
    hhi: _Rounded | None


class SharedGeographicRisk(SharedMetric):
    """Share of the home market in the classified value."""

    hhi: _Rounded | None


class SharedTopHoldings(ResponseModel):
    """Share of the value in the largest 1, 3, 5 and 10 holdings."""

    top1: _Rounded = Field(alias="1")
    top3: _Rounded = Field(alias="3")
    top5: _Rounded = Field(alias="5")
    top10: _Rounded = Field(alias="10")


class SharedDiversification(ResponseModel):
    """How well the portfolio is spread, 1 to 10; null if unknown."""

    sector: _Rounded | None
    geography: _Rounded | None
    asset_type: _Rounded | None
    composite: _Rounded | None


class SharedCoverage(ResponseModel):
    """How much of the value is classified in one dimension, and which holdings are not."""

    share: _Rounded
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
    share: _Rounded


class SharedBreakdowns(ResponseModel):
    """The whole value by dimension, largest slice first."""

    sector: tuple[SharedSlice, ...]
    region: tuple[SharedSlice, ...]
    asset_class: tuple[SharedSlice, ...]
    category: tuple[SharedSlice, ...]


class SharedComponent(ResponseModel):
    """One component of the overall score."""

    name: str
    value: _Rounded | None
    band: Band | None
    score: _Rounded | None
    weight: _Rounded
    contribution: _Rounded
    explanation: str


class SharedWarning(ResponseModel):
    """Something worth knowing about the portfolio."""

    code: CautionCode
    message: str


class SharedRiskReport(ResponseModel):
    """What the portfolio of a link is exposed to, in percentages and scores only."""

    as_of: datetime
    summary: str
    overall_risk_score: _Rounded
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
    method: tuple[str, ...]
    data_sources: tuple[str, ...]
    disclaimer: str

    @classmethod
    def of(cls, report: RiskReport) -> "SharedRiskReport":
        """The fields listed here of the owner's report, rounded."""
        return cls.model_validate(report, from_attributes=True)
