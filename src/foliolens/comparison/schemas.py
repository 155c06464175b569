"""Comparison in the HTTP contract. Shares only, no amounts.

Portfolios come in the order in which they were named, everywhere. A figure without a value says why.
"""

import re
from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from foliolens.kit.schema import RequestModel, ResponseModel, Ticker
from foliolens.risk.market.models import Figure, PerformanceFigures, PriceBasis
from foliolens.risk.scoring import Band

__all__ = [
    "MOST_PORTFOLIOS",
    "BestIn",
    "ChartLine",
    "ComparedHolding",
    "ComparedPair",
    "ComparedPortfolio",
    "Comparison",
    "ComparisonRequest",
    "LeastDiversifying",
    "PerformanceChart",
    "Period",
]

Fraction = Annotated[float, Field(ge=0, le=1)]

MOST_PORTFOLIOS: Final = 10
"""In one comparison; the fewest are two."""

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _day(value: object) -> date:
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("INVALID_VALUE", "must be a day such as 2021-01-04")


def _different(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) < len(ids):
        raise PydanticCustomError("DUPLICATE_VALUE", "a portfolio is named twice: name each once")
    return ids


_Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


class ComparisonRequest(RequestModel):
    """Which portfolios to compare, and over which days."""

    portfolio_ids: Annotated[
        list[Annotated[UUID, Field(strict=False)]],
        Field(min_length=2, max_length=MOST_PORTFOLIOS, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_different),
    ]
    from_: _Day | None = Field(
        default=None, alias="from", description="First day; by default five years before the last common one."
    )
    to: _Day | None = Field(default=None, description="Last day; by default today.")
    benchmark: Ticker | None = Field(default=None, description="What beta refers to.")


class Period(ResponseModel):
    """The days that all covered holdings of all portfolios have prices of."""

    first_day: date | None
    last_day: date | None
    days: int = Field(ge=0)
    reason: str | None = Field(description="Why there are no figures from prices; null where there are some.")
    retry_after: int | None = Field(
        description="Seconds after which more prices may be there; null where waiting changes nothing."
    )


class ComparedPortfolio(ResponseModel):
    """One portfolio. All but `figures` and `prices` is as in its risk report."""

    id: str
    name: str
    overall_risk_score: Annotated[float, Field(ge=1, le=10)]
    overall_risk_band: Band
    volatility_measured: bool = Field(description="Whether the score rests on measured volatility.")
    holdings_count: int = Field(ge=1)
    hhi: float
    hhi_look_through: float
    effective_holdings: float
    figures: PerformanceFigures = Field(description="On the common days, at today's weights.")
    prices: PriceBasis


class ComparedPair(ResponseModel):
    """How alike two portfolios are."""

    first: str = Field(description="Id of one.")
    second: str = Field(description="Id of the other.")
    overlap: Fraction = Field(description="Sum of the smaller weight of each symbol.")
    jaccard: Fraction = Field(description="Symbols that both hold among those that either holds.")
    correlation: Figure = Field(description="Of daily returns on the common days, -1 to 1.")


class LeastDiversifying(ResponseModel):
    """The pair of which the second portfolio adds the least to the first."""

    first: str
    second: str
    by: Literal["correlation", "overlap"] = Field(description="Overlap only where no correlation is known.")
    value: float
    explanation: str


class BestIn(ResponseModel):
    """Who is best in one metric."""

    metric: str
    better: Literal["higher", "lower"]
    portfolio_ids: tuple[str, ...] = Field(description="The best one, or all that are equally good.")
    value: float | None
    reason: str | None = Field(description="Why nobody is named, or who could not be compared.")


class ComparedHolding(ResponseModel):
    """A symbol that at least one portfolio holds."""

    symbol: str
    name: str
    weights: tuple[Fraction, ...] = Field(description="In each portfolio; 0 where it is not held.")


class ChartLine(ResponseModel):
    """What 100 became."""

    id: str = Field(description="Of the portfolio, or the symbol of the benchmark.")
    values: tuple[float, ...] | None = Field(description="One for each day of the chart.")
    reason: str | None = Field(default=None, description="Why there are none.")


class PerformanceChart(ResponseModel):
    """Growth over the common days, at most 261 of them, the first and the last included."""

    days: tuple[date, ...]
    portfolios: tuple[ChartLine, ...]
    benchmark: ChartLine


class Comparison(ResponseModel):
    """Two to ten portfolios side by side."""

    as_of: datetime
    period: Period
    portfolios: tuple[ComparedPortfolio, ...]
    pairs: tuple[ComparedPair, ...] = Field(description="Each pair once.")
    least_diversifying: LeastDiversifying | None = Field(
        description="Null where no correlation is known and no two portfolios hold the same."
    )
    best: tuple[BestIn, ...]
    holdings: tuple[ComparedHolding, ...] = Field(description="Largest weight first.")
    performance: PerformanceChart
    method: tuple[str, ...]
    disclaimer: str
