"""Prices to measure: the real ones that come with the installation, and made-up ones."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache

import numpy as np
from numpy.typing import NDArray

from foliolens.holdings.models import Holding
from foliolens.market.demo.prices import demo_series
from foliolens.ports.prices import MissingReason, PriceHistory, PriceSeries
from foliolens.risk.market.conventions import Conventions
from foliolens.risk.market.metrics import Measurement, measure_market
from foliolens.risk.positions import positions_of

INDEX = "^GSPC"
STOCKS = ("AAPL", "AMD", "BAC", "BBY", "CVX", "GE", "HD", "JNJ", "JPM", "KO")

real = cache(demo_series)


def prices_of(
    symbol: str,
    adjusted: Iterable[float],
    days: NDArray[np.datetime64] | None = None,
    *,
    first: str = "2024-01-01",
) -> PriceSeries:
    """A series on the given days, else on weekdays from the first one."""
    values = np.array(list(adjusted), dtype=np.float64)
    return PriceSeries(
        symbol=symbol,
        days=weekdays(len(values), first) if days is None else days,
        adjusted=values,
        last_close=Decimal(f"{values[-1]:.2f}"),
        source="made up",
        version=1,
    )


def weekdays(count: int, first: str = "2024-01-01") -> NDArray[np.datetime64]:
    return np.busday_offset(first, np.arange(count), roll="forward").astype("datetime64[D]")


def walk(symbol: str, count: int, *, seed: int = 0, first: str = "2024-01-01") -> PriceSeries:
    """A random walk that moves by about 1% a day."""
    steps = np.random.default_rng([seed, *symbol.encode()]).normal(0.0003, 0.01, count)
    return prices_of(symbol, 100 * np.exp(np.cumsum(steps)), first=first)


def only(series: PriceSeries, rows: NDArray[np.bool_] | slice) -> PriceSeries:
    """Some of the days of a series."""
    return PriceSeries(
        series.symbol,
        series.days[rows],
        series.adjusted[rows],
        series.last_close,
        series.source,
        series.version,
    )


def history(
    *series: PriceSeries, missing: Mapping[str, MissingReason] | None = None, retry_after: int | None = None
) -> PriceHistory:
    return PriceHistory({each.symbol: each for each in series}, missing or {}, retry_after)


def real_history(*symbols: str, missing: Mapping[str, MissingReason] | None = None) -> PriceHistory:
    """Real prices of some symbols and of the index."""
    return history(*(real()[symbol] for symbol in {*symbols, INDEX}), missing=missing)


def measured(
    holdings: Iterable[Holding], prices: PriceHistory, *, benchmark: str = INDEX, risk_free: float = 0.0
) -> Measurement:
    return measure_market(
        positions_of(list(holdings)), prices, Conventions(benchmark=benchmark, risk_free_rate=risk_free)
    )


def day(text: str) -> date:
    return date.fromisoformat(text)
