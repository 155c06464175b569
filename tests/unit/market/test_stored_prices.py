"""Reading prices: what is stored comes at once, what is missing is ordered once, gaps have reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from foliolens.adapters.local.postgres_prices import PostgresPriceStore
from foliolens.kit.database import Database
from foliolens.market.series_cache import SeriesCache
from foliolens.market.stored_prices import StoredPrices
from foliolens.ports.prices import PriceHistory, PriceSeries
from tests.clock import SetClock
from tests.unit.market.market_edge import NOW, ToldSource, history

JANUARY = date(2026, 1, 5)
TODAY = NOW.date()


class CountedStore(PostgresPriceStore):
    """A store that counts the symbols read."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.symbols_read: list[str] = []

    def read(self, symbols: Sequence[str], start: date, end: date) -> dict[str, PriceSeries]:
        self.symbols_read += symbols
        return dict(super().read(symbols, start, end))


class Reading:
    """A reader with everything around it."""

    def __init__(self, database: Database, source: ToldSource | None) -> None:
        self.store = CountedStore(database)
        self.clock = SetClock(NOW)
        self.orders: list[list[str]] = []
        self.cache = SeriesCache(100)
        self.reader = StoredPrices(
            self.store, source, lambda symbols: self.orders.append(list(symbols)), self.clock, self.cache
        )

    def read(self, *symbols: str, start: date = date.min, end: date = TODAY) -> PriceHistory:
        return self.reader.read(symbols, start, end)

    def keep(self, symbol: str, closes: Sequence[str] = ("10", "11", "12"), first: date = JANUARY) -> None:
        self.store.replace(symbol, history(first, closes), "Tiingo")
        self.store.succeeded(symbol, "Tiingo", NOW)


@pytest.fixture
def source() -> ToldSource:
    return ToldSource()


@pytest.fixture
def reading(database: Database, source: ToldSource) -> Reading:
    return Reading(database, source)


@pytest.fixture
def alone(database: Database) -> Reading:
    """A reader that nobody can fetch prices for."""
    return Reading(database, None)


def test_stored_days_come_as_a_series(reading: Reading) -> None:
    reading.keep("VTI")

    told = reading.read("VTI")

    assert told.series["VTI"].adjusted.tolist() == [10, 11, 12]
    assert (told.missing, told.retry_after, reading.orders) == ({}, None, [])


class TestTheRange:
    def test_cuts_both_ends(self, reading: Reading) -> None:
        reading.keep("VTI", ["10", "11", "12", "13", "14"])

        (series,) = reading.read("VTI", start=date(2026, 1, 6), end=date(2026, 1, 8)).series.values()

        assert series.days.tolist() == [date(2026, 1, day) for day in (6, 7, 8)]
        assert series.adjusted.tolist() == [11, 12, 13]
        assert series.last_close == Decimal(13)

    def test_without_a_day_is_a_reason(self, reading: Reading) -> None:
        reading.keep("VTI")

        for start, end in ((date(2026, 2, 1), TODAY), (date(2020, 1, 1), date(2020, 12, 31))):
            told = reading.read("VTI", start=start, end=end)
            assert (told.series, told.missing, told.retry_after) == ({}, {"VTI": "OUT_OF_RANGE"}, None)

    @pytest.mark.parametrize("end", [date(2026, 1, 6), TODAY])
    def test_is_answered_from_memory_the_second_time(self, reading: Reading, end: date) -> None:
        reading.keep("VTI")
        reading.keep("BND")
        first = reading.read("VTI", "BND", end=end)
        second = reading.read("BND", "VTI", end=end)

        assert sorted(reading.store.symbols_read) == ["BND", "VTI"]
        assert second.series["VTI"] is first.series["VTI"]

    def test_after_a_write_holds_what_was_written(self, reading: Reading) -> None:
        reading.keep("VTI")
        reading.read("VTI")
        reading.keep("VTI", ["20", "21"])

        assert reading.read("VTI").series["VTI"].adjusted.tolist() == [20, 21]

    def test_of_symbols_with_the_same_days_shares_them(self, reading: Reading) -> None:
        reading.keep("VTI")
        reading.keep("BND", ["1", "2", "3"])

        series = reading.read("VTI", "BND").series

        assert np.shares_memory(series["VTI"].days, series["BND"].days)


def test_memory_holds_no_more_series_than_it_may(reading: Reading) -> None:
    reading.cache._capacity = 2
    for symbol in ("A", "B", "C"):
        reading.keep(symbol)
        reading.read(symbol)

    assert len(reading.cache) == 2
    reading.read("B", "C")
    assert reading.store.symbols_read == ["A", "B", "C"]


def test_a_symbol_is_found_in_whatever_spelling(reading: Reading) -> None:
    reading.keep("BRK.B")

    told = reading.read("BRK-B", "brk.b")

    assert told.series.keys() == {"BRK-B", "brk.b"}
    assert told.series["BRK-B"].symbol == "BRK-B"


