"""The part of the risk report that rests on daily prices. Shares only, no amounts.

Everything is there whether or not there are prices: a figure without a value says why.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from foliolens.kit.schema import ResponseModel
from foliolens.ports.prices import MissingReason
from foliolens.risk.market.conventions import ExclusionReason

__all__ = [
    "BenchmarkFigures",
    "Correlations",
    "DrawdownFigure",
    "Figure",
    "MarketMetrics",
    "MissingPrices",
    "NoPriceReason",
    "PerformanceFigures",
    "PriceBasis",
    "RiskContribution",
]

Fraction = Annotated[float, Field(ge=0, le=1)]

NoPriceReason = Literal[MissingReason, ExclusionReason]


class Figure(ResponseModel):
    """A number from prices, or why there is none."""

    value: float | None
    reason: str | None = Field(default=None, description="Why there is no value.")


class DrawdownFigure(Figure):
    """The deepest fall from a peak, as a fraction: at most 0."""

    peak: date | None = Field(default=None, description="Last day at the peak.")
    trough: date | None = Field(default=None, description="Day of the lowest value.")
    recovery: date | None = Field(
        default=None, description="First day back at the peak; null where there is none yet."
    )


class MissingPrices(ResponseModel):
    """Holdings whose prices could not be used, for one reason."""

    reason: NoPriceReason
    symbols: tuple[str, ...]
    share: Fraction = Field(description="Their share of the whole value.")
    message: str


class PriceBasis(ResponseModel):
    """Which prices the figures rest on."""

    first_day: date | None = Field(description="First of the days that all covered holdings have.")
    last_day: date | None = Field(description="Last of them.")
    days: int = Field(ge=0, description="How many there are; they make one return less.")
    coverage: Fraction = Field(
        description="Share of the value in the figures, cash included; its holdings stand for the whole."
    )
    missing: tuple[MissingPrices, ...]
    retry_after: int | None = Field(
        description="Seconds after which more prices may be there; null where waiting changes nothing."
    )
    sources: tuple[str, ...] = Field(description="Who reported the prices.")


class BenchmarkFigures(ResponseModel):
    """How the portfolio moves with a benchmark, on the days that both have."""

    symbol: str
    days: int = Field(ge=0, description="Days that both have.")
    beta: Figure
    correlation: Figure


class RiskContribution(ResponseModel):
    """What one covered holding adds to the volatility of the whole."""

    symbol: str
    weight: Fraction = Field(description="Share of the covered value.")
    volatility: float = Field(ge=0, description="Its own, a year.")
    contribution: float = Field(description="Annual; they sum to the volatility. Negative for a hedge.")
    share: float = Field(description="Of the volatility; they sum to 1.")


class Correlations(ResponseModel):
    """Pearson correlations of daily returns; null where a price does not move."""

    symbols: tuple[str, ...] = Field(description="The largest covered holdings with prices, at most 50.")
    matrix: tuple[tuple[float | None, ...], ...] = Field(description="A row for each symbol, in their order.")


class PerformanceFigures(ResponseModel):
    """What the daily returns of a portfolio say about it."""

    volatility: Figure = Field(description="Standard deviation of daily returns, a year.")
    annual_return: Figure = Field(description="Geometric.")
    max_drawdown: DrawdownFigure
    sharpe_ratio: Figure
    sortino_ratio: Figure
    value_at_risk95: Figure = Field(description="Loss of one day, positive.")
    value_at_risk99: Figure = Field(description="Loss of one day, positive.")
    conditional_value_at_risk95: Figure = Field(description="Mean loss of the worst days, positive.")
    conditional_value_at_risk99: Figure = Field(description="Mean loss of the worst days, positive.")
    diversification_ratio: Figure
    benchmark: BenchmarkFigures


class MarketMetrics(PerformanceFigures):
    """What daily prices say about the portfolio at today's weights."""

    reason: str | None = Field(description="Why there are no figures at all; null where there are some.")
    prices: PriceBasis
    risk_free_rate: float = Field(description="A year, as a fraction.")
    risk_contributions: tuple[RiskContribution, ...] = Field(description="Largest first.")
    correlations: Correlations
