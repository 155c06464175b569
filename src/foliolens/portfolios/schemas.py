"""Portfolios in the HTTP contract: what requests hold and responses show."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, WithJsonSchema

from foliolens.kit.pagination import Pagination
from foliolens.kit.schema import PLAIN_TEXT, WHOLE, DecimalNumber, RequestModel, ResponseModel
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector
from foliolens.risk.models import RiskReport

__all__ = [
    "Change",
    "DeletedItems",
    "DeletedPortfolio",
    "HoldingInput",
    "HoldingView",
    "Horizon",
    "PortfolioInput",
    "PortfolioList",
    "PortfolioSummary",
    "PortfolioUpdate",
    "PortfolioView",
    "RiskProfile",
    "SavedPortfolio",
    "UpdatedPortfolio",
    "ValidationResults",
    "WarningView",
]

RiskProfile = Literal["conservative", "moderate", "aggressive"]
Horizon = Literal["short", "medium", "long"]
"""How long the money stays invested: under 2 years, 2 to 10, over 10."""

_Vocabulary = Annotated[str, StringConstraints(max_length=40)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PLAIN_TEXT)]
_Description = Annotated[str, StringConstraints(max_length=1000, pattern=PLAIN_TEXT)]
_Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


# Ranges are only documented here: validation judges them, so that every problem is reported at once.
_Percentage = Annotated[DecimalNumber, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})]
_Amount = Annotated[
    DecimalNumber, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 999_999_999_999.99})
]
_Total = Annotated[
    DecimalNumber, WithJsonSchema({"type": "number", "minimum": 0.01, "maximum": 9_999_999_999_999.99})
]
_Quantity = Annotated[DecimalNumber, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 10**12})]
_ExpenseRatio = Annotated[DecimalNumber, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 5})]
_DividendYield = Annotated[DecimalNumber, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 20})]
_RiskRating = Annotated[int, Field(json_schema_extra={"minimum": 1, "maximum": 10}), WHOLE]
_Symbol = Annotated[
    str,
    StringConstraints(max_length=100),
    Field(
        json_schema_extra={"pattern": r"^\s*[A-Za-z0-9][A-Za-z0-9.-]{0,19}\s*$"},
        description="At most 20 letters, digits, dots and dashes.",
        examples=["VTI"],
    ),
]
_HoldingName = Annotated[
    str,
    StringConstraints(max_length=500),
    Field(
        json_schema_extra={"maxLength": 200, "pattern": r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"},
        description="One line.",
    ),
]


def _words(kind: type[AssetType] | type[Category] | type[Sector] | type[Region]) -> dict[str, Any]:
    return {"enum": [member.value for member in kind]}


class HoldingInput(RequestModel):
    """One holding as stated by the client.

    Of allocation, amount, and shares with a price, one is enough where the others follow from it. Ranges
    and words are judged together with the whole portfolio, so that every problem is reported at once.
    """

    symbol: _Symbol
    name: _HoldingName | None = None
    type: Annotated[_Vocabulary, Field(json_schema_extra=_words(AssetType))] | None = None
    category: Annotated[_Vocabulary, Field(json_schema_extra=_words(Category))] | None = None
    sector: Annotated[_Vocabulary, Field(json_schema_extra=_words(Sector))] | None = None
    geographic_region: Annotated[_Vocabulary, Field(json_schema_extra=_words(Region))] | None = None
    allocation_percentage: _Percentage | None = Field(default=None, description="At most two decimals.")
    dollar_amount: _Amount | None = Field(default=None, description="At most two decimals.")
    shares: _Quantity | None = Field(default=None, description="At most six decimals.")
    current_price: _Quantity | None = None
    avg_purchase_price: _Quantity | None = None
    expense_ratio: _ExpenseRatio | None = Field(default=None, description="Percent a year; funds only.")
    dividend_yield: _DividendYield | None = Field(default=None, description="Percent a year.")
    risk_rating: _RiskRating | None = None
    id: Annotated[str, StringConstraints(max_length=100, pattern=PLAIN_TEXT)] | None = Field(
        default=None, description="Accepted and ignored, so that what was read can be sent back."
    )


class PortfolioInput(RequestModel):
    """A whole portfolio as stated by the client."""

    name: _Name
    description: _Description = ""
    total_value: _Total | None = Field(
        default=None, description="Checked against the amounts; needed where only percentages are given."
    )
    currency: _Currency = "USD"
    assets: list[HoldingInput] = Field(max_length=10_000, json_schema_extra={"minItems": 1})
    is_public: bool = False
    risk_profile: RiskProfile | None = None
    investment_horizon: Horizon | None = None
    override_rules: bool = Field(
        default=False, description="The owner confirmed: business rules become warnings."
    )


class PortfolioUpdate(PortfolioInput):
    """The whole portfolio again, with the version that was read."""

    version: Annotated[int, Field(ge=1, le=2_147_483_647), WHOLE]


class HoldingView(ResponseModel):
    """One holding as stored."""

    id: UUID
    symbol: str
    name: str
    type: AssetType
    category: Category | None
    sector: Sector
    geographic_region: Region
    allocation_percentage: DecimalNumber
    dollar_amount: DecimalNumber
    shares: DecimalNumber | None
    avg_purchase_price: DecimalNumber | None
    expense_ratio: DecimalNumber | None
    dividend_yield: DecimalNumber | None
    risk_rating: int | None


class PortfolioSummary(ResponseModel):
    """A portfolio without its holdings."""

    id: UUID
    name: str
    description: str
    total_value: DecimalNumber
    currency: str
    is_public: bool
    risk_profile: RiskProfile | None
    investment_horizon: Horizon | None
    version: int
    holdings_count: int
    risk_score: DecimalNumber | None = Field(
        description="The overall risk score when it was last saved or opened."
    )
    created_at: datetime
    updated_at: datetime
    last_analyzed_at: datetime | None
    analysis_count: int


class PortfolioList(ResponseModel):
    """One page of the caller's portfolios."""

    portfolios: list[PortfolioSummary]
    pagination: Pagination


class PortfolioView(PortfolioSummary):
    """A portfolio with its holdings and its risk report."""

    assets: list[HoldingView]
    risk_metrics: RiskReport


class WarningView(ResponseModel):
    """Something worth knowing that refuses nothing."""

    code: str
    message: str
    field: str | None = None
    suggestion: str | None = None


class ValidationResults(ResponseModel):
    """What validation found in a portfolio that was accepted."""

    allocation_sum: DecimalNumber = Field(description="Sum of the allocations as given, else as computed.")
    dollar_consistency: bool = Field(description="Whether the amounts sum to the total value.")
    diversification_score: float | None = Field(description="1 (none) to 10 (broad); null if unknown.")
    warnings: list[WarningView]


class SavedPortfolio(PortfolioSummary):
    """A portfolio that was just created."""

    validation_results: ValidationResults


class Change(ResponseModel):
    """One difference between the portfolio before and after an update."""

    kind: Literal["field", "holding_added", "holding_removed", "holding_changed"]
    field: str | None = Field(default=None, description="The field that changed.")
    symbol: str | None = Field(default=None, description="The holding concerned.")
    before: str | None = None
    after: str | None = None


class UpdatedPortfolio(SavedPortfolio):
    """A portfolio that was just updated."""

    changes: list[Change]


class DeletedItems(ResponseModel):
    """How much was deleted."""

    portfolios: int
    holdings: int
    uploads: int
    shares: int


class DeletedPortfolio(ResponseModel):
    """The receipt of a deletion."""

    id: UUID
    deleted_items: DeletedItems
