"""A provider's prices on their way into the store, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from foliolens.adapters.local.postgres_prices import PostgresPriceStore
from foliolens.adapters.local.postgres_queue import PostgresJobQueue
from foliolens.kit.jobs import Handler, Worker
from foliolens.market.fetching import PriceFetching
from foliolens.market.price_orders import FETCH_PRICES, PriceOrders
from foliolens.market.provider_history import ProviderHistory
from foliolens.market.series_cache import SeriesCache
from foliolens.market.stored_prices import StoredPrices
from foliolens.ports.prices import PriceHistory
from tests import providers as fakes

from .conftest import TODAY, Desk


class Shelf:
    """The store behind a desk, filled by a worker that works when it is told to."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.store = PostgresPriceStore(desk.database)
        self.queue = PostgresJobQueue(desk.database, timedelta(minutes=5), "prices")
        source = ProviderHistory(desk.market, "Tiingo", desk.clock)
        orders = PriceOrders(self.store, self.queue, desk.clock)
        fetching = PriceFetching(self.store, source, desk.clock)
        self.reader = StoredPrices(self.store, source, orders.request, desk.clock, SeriesCache(10))
        self.worker = Worker(
            self.queue, {FETCH_PRICES: Handler(fetching.fetch, fetching.give_up)}, max_attempts=1
        )

    def read(self, symbol: str = "AAPL") -> PriceHistory:
        return self.reader.read([symbol], date.min, self.desk.clock.now().date())

    def read_later(self, symbol: str = "AAPL") -> PriceHistory:
        """What a second read finds, once the first one's order was dealt with."""
        self.read(symbol)
        while self.worker.run_once(timedelta(0)):
            pass
        return self.read(symbol)


@pytest.fixture
def shelf(desk: Desk) -> Iterator[Shelf]:
    shelf = Shelf(desk)
    yield shelf
    shelf.queue.close()


def test_the_first_read_asks_nobody_and_the_second_has_six_years(shelf: Shelf) -> None:
    assert shelf.read().missing == {"AAPL": "PENDING"}
    assert shelf.desk.tiingo.asked == []

    series = shelf.read_later().series["AAPL"]

    assert series.source == "Tiingo"
    (asked,) = shelf.desk.tiingo.asked
    assert asked.query["startDate"] == (TODAY - timedelta(days=6 * 366)).isoformat()
    assert series.days[0].item() >= TODAY - timedelta(days=6 * 366)


def test_the_next_day_only_the_last_month_is_asked_for(shelf: Shelf) -> None:
    last = shelf.read_later().series["AAPL"].days[-1].item()
    shelf.desk.clock.advance(days=1)
    shelf.read_later()

    assert shelf.desk.tiingo.asked[-1].query["startDate"] == (last - timedelta(days=30)).isoformat()
    assert len(shelf.desk.tiingo.asked) == 2


def test_a_ticker_nobody_knows_is_asked_for_once(shelf: Shelf) -> None:
    shelf.desk.tiingo.answer = lambda _: fakes.Reply(404, b'{"detail": "Not found."}')

    for _ in range(3):
        assert shelf.read_later("NOPE").missing == {"NOPE": "UNKNOWN_SYMBOL"}

    assert len(shelf.desk.tiingo.asked) == 1


def test_a_provider_that_is_down_is_left_alone_until_its_time(shelf: Shelf) -> None:
    shelf.desk.tiingo.down = fakes.Reply(500)
    told = shelf.read_later()
    asked = len(shelf.desk.tiingo.asked)

    assert told.missing == {"AAPL": "PROVIDER_ERROR"}
    assert told.retry_after is not None
    assert shelf.read_later().missing == {"AAPL": "PROVIDER_ERROR"}
    assert len(shelf.desk.tiingo.asked) == asked

    shelf.desk.tiingo.down = None
    shelf.desk.clock.advance(minutes=10)
    assert shelf.read_later().series.keys() == {"AAPL"}


@pytest.mark.parametrize("close", ["1e15", "1e400"])
def test_a_day_that_is_none_is_the_providers_failure(shelf: Shelf, close: str) -> None:
    shelf.desk.tiingo.answer = lambda _: fakes.Reply(
        body=f'[{{"date":"2026-02-27T00:00:00.000Z","close":{close},"adjClose":1}}]'.encode()
    )

    assert shelf.read_later().missing == {"AAPL": "PROVIDER_ERROR"}
    assert shelf.queue.dead() == []


def test_a_fund_that_has_a_close_only_is_stored_without_the_rest(shelf: Shelf) -> None:
    shelf.desk.tiingo.answer = lambda _: fakes.Reply(
        body=b'[{"date":"2026-02-27T00:00:00.000Z","open":0.0,"high":0,"low":0,"volume":0,"close":10,"adjClose":10}]'
    )
    shelf.read_later("VTSAX")

    (day,) = shelf.store.days("VTSAX", date.min, date.max)
    assert (day.open, day.high, day.low, day.close, day.volume) == (None, None, None, 10, 0)
