"""Seconds of a rebalancing plan for 50 holdings, and of its optimisers beside those of others.

Run with `python -m bench rebalancing`. One process, one thread; the same simulated holdings and five years of
simulated prices for all, alternating; the medians count. PyPortfolioOpt's greedy allocation only turns
weights into whole shares: no bands, no positions held before, nothing explained.
"""

import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
from tests.no_prices import NoPrices
from threadpoolctl import threadpool_limits

from bench.figures import Figure
from foliolens.holdings.models import Holding
from foliolens.kit import json
from foliolens.ports.prices import PriceHistory, PriceReader, PriceSeries
from foliolens.rebalancing.minimum_variance import minimum_variance
from foliolens.rebalancing.risk_parity import risk_parity
from foliolens.rebalancing.schemas import RebalanceRequest
from foliolens.rebalancing.service import RebalancingService, Subject
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector
from foliolens.risk.market.conventions import Conventions
from foliolens.risk.service import RiskService

HOLDINGS = 50
DAYS = 1258
ROUNDS = 15
NOW = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)


class _Clock:
    def now(self) -> datetime:
        return NOW


class _Prices:
    def __init__(self, returns: np.ndarray) -> None:
        days = np.datetime64("2026-03-02") + np.arange(1 - DAYS, 1).astype("timedelta64[D]")
        closes = 100 * np.cumprod(1 + returns, axis=0)
        self._series = {
            f"S{column:02}": PriceSeries(
                f"S{column:02}",
                days,
                closes[:, column],
                Decimal(str(round(closes[-1, column], 2))),
                "simulated",
                1,
            )
            for column in range(HOLDINGS)
        }

    def read(self, symbols: Sequence[str], start: date, end: date) -> PriceHistory:  # noqa: ARG002
        found = {symbol: self._series[symbol] for symbol in symbols if symbol in self._series}
        return PriceHistory(found, {symbol: "NO_PROVIDER" for symbol in symbols if symbol not in found})


def _returns() -> np.ndarray:
    random = np.random.default_rng(0)
    market = random.normal(0.0003, 0.01, (DAYS, 1))
    return market * random.uniform(0.4, 1.6, HOLDINGS) + random.normal(0, 0.015, (DAYS, HOLDINGS))


def _holdings() -> tuple[Holding, ...]:
    random = np.random.default_rng(1)
    return tuple(
        Holding(
            symbol=f"S{number:02}",
            name=f"Company {number}",
            type=AssetType.STOCK if number % 3 else AssetType.ETF,
            category=Category.US_LARGE_CAP if number % 3 else Category.GOVERNMENT_BONDS,
            sector=Sector.INDUSTRIALS if number % 3 else Sector.BONDS,
            region=Region.US,
            allocation=Decimal(0),
            amount=Decimal(int(random.integers(100_000, 5_000_000))) / 100,
            shares=Decimal(int(random.integers(10, 400))),
        )
        for number in range(HOLDINGS)
    )


def _planning(prices: PriceReader, targets: dict[str, object]) -> Callable[[], object]:
    """A plan with nothing remembered: each call has other amounts."""
    held = _holdings()
    calls = iter(range(10_000))

    def plan() -> object:
        risk = RiskService(_Clock(), prices, Conventions())
        subject = Subject(held, "USD", NOW.date())
        request = RebalanceRequest.model_validate(
            json.decode(json.encode({"targets": targets, "cashFlow": 1000 + next(calls), "band": 0}))
        )
        return RebalancingService(prices, _Clock(), risk).plan(subject, request)

    return plan


def _medians(jobs: dict[str, Callable[[], object]]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> list[Figure]:
    """Measure, and state the figures."""
    warnings.simplefilter("ignore")
    import pandas as pd  # noqa: PLC0415 - what the peer takes
    from pypfopt import DiscreteAllocation, EfficientFrontier  # noqa: PLC0415 - slow, and warns
    from skfolio.optimization import MeanRisk, RiskBudgeting  # noqa: PLC0415

    returns = _returns()
    covariance = np.cov(returns, rowvar=False)
    symbols = [holding.symbol for holding in _holdings()]
    last = pd.Series(100 * np.prod(1 + returns, axis=0), index=symbols)
    weights = dict.fromkeys(symbols, 1 / HOLDINGS)
    priced = _Prices(returns)
    equal: dict[str, object] = {"method": "equal_weight"}
    with threadpool_limits(1):
        found = _medians(
            {
                "plan": _planning(NoPrices(), equal),
                "plan with prices": _planning(priced, equal),
                "risk parity plan": _planning(priced, {"method": "risk_parity"}),
                "greedy": lambda: DiscreteAllocation(weights, last, 1_000_000).greedy_portfolio(),
                "minimum variance": lambda: minimum_variance(covariance),
                "skfolio MeanRisk": lambda: MeanRisk().fit(returns),
                "pypfopt": lambda: EfficientFrontier(None, covariance, weight_bounds=(0, 1)).min_volatility(),
                "risk parity": lambda: risk_parity(covariance),
                "skfolio RiskBudgeting": lambda: RiskBudgeting().fit(returns),
            }
        )
    shown = {name: f"{1000 * seconds:.1f} ms" for name, seconds in found.items()}
    return [
        Figure(
            "plan of 50 holdings, equal weight, whole shares, with before, after and risk",
            shown["plan"],
            f"PyPortfolioOpt's greedy allocation of whole shares alone {shown['greedy']}",
        ),
        Figure("the same with five years of prices", shown["plan with prices"]),
        Figure("the same by risk parity", shown["risk parity plan"]),
        Figure(
            "minimum variance of 50",
            shown["minimum variance"],
            f"skfolio {shown['skfolio MeanRisk']}, PyPortfolioOpt {shown['pypfopt']}",
        ),
        Figure("risk parity of 50", shown["risk parity"], f"skfolio {shown['skfolio RiskBudgeting']}"),
    ]