class TestMissingPrices:
    def test_are_ordered_and_pending(self, reading: Reading) -> None:
        reading.keep("VTI")

        told = reading.read("VTI", "BND", "GLD")

        assert told.series.keys() == {"VTI"}
        assert told.missing == {"BND": "PENDING", "GLD": "PENDING"}
        assert told.retry_after == 2
        assert reading.orders == [["BND", "GLD"]]

    def test_that_are_ordered_are_not_ordered_again_until_that_order_is_lost(self, reading: Reading) -> None:
        reading.store.claim(["VTI"], reading.clock.now(), timedelta(minutes=10))

        for minutes, orders in ((9, [["BND"]]), (1, [["BND"], ["BND", "VTI"]])):
            reading.clock.advance(minutes=minutes)
            assert reading.read("VTI", "BND").missing == {"VTI": "PENDING", "BND": "PENDING"}
            assert reading.orders == orders

    def test_of_many_symbols_take_longer(self, reading: Reading) -> None:
        told = reading.read(*(f"S{number}" for number in range(40)))

        assert told.retry_after == 20

    def test_of_unknown_symbols_are_not_asked_for_again_for_a_while(self, reading: Reading) -> None:
        reading.store.failed("NOBODY", "Tiingo", "UNKNOWN_SYMBOL", NOW, NOW + timedelta(days=7))

        told = reading.read("NOBODY")
        assert (told.missing, told.retry_after) == ({"NOBODY": "UNKNOWN_SYMBOL"}, None)
        assert reading.orders == []

        reading.clock.advance(days=7)
        assert reading.read("NOBODY").missing == {"NOBODY": "PENDING"}

    def test_of_a_provider_in_trouble_tell_when_to_ask_again(self, reading: Reading) -> None:
        reading.store.failed("VTI", "Tiingo", "PROVIDER_ERROR", NOW, NOW + timedelta(seconds=90))

        told = reading.read("VTI")
        assert (told.missing, told.retry_after, reading.orders) == ({"VTI": "PROVIDER_ERROR"}, 90, [])

        reading.clock.advance(seconds=90)
        assert reading.read("VTI").missing == {"VTI": "PENDING"}

    def test_that_another_source_did_not_have_are_asked_for_anew(self, reading: Reading) -> None:
        reading.store.failed("VTI", "file", "UNKNOWN_SYMBOL", NOW, NOW + timedelta(days=7))

        assert reading.read("VTI").missing == {"VTI": "PENDING"}

    def test_without_a_source_say_so(self, alone: Reading) -> None:
        alone.keep("VTI")

        told = alone.read("VTI", "BND")

        assert told.series.keys() == {"VTI"}
        assert (told.missing, told.retry_after) == ({"BND": "NO_PROVIDER"}, None)
        assert alone.orders == []

    def test_that_the_source_cannot_have_say_so(self, reading: Reading) -> None:
        assert reading.read("XX1").missing == {"XX1": "NO_PROVIDER"}
        assert reading.orders == []

    @pytest.mark.parametrize(
        "symbol",
        ["CASH", "USD", "SPAXX", "SPAXX**", "US0378331005", "037833100", "AAPL250117C00150000", "BTC"],
    )
    def test_of_what_has_no_price_are_never_ordered(self, reading: Reading, symbol: str) -> None:
        assert reading.read(symbol).missing == {symbol: "NOT_PRICED"}
        assert reading.orders == []


class TestOldPrices:
    def test_are_shown_and_refreshed(self, reading: Reading, source: ToldSource) -> None:
        reading.keep("VTI")
        source.published = NOW + timedelta(hours=8)
        reading.clock.advance(hours=9)

        told = reading.read("VTI")

        assert told.series["VTI"].days[-1] == np.datetime64("2026-01-07")
        assert (told.missing, told.retry_after) == ({}, 2)
        assert reading.orders == [["VTI"]]

    def test_that_the_source_has_no_newer_ones_of_are_simply_old(self, reading: Reading) -> None:
        reading.keep("GONE", first=date(2020, 1, 6))

        told = reading.read("GONE")

        assert told.series["GONE"].days[-1] == np.datetime64("2020-01-08")
        assert (told.retry_after, reading.orders) == (None, [])

    def test_without_a_source_are_simply_old(self, alone: Reading) -> None:
        alone.keep("AAPL", first=date(2022, 12, 26))

        told = alone.read("AAPL")

        assert told.series["AAPL"].days[-1] == np.datetime64("2022-12-28")
        assert (told.missing, told.retry_after) == ({}, None)

    def test_stay_when_the_provider_fails(self, reading: Reading) -> None:
        reading.keep("VTI")
        reading.store.failed("VTI", "Tiingo", "PROVIDER_ERROR", NOW, NOW + timedelta(minutes=5))

        told = reading.read("VTI")

        assert told.series.keys() == {"VTI"}
        assert (told.retry_after, reading.orders) == (300, [])
