"""The part of the risk report that rests on prices, as a link shows it; see `risk_view`."""

from datetime import date

from foliolens.kit.schema import ResponseModel
from foliolens.risk.market.models import NoPriceReason
from foliolens.sharing.rounding import Rounded

__all__ = ["SharedMarketMetrics"]


class SharedFigure(ResponseModel):
    """A number from prices, or why there is none."""

    value: Rounded | None
    reason: str | None


class SharedDrawdown(SharedFigure):
    """The deepest fall from a peak, as a fraction: at most 0."""

    peak: date | None
    trough: date | None
    recovery: date | None


class SharedMissingPrices(ResponseModel):
    """Holdings whose prices could not be used, for one reason."""

    reason: NoPriceReason
    symbols: tuple[str, ...]
    share: Rounded
    message: str


class SharedPriceBasis(ResponseModel):
    """Which prices the figures rest on."""

    first_day: date | None
    last_day: date | None
    days: int
    coverage: Rounded
    missing: tuple[SharedMissingPrices, ...]
    retry_after: int | None
    sources: tuple[str, ...]


class SharedBenchmark(ResponseModel):
    """How the portfolio moves with a benchmark."""

    symbol: str
    days: int
    beta: SharedFigure
    correlation: SharedFigure


class SharedRiskContribution(ResponseModel):
    """What one holding adds to the volatility of the whole."""

    symbol: str
    weight: Rounded
    volatility: Rounded
    contribution: Rounded
    share: Rounded


class SharedCorrelations(ResponseModel):
    """Correlations of daily returns; a row for each symbol, in their order."""

    symbols: tuple[str, ...]
    matrix: tuple[tuple[Rounded | None, ...], ...]


class SharedMarketMetrics(ResponseModel):
    """What daily prices say about the portfolio at today's weights."""

    reason: str | None
    prices: SharedPriceBasis
    risk_free_rate: Rounded
    volatility: SharedFigure
    annual_return: SharedFigure
    max_drawdown: SharedDrawdown
    sharpe_ratio: SharedFigure
    sortino_ratio: SharedFigure
    value_at_risk95: SharedFigure
    value_at_risk99: SharedFigure
    conditional_value_at_risk95: SharedFigure
    conditional_value_at_risk99: SharedFigure
    diversification_ratio: SharedFigure
    benchmark: SharedBenchmark
    risk_contributions: tuple[SharedRiskContribution, ...]
    correlations: SharedCorrelations
