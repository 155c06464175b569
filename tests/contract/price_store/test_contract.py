"""What every price store promises."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from foliolens.adapters.aws.dynamodb_prices import DynamoDbPriceStore
from foliolens.adapters.local.postgres_prices import PostgresPriceStore
from foliolens.kit.database import Database
from foliolens.ports.clock import SystemClock
from foliolens.ports.prices import DailyPrice, PriceStore, SymbolState
from tests.aws import create_table

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVER = (date.min, date.max)


@pytest.fixture(params=["postgres", "dynamodb"])
def store(request: pytest.FixtureRequest) -> PriceStore:
    if request.param == "postgres":
        return PostgresPriceStore(request.getfixturevalue("database"))
    request.getfixturevalue("aws")
    return DynamoDbPriceStore(create_table(), SystemClock())


def day(number: int, close: str = "100.25", adjusted: str | None = None) -> DailyPrice:
    """A day of January 2026, full of figures."""
    price = Decimal(close)
    return DailyPrice(
        day=date(2026, 1, number),
        open=price * Decimal("0.99"),
        high=price * Decimal("1.02"),
        low=price * Decimal("0.97"),
        close=price,
        adjusted_close=Decimal(adjusted or close),
        volume=1_000_000 + number,
    )


def days_of(store: PriceStore, symbol: str) -> list[DailyPrice]:
    return store.days(symbol, *EVER)


LONG = [
    DailyPrice(
        day=date(2025, 1, 1) + timedelta(days=number),
        open=None,
        high=Decimal(number + 2),
        low=None,
        close=Decimal(number + 1),
        adjusted_close=Decimal(number + 1) / 4,
        volume=number,
    )
    for number in range(300)
]


class TestDays:
    def test_come_back_exactly_and_in_order(self, store: PriceStore) -> None:
        written = [
            day(7, "0.000123456789"),
            DailyPrice(date(2026, 1, 5), None, None, None, Decimal("9.99"), Decimal("4.995"), None),
            day(6, "523750.10"),
        ]
        store.write("BRK.A", written, "Tiingo")

        assert days_of(store, "BRK.A") == sorted(written, key=lambda price: price.day)

    def test_that_are_there_already_are_replaced(self, store: PriceStore) -> None:
        store.write("VTI", [day(5), day(6)], "Tiingo")
        store.write("VTI", [day(6, "101"), day(7)], "Tiingo")

        assert days_of(store, "VTI") == [day(5), day(6, "101"), day(7)]

    def test_are_read_between_two_days_both_included(self, store: PriceStore) -> None:
        store.write("VTI", [day(number) for number in (5, 6, 7, 8)], "Tiingo")

        assert store.days("VTI", date(2026, 1, 6), date(2026, 1, 7)) == [day(6), day(7)]

    def test_of_a_replaced_history_are_gone(self, store: PriceStore) -> None:
        store.write("VTI", [day(5), day(6), day(7)], "Tiingo")
        store.replace("VTI", [day(6, "50"), day(8)], "file")

        assert days_of(store, "VTI") == [day(6, "50"), day(8)]
        assert store.states(["VTI"])["VTI"].source == "file"

    def test_of_an_unknown_symbol_are_none(self, store: PriceStore) -> None:
        assert days_of(store, "NOBODY") == []

    def test_of_one_symbol_are_nobody_elses(self, store: PriceStore) -> None:
        store.write("VTI", [day(5)], "Tiingo")
        store.write("VTI.X", [day(6)], "Tiingo")

        assert days_of(store, "VTI") == [day(5)]


class TestSeries:
    def test_hold_the_adjusted_closes(self, store: PriceStore) -> None:
        store.write("VTI", [day(5, "100", "25.1"), day(6, "26.3"), day(8, "26.7")], "Tiingo")

        series = store.read(["VTI"], *EVER)["VTI"]

        assert series.symbol == "VTI"
        assert series.days.tolist() == [date(2026, 1, number) for number in (5, 6, 8)]
        assert series.adjusted.tolist() == [25.1, 26.3, 26.7]
        assert (series.days.dtype, series.adjusted.dtype) == (np.dtype("<M8[D]"), np.dtype(np.float64))
        assert (series.last_close, series.source) == (Decimal("26.7"), "Tiingo")

    def test_end_with_the_last_day_asked_for(self, store: PriceStore) -> None:
        store.write("VTI", [day(5, "5"), day(6, "6.50", "3.25"), day(7, "7")], "Tiingo")

        series = store.read(["VTI"], date(2026, 1, 6), date(2026, 1, 6))["VTI"]

        assert series.adjusted.tolist() == [3.25]
        assert series.last_close == Decimal("6.50")

    def test_are_of_the_symbols_asked_for_that_have_days(self, store: PriceStore) -> None:
        for symbol in ("VTI", "BND", "GLD"):
            store.write(symbol, [day(5)], "Tiingo")
        store.write(
            "OLD", [DailyPrice(date(2020, 1, 2), None, None, None, Decimal(1), Decimal(1), None)], "Tiingo"
        )

        read = store.read(["BND", "NOBODY", "VTI", "OLD"], date(2025, 1, 1), date(2026, 12, 31))

        assert read.keys() == {"BND", "VTI"}

    def test_cannot_be_changed_by_who_reads_them(self, store: PriceStore) -> None:
        store.write("VTI", [day(5)], "Tiingo")
        series = store.read(["VTI"], *EVER)["VTI"]

        with pytest.raises(ValueError, match="read-only"):
            series.adjusted[0] = 0
        with pytest.raises(ValueError, match="read-only"):
            series.days[0] = np.datetime64("2000-01-01")

    @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        closes=st.dictionaries(
            st.dates(date(1962, 1, 2), date(2199, 12, 31)),
            st.decimals(min_value="0.0001", max_value="999999", places=6),
            min_size=1,
            max_size=20,
        )
    )
    def test_are_the_floats_nearest_to_what_was_written(
        self, store: PriceStore, closes: dict[date, Decimal]
    ) -> None:
        prices = [DailyPrice(when, None, None, None, close, close, None) for when, close in closes.items()]
        store.replace("ANY", prices, "Tiingo")

        series = store.read(["ANY"], *EVER)["ANY"]

        assert dict(zip(series.days.tolist(), series.adjusted.tolist(), strict=True)) == {
            when: float(close) for when, close in closes.items()
        }
        assert series.days.tolist() == sorted(closes)


class TestLongHistories:
    """Whose days a store may keep in several parts."""

    def test_grow_day_by_day(self, store: PriceStore) -> None:
        store.replace("VTI", LONG[:120], "Tiingo")

        for number in range(120, 300):
            store.write("VTI", LONG[number - 5 : number + 1], "Tiingo")

        assert days_of(store, "VTI") == LONG
        series = store.read(["VTI"], *EVER)["VTI"]
        assert series.days.tolist() == [price.day for price in LONG]
        assert series.adjusted.tolist() == [float(price.adjusted_close) for price in LONG]

    @pytest.mark.parametrize(("first", "last"), [(0, 0), (10, 20), (10, 290), (280, 299)])
    def test_are_read_between_any_two_days(self, store: PriceStore, first: int, last: int) -> None:
        store.replace("VTI", LONG, "Tiingo")
        wanted = LONG[first : last + 1]

        series = store.read(["VTI"], wanted[0].day, wanted[-1].day)["VTI"]

        assert series.days.tolist() == [price.day for price in wanted]
        assert series.last_close == wanted[-1].close
        assert store.days("VTI", wanted[0].day, wanted[-1].day) == wanted

    @pytest.mark.parametrize("number", [0, 150, 299])
    def test_can_be_changed_anywhere(self, store: PriceStore, number: int) -> None:
        store.replace("VTI", LONG, "Tiingo")
        changed = replace(LONG[number], volume=7, adjusted_close=Decimal("0.5"))

        store.write("VTI", [changed], "Tiingo")

        wanted = [*LONG[:number], changed, *LONG[number + 1 :]]
        assert days_of(store, "VTI") == wanted
        assert store.read(["VTI"], *EVER)["VTI"].adjusted[number] == 0.5

    @pytest.mark.parametrize("days", [1, 100, 250])
    def test_are_replaced_whole(self, store: PriceStore, days: int) -> None:
        store.replace("VTI", LONG, "Tiingo")
        split = [replace(price, adjusted_close=Decimal(price.volume or 1)) for price in LONG[-days:]]

        store.replace("VTI", split, "Tiingo")

        assert days_of(store, "VTI") == split
        assert store.read(["VTI"], *EVER)["VTI"].days.tolist() == [price.day for price in split]

    def test_that_are_written_again_stay_as_they_are(self, store: PriceStore) -> None:
        store.replace("VTI", LONG, "Tiingo")
        before = store.states(["VTI"])
        store.replace("VTI", LONG, "Tiingo")
        store.write("VTI", LONG[100:110], "Tiingo")

        assert store.states(["VTI"]) == before

    def test_of_many_symbols_are_read_together(self, store: PriceStore) -> None:
        symbols = [f"S{number:02}" for number in range(60)]
        for symbol in symbols:
            store.replace(symbol, LONG[:100], "Tiingo")

        read = store.read(symbols, *EVER)

        assert sorted(read) == symbols
        assert {len(series.days) for series in read.values()} == {100}


class TestVersions:
    def test_change_with_everything_that_is_written(self, store: PriceStore) -> None:
        def version() -> int:
            return store.states(["VTI"])["VTI"].version

        seen = []
        for prices in ([day(5)], [day(6)], [day(6, "7")]):
            store.write("VTI", prices, "Tiingo")
            seen.append(version())
        store.replace("VTI", [day(6, "7")], "Tiingo")
        seen.append(version())

        assert seen == sorted(set(seen))
        assert store.read(["VTI"], *EVER)["VTI"].version == seen[-1] > 0

    def test_stay_when_nothing_changes(self, store: PriceStore) -> None:
        store.write("VTI", [day(5), day(6)], "Tiingo")
        before = store.states(["VTI"])
        store.write("VTI", [day(6)], "Tiingo")
        store.replace("VTI", [day(5), day(6)], "Tiingo")

        assert store.states(["VTI"]) == before

    def test_tell_days_of_another_source_apart(self, store: PriceStore) -> None:
        store.write("VTI", [day(5)], "file")
        before = store.states(["VTI"])["VTI"]
        store.replace("VTI", [day(5)], "Tiingo")
        after = store.states(["VTI"])["VTI"]

        assert (before.source, after.source) == ("file", "Tiingo")
        assert before.version != after.version

    def test_of_writers_at_the_same_time_the_last_one_counts(self, store: PriceStore) -> None:
        def write(number: int) -> None:
            store.replace("VTI", [day(5, str(number)), day(6, str(number))], "Tiingo")

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(write, range(1, 25)))

        first, second = days_of(store, "VTI")
        assert first.close == second.close


class TestStates:
    def test_of_symbols_never_heard_of_are_left_out(self, store: PriceStore) -> None:
        assert store.states(["NOBODY"]) == {}

    def test_tell_what_is_stored(self, store: PriceStore) -> None:
        store.write("VTI", [day(5), day(8)], "Tiingo")

        state = store.states(["VTI", "NOBODY"])["VTI"]

        assert (state.last_day, state.source) == (date(2026, 1, 8), "Tiingo")

    def test_tell_how_asking_went(self, store: PriceStore) -> None:
        store.claim(["VTI"], NOW, HOUR)
        assert store.states(["VTI"])["VTI"] == SymbolState(queued_at=NOW)

        store.failed("VTI", "Tiingo", "PROVIDER_ERROR", NOW, NOW + HOUR)
        store.failed("VTI", "Tiingo", "PROVIDER_ERROR", NOW + HOUR, NOW + 3 * HOUR)
        assert store.states(["VTI"])["VTI"] == SymbolState(
            asked_of="Tiingo",
            asked_at=NOW + HOUR,
            failure="PROVIDER_ERROR",
            failures=2,
            retry_at=NOW + 3 * HOUR,
        )

        store.succeeded("VTI", "Tiingo", NOW + 4 * HOUR)
        assert store.states(["VTI"])["VTI"] == SymbolState(asked_of="Tiingo", asked_at=NOW + 4 * HOUR)

    def test_keep_the_prices_when_asking_fails(self, store: PriceStore) -> None:
        store.write("VTI", [day(5)], "Tiingo")
        store.failed("VTI", "Tiingo", "UNKNOWN_SYMBOL", NOW, NOW + HOUR)

        assert days_of(store, "VTI") == [day(5)]
        assert store.states(["VTI"])["VTI"].failure == "UNKNOWN_SYMBOL"


class TestClaims:
    def test_go_to_one_caller_only(self, store: PriceStore) -> None:
        assert store.claim(["VTI", "BND", "VTI"], NOW, HOUR) == ["BND", "VTI"]
        assert store.claim(["VTI", "GLD"], NOW, HOUR) == ["GLD"]

    def test_go_to_one_of_many_callers_at_the_same_time(self, database: Database) -> None:
        # Of our own store only: the stand-in for DynamoDB looks at conditions before it locks.
        store = PostgresPriceStore(database)
        symbols = [f"S{number}" for number in range(40)]

        def claim(turn: int) -> list[str]:
            return store.claim(symbols[turn:] + symbols[:turn], NOW, HOUR)

        with ThreadPoolExecutor(4) as threads:
            claimed = [symbol for part in threads.map(claim, range(8)) for symbol in part]

        assert sorted(claimed) == sorted(symbols)

    def test_end_with_the_fetch(self, store: PriceStore) -> None:
        store.claim(["VTI", "BND"], NOW, HOUR)
        store.succeeded("VTI", "Tiingo", NOW)
        store.failed("BND", "Tiingo", "PROVIDER_ERROR", NOW, NOW)

        assert store.claim(["VTI", "BND"], NOW, HOUR) == ["BND", "VTI"]

    def test_end_with_their_lease(self, store: PriceStore) -> None:
        store.claim(["VTI"], NOW, HOUR)

        assert store.claim(["VTI"], NOW + timedelta(minutes=59), HOUR) == []
        assert store.claim(["VTI"], NOW + HOUR, HOUR) == ["VTI"]

    def test_of_nothing_are_nothing(self, store: PriceStore) -> None:
        assert store.claim([], NOW, HOUR) == []


class TestDue:
    def due(self, store: PriceStore, now: datetime = NOW, limit: int = 10) -> Sequence[str]:
        return store.due(NOW - HOUR, now, HOUR, limit)

    def test_are_held_symbols_not_asked_for_lately(self, store: PriceStore) -> None:
        store.list_held(["VTI", "BND", "GLD"], NOW)
        store.succeeded("VTI", "Tiingo", NOW - timedelta(minutes=1))
        store.succeeded("BND", "Tiingo", NOW - 2 * HOUR)
        store.succeeded("SOLD", "Tiingo", NOW - 2 * HOUR)

        assert self.due(store) == ["GLD", "BND"]

    def test_come_longest_waiting_first_and_no_more_than_wanted(self, store: PriceStore) -> None:
        store.list_held(["A", "B", "C", "D"], NOW)
        for hours, symbol in enumerate(["C", "A", "D"], start=2):
            store.succeeded(symbol, "Tiingo", NOW - hours * HOUR)

        assert self.due(store, limit=3) == ["B", "D", "A"]

    def test_are_not_queued_already(self, store: PriceStore) -> None:
        store.list_held(["VTI", "BND"], NOW)
        store.claim(["VTI"], NOW, HOUR)

        assert self.due(store) == ["BND"]
        assert self.due(store, NOW + HOUR) == ["BND", "VTI"]

    def test_wait_after_a_failure(self, store: PriceStore) -> None:
        store.list_held(["VTI"], NOW)
        store.failed("VTI", "Tiingo", "PROVIDER_ERROR", NOW - timedelta(minutes=1), NOW + HOUR)

        assert self.due(store) == []
        assert self.due(store, NOW + HOUR) == ["VTI"]

    def test_are_of_the_newest_list(self, store: PriceStore) -> None:
        assert store.listed_at() is None
        store.list_held(["VTI", "SOLD"], NOW)
        store.list_held(["VTI", "NEW"], NOW + HOUR)

        assert self.due(store) == ["NEW", "VTI"]
        assert store.listed_at() == NOW + HOUR


class TestForgetting:
    def test_takes_what_nobody_wanted_since_with_its_prices(self, store: PriceStore) -> None:
        for symbol in ("OLD", "NEW", "HELD", "SAMPLE"):
            store.write(symbol, [day(5)], "Tiingo")
        store.list_held(["OLD"], NOW - 2 * HOUR)
        store.list_held(["HELD"], NOW - HOUR)
        for symbol, asked_at in (
            ("OLD", NOW - HOUR),
            ("HELD", NOW - HOUR),
            ("NEW", NOW),
            ("NOPE", NOW - HOUR),
        ):
            store.succeeded(symbol, "Tiingo", asked_at)

        assert store.forget(NOW) == 2
        assert store.forget(NOW) == 0
        assert store.states(["OLD", "NOPE", "NEW", "HELD", "SAMPLE"]).keys() == {"NEW", "HELD", "SAMPLE"}
        assert days_of(store, "OLD") == []
        assert days_of(store, "SAMPLE") == [day(5)]

    def test_leaves_what_is_just_being_fetched(self, store: PriceStore) -> None:
        store.succeeded("VTI", "Tiingo", NOW - HOUR)
        store.claim(["VTI"], NOW, HOUR)

        assert store.forget(NOW) == 0


class TestDynamoDb:
    def test_a_symbol_that_comes_back_has_another_version(self, aws: str) -> None:
        assert aws
        store = DynamoDbPriceStore(create_table(), SystemClock())
        seen = []
        for _ in range(2):
            store.write("VTI", [day(5)], "Tiingo")
            store.succeeded("VTI", "Tiingo", NOW - HOUR)
            seen.append(store.states(["VTI"])["VTI"].version)
            assert store.forget(NOW) == 1

        assert seen[0] < seen[1]

    def test_more_symbols_than_one_request_may_have_are_read(self, aws: str) -> None:
        assert aws
        store = DynamoDbPriceStore(create_table(), SystemClock())
        symbols = [f"S{number}" for number in range(103)]
        for symbol in symbols:
            store.write(symbol, [day(5)], "Tiingo")

        assert store.read(symbols, *EVER).keys() == store.states(symbols).keys() == set(symbols)
