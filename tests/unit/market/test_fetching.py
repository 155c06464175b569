"""Fetching in the background: once an order, whole histories after a split, gentle on failures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from foliolens.adapters.local.postgres_prices import PostgresPriceStore
from foliolens.adapters.local.postgres_queue import PostgresJobQueue
from foliolens.kit.database import Database
from foliolens.kit.jobs import Handler, Worker
from foliolens.market.fetching import PriceFetching
from foliolens.market.history import SourceUnavailable, last_publication
from foliolens.market.price_orders import FETCH_PRICES, PriceOrders
from foliolens.market.price_refresh import PriceRefresh
from foliolens.ports.prices import DailyPrice
from tests.clock import SetClock
from tests.unit.market.market_edge import NOW, ToldSource, history, price

NO_WAIT = timedelta(0)
FEBRUARY = date(2026, 2, 2)


class Fetching:
    """Everything around the fetching, with a worker that works when it is told to."""

    def __init__(self, database: Database) -> None:
        self.source = ToldSource()
        self.clock = SetClock(NOW)
        self.store = PostgresPriceStore(database)
        self.queue = PostgresJobQueue(database, timedelta(minutes=5), "prices")
        self.held = ["VTI", "BND"]
        self.orders = PriceOrders(self.store, self.queue, self.clock)
        self.fetching = PriceFetching(self.store, self.source, self.clock)
        self.night = PriceRefresh(
            self.store,
            self.source,
            self.orders,
            self.clock,
            held_symbols=lambda: self.held,
            ordered_a_round=3,
        )
        handler = Handler(self.fetching.fetch, self.fetching.give_up)
        self.worker = Worker(self.queue, {FETCH_PRICES: handler}, max_attempts=1)

    def work(self) -> int:
        """Deal with every job that is due; how many there were."""
        jobs = 0
        while self.worker.run_once(NO_WAIT):
            jobs += 1
        return jobs

    def order(self, *symbols: str) -> None:
        self.orders.request(symbols)
        self.work()

    def days(self, symbol: str) -> list[DailyPrice]:
        return self.store.days(symbol, date.min, date.max)

    def asked(self) -> list[str]:
        """The symbols the source was asked for since the last time."""
        symbols = [symbol for symbol, _ in self.source.asked]
        self.source.asked.clear()
        return symbols


@pytest.fixture
def prices(database: Database) -> Iterator[Fetching]:
    fetching = Fetching(database)
    yield fetching
    fetching.queue.close()


class TestAnOrder:
    def test_brings_the_whole_history(self, prices: Fetching) -> None:
        prices.source.histories["VTI"] = history(FEBRUARY, ["10", "11"])
        prices.order("VTI")

        assert prices.days("VTI") == history(FEBRUARY, ["10", "11"])
        state = prices.store.states(["VTI"])["VTI"]
        assert (state.source, state.asked_of, state.asked_at, state.queued_at) == (
            "Tiingo",
            "Tiingo",
            NOW,
            None,
        )

    def test_is_placed_once_however_often_it_is_asked_for(self, prices: Fetching) -> None:
        ordered = [prices.orders.request(["VTI", "BND"]) for _ in range(50)]

        assert sum(ordered) == 2
        assert prices.work() == 1
        assert sorted(prices.asked()) == ["BND", "VTI"]

    def test_of_many_symbols_is_several_jobs(self, prices: Fetching) -> None:
        prices.orders.request([f"S{number}" for number in range(25)])

        assert prices.work() == 3

    def test_delivered_twice_asks_once(self, prices: Fetching) -> None:
        prices.source.histories["VTI"] = history(FEBRUARY, ["10"])
        prices.orders.request(["VTI", "NOBODY"])
        job = prices.queue.receive(NO_WAIT)
        assert job is not None

        prices.fetching.fetch(job.payload)
        prices.fetching.fetch(job.payload)

        assert sorted(prices.asked()) == ["NOBODY", "VTI"]

    def test_goes_on_where_its_worker_died(self, prices: Fetching) -> None:
        prices.source.histories |= {"A": history(FEBRUARY, ["1"]), "C": history(FEBRUARY, ["3"])}
        prices.source.fault = lambda symbol: KeyboardInterrupt() if symbol == "C" else None  # type: ignore[return-value]  # dies there
        prices.orders.request(["A", "C"])
        job = prices.queue.receive(NO_WAIT)
        assert job is not None
        with pytest.raises(KeyboardInterrupt):
            prices.fetching.fetch(job.payload)

        prices.source.fault = lambda _: None
        prices.fetching.fetch(job.payload)

        assert prices.asked() == ["A", "C", "C"]
        assert prices.days("C") == history(FEBRUARY, ["3"])

    def test_lost_on_the_way_is_placed_again_after_a_while(self, prices: Fetching) -> None:
        prices.store.claim(["VTI"], NOW, timedelta(minutes=10))  # and died before the job was in the queue
        assert prices.orders.request(["VTI"]) == 0

        prices.clock.advance(minutes=10)
        assert prices.orders.request(["VTI"]) == 1


class TestARefresh:
    def test_asks_for_the_last_days_only(self, prices: Fetching) -> None:
        prices.source.histories["VTI"] = history(FEBRUARY, ["10", "11", "12"])
        prices.order("VTI")
        prices.source.histories["VTI"] += history(date(2026, 2, 5), ["13"])
        prices.clock.advance(days=1)
        prices.order("VTI")

        assert prices.source.asked == [("VTI", None), ("VTI", date(2026, 2, 4) - timedelta(days=30))]
        assert prices.days("VTI") == history(FEBRUARY, ["10", "11", "12", "13"])

    def test_without_news_changes_nothing(self, prices: Fetching) -> None:
        prices.source.histories["VTI"] = history(FEBRUARY, ["10"])
        prices.order("VTI")
        before = prices.store.states(["VTI"])["VTI"]
        prices.clock.advance(days=1)
        prices.order("VTI")
        after = prices.store.states(["VTI"])["VTI"]

        assert after.version == before.version
        assert after.asked_at == NOW + timedelta(days=1)

    def test_after_a_split_fetches_the_whole_history(self, prices: Fetching) -> None:
        days = [FEBRUARY + timedelta(days=number) for number in range(3)]
        prices.source.histories["VTI"] = [price(days[0] - timedelta(days=365), "80"), price(days[0], "100")]
        prices.order("VTI")
        split = [
            price(days[0] - timedelta(days=365), "80", "20"),
            price(days[0], "100", "25"),
            price(days[1], "26"),
        ]
        prices.source.histories["VTI"] = split
        prices.clock.advance(days=1)
        prices.order("VTI")

        assert prices.days("VTI") == split  # the day a year ago as well
        assert [start for _, start in prices.source.asked][-1] is None

    @pytest.mark.parametrize(
        "told", [["10", "12"], ["10"]], ids=["another day is gone", "the last day is gone"]
    )
    def test_that_lacks_stored_days_fetches_the_whole_history(
        self, prices: Fetching, told: list[str]
    ) -> None:
        prices.source.histories["VTI"] = history(FEBRUARY, ["10", "11", "12"])
        prices.order("VTI")
        days = [FEBRUARY, FEBRUARY + timedelta(days=2)]
        corrected = [price(day, close) for day, close in zip(days, told, strict=False)]
        prices.source.histories["VTI"] = corrected
        prices.clock.advance(days=1)
        prices.order("VTI")

        assert prices.days("VTI") == corrected

    def test_tells_a_tail_of_decimals_from_an_adjustment(self, prices: Fetching) -> None:
        prices.source.histories["VTI"] = [price(FEBRUARY, "10", "9.87654321098")]
        prices.order("VTI")
        prices.source.histories["VTI"] = [price(FEBRUARY, "10", "9.87654321099")]
        prices.clock.advance(days=1)
        prices.order("VTI")

        assert [start for _, start in prices.source.asked] == [None, FEBRUARY - timedelta(days=30)]

    def test_of_another_source_replaces_what_is_there(self, prices: Fetching) -> None:
        prices.store.replace("VTI", history(date(2022, 12, 26), ["190", "191"]), "Sample data")
        prices.source.histories["VTI"] = history(FEBRUARY, ["300"])
        prices.order("VTI")

        assert prices.days("VTI") == history(FEBRUARY, ["300"])
        assert prices.store.states(["VTI"])["VTI"].source == "Tiingo"


class TestFailures:
    def test_of_knowledge_are_remembered_for_as_long_as_the_source_says(self, prices: Fetching) -> None:
        prices.order("NOBODY")

        state = prices.store.states(["NOBODY"])["NOBODY"]
        assert (state.failure, state.retry_at) == ("UNKNOWN_SYMBOL", NOW + timedelta(days=7))

    def test_an_empty_history_is_an_unknown_symbol(self, prices: Fetching) -> None:
        prices.source.histories["EMPTY"] = []
        prices.order("EMPTY")

        assert prices.store.states(["EMPTY"])["EMPTY"].failure == "UNKNOWN_SYMBOL"

    def test_of_the_provider_end_the_job_and_keep_what_is_stored(self, prices: Fetching) -> None:
        prices.source.histories |= {"A": history(FEBRUARY, ["1"]), "C": history(FEBRUARY, ["3"])}
        prices.order("A", "C")
        prices.asked()
        prices.source.fault = lambda _: SourceUnavailable("503")
        prices.clock.advance(days=1)
        prices.order("A", "B", "C")

        assert prices.asked() == ["A"]  # the others would only wait as well
        states = prices.store.states(["A", "B", "C"])
        assert {state.failure for state in states.values()} == {"PROVIDER_ERROR"}
        assert prices.days("C") == history(FEBRUARY, ["3"])
        assert prices.queue.dead() == []

    def test_wait_longer_each_time_but_never_more_than_an_hour(self, prices: Fetching) -> None:
        prices.source.fault = lambda _: SourceUnavailable("503")
        pauses = []
        for _ in range(8):
            prices.order("VTI")
            retry_at = prices.store.states(["VTI"])["VTI"].retry_at
            assert retry_at is not None
            pauses.append((retry_at - prices.clock.now()).total_seconds() / 60)
            prices.clock.time = retry_at

        assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]

    def test_wait_as_long_as_the_provider_says(self, prices: Fetching) -> None:
        prices.source.fault = lambda _: SourceUnavailable("429", retry_after=1234)
        prices.order("VTI")

        assert prices.store.states(["VTI"])["VTI"].retry_at == NOW + timedelta(seconds=1234)

    def test_of_ours_are_given_up_with_a_reason(self, prices: Fetching) -> None:
        prices.source.fault = lambda _: ZeroDivisionError()
        prices.order("VTI")

        state = prices.store.states(["VTI"])["VTI"]
        assert (state.failure, state.retry_at) == ("PROVIDER_ERROR", NOW + timedelta(hours=1))
        assert [letter.reason for letter in prices.queue.dead()] == ["ZeroDivisionError in attempt 1"]


class TestTheNight:
    def test_refreshes_what_is_held_a_few_at_a_time(self, prices: Fetching) -> None:
        prices.held = ["VTI", "BND", "GLD", "BRK-B", "CASH", "XX1"]
        rounds = []
        for _ in range(3):
            prices.night.refresh()
            prices.work()
            rounds.append(prices.asked())

        assert rounds == [["BND", "BRK.B", "GLD"], ["VTI"], []]

    def test_asks_once_for_each_trading_day(self, prices: Fetching) -> None:
        prices.source.histories |= {symbol: history(FEBRUARY, ["1"]) for symbol in prices.held}
        asked = []
        for _ in range(24 * 7):
            prices.clock.advance(hours=1)
            prices.night.refresh()
            prices.work()
            asked.append(len(prices.asked()))

        assert sum(asked) == 2 * 6  # two symbols: at once, then after each of five trading days

    def test_takes_the_list_of_holdings_once(self, prices: Fetching) -> None:
        prices.night.refresh()
        prices.work()
        prices.held = ["NEW"]
        prices.night.refresh()
        prices.work()
        assert "NEW" not in prices.asked()

        prices.clock.advance(days=1)
        prices.night.refresh()
        prices.work()
        assert prices.asked() == ["NEW"]

    def test_tries_failures_again_when_their_time_has_come(self, prices: Fetching) -> None:
        prices.source.fault = lambda _: SourceUnavailable("503", retry_after=600)
        prices.night.refresh()
        prices.work()
        prices.asked()
        prices.source.fault = lambda _: None
        prices.source.histories |= {symbol: history(FEBRUARY, ["1"]) for symbol in prices.held}

        prices.clock.advance(minutes=9)
        prices.night.refresh()
        assert prices.work() == 0
        prices.clock.advance(minutes=1)
        prices.night.refresh()
        prices.work()
        assert prices.asked() == ["BND", "VTI"]


@pytest.mark.parametrize(
    ("now", "published"),
    [
        ("2026-03-04T18:00", "2026-03-04T01:30"),  # Wednesday afternoon: Tuesday's closes
        ("2026-03-04T01:29", "2026-03-03T01:30"),
        ("2026-03-04T01:30", "2026-03-04T01:30"),
        ("2026-03-07T12:00", "2026-03-07T01:30"),  # Saturday: Friday's
        ("2026-03-08T12:00", "2026-03-07T01:30"),  # Sunday: Friday's
        ("2026-03-09T23:00", "2026-03-07T01:30"),  # Monday, before its closes are out
        ("2026-03-10T01:30", "2026-03-10T01:30"),
    ],
)
def test_closes_come_out_in_the_night_after_a_working_day(now: str, published: str) -> None:
    assert last_publication(datetime.fromisoformat(f"{now}Z")) == datetime.fromisoformat(f"{published}Z")


def test_exact_decimals_are_kept(prices: Fetching) -> None:
    prices.source.histories["VTI"] = [price(FEBRUARY, "10.10", "9.123456789012")]
    prices.order("VTI")

    (day,) = prices.days("VTI")
    assert (day.close, day.adjusted_close) == (Decimal("10.10"), Decimal("9.123456789012"))
