"""Reports on request: which prices are read, and what is remembered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from foliolens.ports.prices import PriceHistory
from foliolens.risk.market.conventions import Conventions
from foliolens.risk.service import RiskService
from tests.clock import SetClock
from tests.unit.risk.cases import cash, holding
from tests.unit.risk.market.series import real

HELD = (holding("AAPL", 60), holding("ZZ", 20), cash(20))


@dataclass
class RealPrices:
    """Reads the prices of the demo, and remembers what was asked for."""

    version: int = 1
    asked: list[tuple[tuple[str, ...], date, date]] = field(default_factory=list)

    def read(self, symbols: Sequence[str], start: date, end: date) -> PriceHistory:
        self.asked.append((tuple(symbols), start, end))
        known = {
            symbol: replace(real()[symbol], version=self.version) for symbol in symbols if symbol in real()
        }
        return PriceHistory(known, {symbol: "PENDING" for symbol in symbols if symbol not in known}, 4)


@pytest.fixture
def prices() -> RealPrices:
    return RealPrices()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2023, 1, 3, 12, tzinfo=UTC))


@pytest.fixture
def service(clock: SetClock, prices: RealPrices) -> RiskService:
    return RiskService(clock, prices, Conventions(benchmark="^GSPC", risk_free_rate=0.02))


def test_prices_of_all_but_cash_and_of_the_benchmark_are_read_up_to_today(
    service: RiskService, prices: RealPrices
) -> None:
    found = service.report(HELD)

    assert prices.asked == [(("AAPL", "ZZ", "^GSPC"), date.min, date(2023, 1, 3))]
    assert found.market.risk_free_rate == 0.02
    assert found.market.benchmark.beta.value is not None
    assert found.market.prices.retry_after == 4
    assert found.volatility.measured


def test_a_request_may_name_another_benchmark(service: RiskService, prices: RealPrices) -> None:
    found = service.report(HELD, "AAPL")

    assert prices.asked[0][0] == ("AAPL", "ZZ")
    assert found.market.benchmark.symbol == "AAPL"
    assert found.market.benchmark.correlation.value == pytest.approx(1)


def test_nothing_is_read_for_cash_alone(service: RiskService, prices: RealPrices) -> None:
    service.report([cash(10)])

    assert prices.asked == [((), date.min, date(2023, 1, 3))]


def test_the_same_holdings_and_prices_are_analysed_once(service: RiskService, clock: SetClock) -> None:
    first = service.report(HELD)
    clock.time += timedelta(hours=1)
    second = service.report(HELD)

    assert second.market is first.market
    assert second.as_of == clock.time != first.as_of


@pytest.mark.parametrize("change", ["version", "day", "benchmark", "holdings"])
def test_whatever_a_report_depends_on_makes_a_new_one(
    service: RiskService, prices: RealPrices, clock: SetClock, change: str
) -> None:
    first = service.report(HELD)
    if change == "version":
        prices.version = 2
    if change == "day":
        clock.time += timedelta(days=1)
    held = (*HELD[:2], cash(30)) if change == "holdings" else HELD

    second = service.report(held, "JNJ" if change == "benchmark" else None)

    assert second.market is not first.market


def test_several_portfolios_are_read_for_at_once(service: RiskService, prices: RealPrices) -> None:
    other = (holding("JNJ", 50), holding("AAPL", 50))

    both = service.reports([HELD, other])

    assert len(prices.asked) == 1
    assert [each.market for each in both] == [service.report(HELD).market, service.report(other).market]
