"""Rebalancing in the HTTP contract. Amounts are in the portfolio's currency, weights in percent."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import CoreSchema

from foliolens.kit.schema import PLAIN_TEXT, DecimalNumber, RequestModel, ResponseModel
from foliolens.portfolios.schemas import RiskProfile
from foliolens.rebalancing.methods import Method
from foliolens.rebalancing.model_portfolios import Model
from foliolens.rebalancing.models import DEFAULT_BAND, DEFAULT_LEAST, Cause, Mode
from foliolens.rebalancing.recommendations import RecommendationCode
from foliolens.rebalancing.valuation import Basis, PriceSource
from foliolens.risk.asset_classes import AssetClass

__all__ = [
    "BandInput",
    "GroupView",
    "PositionView",
    "RebalanceAdvice",
    "RebalancePlan",
    "RebalanceRequest",
    "RecommendationView",
    "RiskChange",
    "SuggestedTrade",
    "TradeView",
    "ValuationView",
]

_PERCENT: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 100}
_TARGETS: dict[str, Any] = {
    "anyOf": [
        {
            "title": "Model portfolio",
            "type": "object",
            "properties": {"model": {"enum": [model.value for model in Model]}},
            "required": ["model"],
            "additionalProperties": False,
        },
        {
            "title": "Method",
            "type": "object",
            "properties": {"method": {"enum": [method.value for method in Method]}},
            "required": ["method"],
            "additionalProperties": False,
        },
        {
            "title": "Weights",
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": r"^((class|category):[a-z_]{1,40}|[A-Za-z0-9][A-Za-z0-9.-]{0,19})$"},
            "additionalProperties": _PERCENT,
        },
    ]
}
_Amount = Annotated[
    DecimalNumber, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 999_999_999_999.99})
]
_CashFlow = Annotated[
    DecimalNumber,
    WithJsonSchema({"type": "number", "minimum": -999_999_999_999.99, "maximum": 999_999_999_999.99}),
]
_Percent = Annotated[DecimalNumber, WithJsonSchema(_PERCENT)]
_Relative = Annotated[DecimalNumber, WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1000})]
_Symbol = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PLAIN_TEXT)]


class BandInput(RequestModel):
    """How far a weight may be from its target without a trade; the narrower of the two counts.

    A number in its place is absolute percentage points alone.
    """

    absolute: _Percent = Field(default=DEFAULT_BAND.absolute, description="Percentage points.")
    relative: _Relative | None = Field(
        default=DEFAULT_BAND.relative, description="Percent of the target; null leaves `absolute` alone."
    )

    @model_validator(mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        return {"absolute": value, "relative": None} if is_number else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [handler(schema), _PERCENT]}


class RebalanceRequest(RequestModel):
    """What the portfolio should become, and how. Ranges are judged together, all problems at once."""

    targets: Annotated[dict[str, Any], WithJsonSchema(_TARGETS)] = Field(
        description=(
            "A model portfolio, a method, or weights in percent that sum to 100: of symbols (`VTI`),"
            " categories (`category:us_large_cap`) or asset classes (`class:equity`). What is named more"
            " closely is taken out of the wider; what no key covers has the target 0; a weight is spread over"
            " its holdings in proportion to what is held of each."
        ),
        examples=[{"model": "moderate"}, {"VTI": 60, "BND": 40}, {"method": "risk_parity"}],
    )
    cash_flow: _CashFlow = Field(
        default=Decimal(0), description="To invest; negative to withdraw. At most two decimals."
    )
    mode: Mode = Field(
        default=Mode.FULL,
        strict=False,
        description="`buy_only` spends new cash and sells nothing, cash that is held neither.",
    )
    fractional_shares: bool = False
    min_trade: _Amount = Field(default=DEFAULT_LEAST, description="Smallest trade. At most two decimals.")
    band: BandInput = BandInput()
    max_position: _Percent | None = Field(
        default=None, description="Largest single position in percent; cash is exempt."
    )
    never_sell: list[_Symbol] = Field(default=[], max_length=10_000, description="Symbols to keep.")


class TradeView(ResponseModel):
    """One trade. Of money, `sell` is spending it and `buy` is setting it aside."""

    symbol: str
    name: str
    action: Literal["buy", "sell"]
    shares: DecimalNumber | None = Field(description="Null where no price of a share is known.")
    amount: DecimalNumber
    price: DecimalNumber | None = Field(description="Of one share.")
    price_source: PriceSource | None = Field(
        description="`close`: the last close; `holding`: the holding's own amount divided by its shares."
    )
    price_date: date | None = Field(description="The day of the close.")
    cause: Cause
    reason: str


class PositionView(ResponseModel):
    """One row of the portfolio before or after the plan; the rows' weights sum to exactly 100.00."""

    symbol: str
    name: str
    asset_class: AssetClass | None
    group: str | None = Field(description="Key of the group it belongs to; null for uninvested cash.")
    shares: DecimalNumber | None
    amount: DecimalNumber
    weight: DecimalNumber
    target_weight: DecimalNumber = Field(description="Its part of its group's target.")
    drift: DecimalNumber = Field(description="`weight` less `targetWeight`, percentage points.")
    residual: bool = Field(description="Whether it is the cash that no position took.")


