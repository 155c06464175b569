"""The market part of the report, with or without prices; numpy is imported only where there are some."""

from collections.abc import Sequence

from msgspec import Struct

from foliolens.ports.prices import PriceHistory
from foliolens.risk.market.basis import no_figures_reason, price_basis
from foliolens.risk.market.conventions import ENOUGH_PRICES, Conventions
from foliolens.risk.market.models import (
    BenchmarkFigures,
    Correlations,
    DrawdownFigure,
    Figure,
    MarketMetrics,
    PerformanceFigures,
    PriceBasis,
)
from foliolens.risk.positions import Position
from foliolens.risk.scoring import ROUNDING

__all__ = ["Measurement", "measure_market", "no_figures", "no_prices", "symbols_to_read", "unmeasured"]


class Measurement(Struct, frozen=True):
    """The market part, and what the score takes from it.

    Attributes:
        unhedged_volatility: Annual, without what holdings offset; None where nothing was measured.
    """

    metrics: MarketMetrics
    unhedged_volatility: float | None

    @property
    def scored_volatility(self) -> float | None:
        """What the score counts: the measured volatility, where prices cover enough of the value."""
        is_enough = self.metrics.prices.coverage >= ENOUGH_PRICES - ROUNDING
        return self.unhedged_volatility if is_enough else None


def symbols_to_read(positions: Sequence[Position]) -> tuple[str, ...]:
    """The symbols of which a report wants prices, besides the benchmark: all but cash."""
    return tuple(position.symbol for position in positions if not position.is_cash)


def measure_market(
    positions: Sequence[Position], history: PriceHistory, conventions: Conventions
) -> Measurement:
    """Measure a portfolio by the prices that are there.

    Args:
        positions: By falling weight; their weights sum to 1.
        history: Of every position that is not cash, and of the benchmark.
        conventions: Benchmark and risk-free rate.
    """
    if any(position.symbol in history.series for position in positions if not position.is_cash):
        # Costs 0.1 s, which a portfolio without prices is spared.
        from foliolens.risk.market.measurement import measured  # noqa: PLC0415

        return measured(positions, history, conventions)
    basis = price_basis(positions, history)
    return Measurement(unmeasured(basis, no_figures_reason(basis.missing), conventions), None)


def no_prices(positions: Sequence[Position]) -> Measurement:
    """What is said of a portfolio where there is no source of prices."""
    history = PriceHistory({}, dict.fromkeys(symbols_to_read(positions), "NO_PROVIDER"))
    return measure_market(positions, history, Conventions())


def unmeasured(basis: PriceBasis, reason: str, conventions: Conventions) -> MarketMetrics:
    """The market part without a figure."""
    return MarketMetrics(
        **dict(no_figures(reason, conventions.benchmark)),
        reason=reason,
        prices=basis,
        risk_free_rate=conventions.risk_free_rate,
        risk_contributions=(),
        correlations=Correlations(symbols=(), matrix=()),
    )


def no_figures(reason: str, benchmark: str) -> PerformanceFigures:
    """Figures without a value, all for one reason."""
    none = Figure(value=None, reason=reason)
    return PerformanceFigures(
        volatility=none,
        annual_return=none,
        max_drawdown=DrawdownFigure(value=None, reason=reason),
        sharpe_ratio=none,
        sortino_ratio=none,
        value_at_risk95=none,
        value_at_risk99=none,
        conditional_value_at_risk95=none,
        conditional_value_at_risk99=none,
        diversification_ratio=none,
        benchmark=BenchmarkFigures(symbol=benchmark, days=0, beta=none, correlation=none),
    )
