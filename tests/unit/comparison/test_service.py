"""Comparing on request: which prices are read, and what is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from foliolens.comparison.schemas import ComparisonRequest
from foliolens.comparison.service import ComparisonService, Entry
from foliolens.errors import Unprocessable, ValidationFailed
from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory
from foliolens.risk.market.conventions import Conventions
from foliolens.risk.service import RiskService
from tests.clock import SetClock
from tests.unit.risk.cases import cash, holding
from tests.unit.risk.market.series import only, real

TODAY = date(2023, 1, 3)
IDS = [UUID(int=1), UUID(int=2)]


@dataclass
class RealPrices:
    """Reads the prices of the demo, and remembers what was asked for."""

    asked: list[tuple[tuple[str, ...], date, date]] = field(default_factory=list)

    def read(self, symbols: Sequence[str], start: date, end: date) -> PriceHistory:
        self.asked.append((tuple(symbols), start, end))
        days = {symbol: real()[symbol].days for symbol in symbols if symbol in real()}
        rows = {symbol: (each >= start) & (each <= end) for symbol, each in days.items()}
        known = {symbol: only(real()[symbol], each) for symbol, each in rows.items() if each.any()}
        return PriceHistory(known, {symbol: "OUT_OF_RANGE" for symbol in symbols if symbol not in known})


@pytest.fixture
def prices() -> RealPrices:
    return RealPrices()


@pytest.fixture
def service(prices: RealPrices) -> ComparisonService:
    clock = SetClock(datetime(2023, 1, 3, 12, tzinfo=UTC))
    conventions = Conventions(benchmark="^GSPC")
    return ComparisonService(RiskService(clock, prices, conventions), prices, clock, conventions)


def entries(*portfolios: list[Holding]) -> list[Entry]:
    return [Entry(str(n), f"Portfolio {n}", held) for n, held in enumerate(portfolios)]


def request(**options: object) -> ComparisonRequest:
    return ComparisonRequest.model_validate({"portfolioIds": [str(each) for each in IDS], **options})


TWO = entries([holding("AAPL", 60), cash(40)], [holding("JNJ", 50), holding("AAPL", 50)])


def test_five_years_back_from_the_last_day_by_default(service: ComparisonService, prices: RealPrices) -> None:
    found = service.compare(TWO, request())

    assert prices.asked[0] == (("AAPL", "JNJ", "^GSPC"), date.min, TODAY)
    assert (found.period.first_day, found.period.last_day) == (date(2017, 12, 29), date(2022, 12, 28))
    assert found.portfolios[0].figures.benchmark.beta.value is not None


def test_chosen_days_and_benchmark(service: ComparisonService, prices: RealPrices) -> None:
    found = service.compare(TWO, request(**{"from": "2020-01-02", "to": "2020-12-31", "benchmark": "jnj"}))

    assert prices.asked[0] == (("AAPL", "JNJ"), date(2020, 1, 2), date(2020, 12, 31))
    assert (found.period.first_day, found.period.last_day) == (date(2020, 1, 2), date(2020, 12, 31))
    assert found.portfolios[0].figures.benchmark.symbol == "JNJ"
    assert found.performance.benchmark.id == "JNJ"


def test_scores_are_those_of_the_portfolios_own_reports(service: ComparisonService) -> None:
    found = service.compare(TWO, request(**{"from": "2022-06-01"}))

    own = [service.risk.report(entry.holdings) for entry in TWO]
    assert [each.overall_risk_score for each in found.portfolios] == [each.overall_risk_score for each in own]
    assert all(each.volatility_measured for each in found.portfolios)


def test_nothing_is_read_where_all_is_cash(service: ComparisonService, prices: RealPrices) -> None:
    found = service.compare(entries([cash(1)], [cash(2)]), request())

    assert prices.asked[0][0] == ()
    assert found.period.reason == "Everything is cash, which has no daily prices."


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ({"from": "2020-01-02", "to": "2020-01-02"}, "from: The first day must be before 2020-01-02."),
        ({"from": "2023-01-03"}, "from: The first day must be before 2023-01-03."),
        ({"from": "2003-01-01"}, "from: The first day must not be before 2003-01-02."),
        ({"from": "0001-01-01"}, "from: The first day must not be before 2003-01-02."),
    ],
)
def test_days_that_make_no_period_are_refused(
    service: ComparisonService, days: dict[str, str], message: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        service.compare(TWO, request(**days))

    assert refused.value.message == message
    assert refused.value.details == [{"field": "from", "code": "OUT_OF_RANGE", "message": message}]


def test_the_earliest_days_there_are(service: ComparisonService) -> None:
    found = service.compare(TWO, request(**{"from": "0001-01-01", "to": "0001-01-02"}))

    assert found.period.days == 0
    assert found.period.reason is not None


def test_too_many_symbols_are_refused_before_anything_is_read(
    service: ComparisonService, prices: RealPrices
) -> None:
    many = entries(*([holding(f"S{n}X{m}", 1) for m in range(501)] for n in range(2)))

    with pytest.raises(Unprocessable, match="hold 1002 different symbols, of at most 1000"):
        service.compare(many, request())

    assert not prices.asked