class GroupView(ResponseModel):
    """One target: of a symbol, or of all holdings of a category or class together."""

    key: str
    label: str
    symbols: list[str]
    target_weight: DecimalNumber
    lowest_weight: DecimalNumber = Field(description="The lower edge of the tolerance band.")
    highest_weight: DecimalNumber = Field(description="The upper edge of the tolerance band.")
    weight_before: DecimalNumber = Field(description="Of the value after the cash flow.")
    weight_after: DecimalNumber
    in_band_before: bool
    in_band_after: bool


class ValuationView(ResponseModel):
    """Where the amounts come from."""

    basis: Basis = Field(
        description=(
            "`closes`: shares at closing prices, where all holdings have both and the prices are no older"
            " than the portfolio's last change; `stated`: the amounts as they are stored."
        )
    )
    as_of: date = Field(description="The day of the oldest close, or of the portfolio's last change.")


class RiskChange(ResponseModel):
    """What the plan does to one metric of the risk report."""

    metric: str = Field(description="Where it is in the risk report, such as `topHoldings.1`.")
    before: float | None
    after: float | None
    change: float | None


class SuggestedTrade(ResponseModel):
    """A trade that would mend what a recommendation is about."""

    symbol: str
    action: Literal["buy", "sell"]
    amount: DecimalNumber


class RecommendationView(ResponseModel):
    """Something that would make the portfolio less of a bet, with the trades that do it."""

    code: RecommendationCode
    message: str
    symbols: list[str] = Field(description="The holdings it is about.")
    trades: list[SuggestedTrade]
    mended_by_plan: bool = Field(
        description="Whether it is gone after the plan, with less of what it is about in the portfolio."
    )


class RebalancePlan(ResponseModel):
    """A plan: `cashFlow` + `sold` = `bought` + `residualCash`, to the cent."""

    as_of: datetime
    currency: str
    valuation: ValuationView
    value_before: DecimalNumber
    cash_flow: DecimalNumber
    value_after: DecimalNumber = Field(description="Of all holdings and the residual cash.")
    trades: list[TradeView] = Field(description="Sales first, then purchases, the largest of each first.")
    bought: DecimalNumber
    sold: DecimalNumber
    residual_cash: DecimalNumber = Field(description="Cash that no position took; it stays in the account.")
    turnover: DecimalNumber = Field(description="Half of all trades, in percent of `valueAfter`.")
    before: list[PositionView]
    after: list[PositionView] = Field(
        description="The portfolio once every trade is made; asking again then proposes nothing."
    )
    groups: list[GroupView]
    risk_change: list[RiskChange]
    steps: list[str] = Field(description="What to do, in order, in plain words.")
    recommendations: list[RecommendationView]
    notes: list[str] = Field(description="What the plan had to assume or leave.")
    disclaimer: str


class RebalanceAdvice(ResponseModel):
    """What rebalancing would mean for a portfolio whose owner asked for nothing in particular."""

    as_of: datetime
    model: RiskProfile | None = Field(description="The model of the portfolio's risk profile.")
    plan: RebalancePlan | None = Field(description="The way to that model.")
    reason: str | None = Field(description="Why there is no plan.")
    needs_rebalancing: bool | None = Field(description="Whether the plan has trades; null without a plan.")
    recommendations: list[RecommendationView]
    disclaimer: str
