"""Prices, descriptions and search: Tiingo's bodies, cached for as long as they are fresh."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from foliolens.errors import ProviderError, ServiceUnavailable, TickerNotFound
from foliolens.ports.prices import DailyPrice
from tests import providers as fakes
from tests.providers import Reply

from .conftest import NOON, TODAY, Desk, MakeDesk

PAST = (date(2026, 2, 23), date(2026, 2, 27))
EXACT = (
    b'[{"date":"2026-02-27T00:00:00.000Z","close":90.10,"high":91,"low":89.92,"open":90.84,'
    b'"volume":7255394,"adjClose":74.397902621600001,"adjHigh":74.9,"adjLow":73.9,"adjOpen":74.7,'
    b'"adjVolume":7255394,"divCash":0.0,"splitFactor":1.0}]'
)


class TestBodies:
    def test_prices_are_tiingos(self, desk: Desk) -> None:
        body = desk.market.prices("AAPL", *PAST).body

        assert json.loads(body) == [fakes.day(when) for when in fakes.weekdays(*PAST)]

    def test_every_digit_stays_as_it_was_written(self, desk: Desk) -> None:
        desk.tiingo.script(Reply(body=EXACT))

        assert desk.market.prices("AAPL", *PAST).body == EXACT

    def test_without_dates_there_is_the_latest_day(self, desk: Desk) -> None:
        body = desk.market.prices("AAPL", None, None).body

        assert json.loads(body) == [fakes.day(TODAY)]
        assert desk.tiingo.asked[0].query == {}

    def test_a_description_is_tiingos(self, desk: Desk) -> None:
        assert json.loads(desk.market.describe("AAPL").body) == fakes.DESCRIPTION

    def test_a_search_is_tiingos(self, desk: Desk) -> None:
        assert json.loads(desk.market.search("apple").body) == fakes.MATCHES
        assert json.loads(desk.market.search("zzz").body) == []

    def test_fields_that_are_not_documented_are_left_out(self, desk: Desk) -> None:
        desk.tiingo.script(fakes.as_json([fakes.day(PAST[1], secret="x")]))

        assert json.loads(desk.market.prices("AAPL", *PAST).body) == [fakes.day(PAST[1])]

    @pytest.mark.parametrize("ticker", ["BRK.B", "BRK-B"])
    def test_share_classes_are_asked_for_in_tiingos_spelling(self, desk: Desk, ticker: str) -> None:
        desk.market.prices(ticker, *PAST)

        assert desk.tiingo.asked[0].path == "/tiingo/daily/BRK-B/prices"


class TestLifetimes:
    def test_past_days_are_fresh_for_seven_days(self, desk: Desk) -> None:
        states = [desk.market.prices("AAPL", *PAST).state]
        for seconds in (-1, 1):
            desk.clock.advance(days=7 if seconds < 0 else 0, seconds=seconds)
            states.append(desk.market.prices("AAPL", *PAST).state)

        assert states == ["MISS", "HIT", "MISS"]
        assert len(desk.tiingo.asked) == 2

    @pytest.mark.parametrize("end", [TODAY, None, TODAY + timedelta(days=3)])
    def test_today_is_fresh_for_five_minutes(self, desk: Desk, end: date | None) -> None:
        states = [desk.market.prices("AAPL", PAST[0], end).state]
        for seconds in (299, 1):
            desk.clock.advance(seconds=seconds)
            states.append(desk.market.prices("AAPL", PAST[0], end).state)

        assert states == ["MISS", "HIT", "MISS"]

    def test_a_day_is_past_once_its_night_has_begun_in_new_york(self, desk: Desk) -> None:
        desk.clock.time = NOON.replace(hour=4, minute=59)  # of Monday in London, of Sunday evening there
        sunday = TODAY - timedelta(days=1)
        desk.market.prices("AAPL", PAST[0], sunday)
        desk.clock.advance(minutes=6)
        again = desk.market.prices("AAPL", PAST[0], sunday)
        desk.clock.advance(days=6)

        assert again.state == "MISS"
        assert desk.market.prices("AAPL", PAST[0], sunday).state == "HIT"

    def test_a_description_is_fresh_for_seven_days(self, desk: Desk) -> None:
        desk.market.describe("AAPL")
        desk.clock.advance(days=7, seconds=-1)
        kept = desk.market.describe("AAPL").state
        desk.clock.advance(seconds=1)

        assert (kept, desk.market.describe("AAPL").state) == ("HIT", "MISS")

    def test_a_search_is_fresh_for_a_day_however_it_is_spaced(self, desk: Desk) -> None:
        desk.market.search("Apple  Inc")
        desk.clock.advance(days=1, seconds=-1)
        kept = desk.market.search(" apple inc ").state
        desk.clock.advance(seconds=1)

        assert (kept, desk.market.search("apple inc").state) == ("HIT", "MISS")

    def test_different_questions_have_different_answers(self, desk: Desk) -> None:
        bodies = {
            desk.market.prices("AAPL", *PAST).body,
            desk.market.prices("AAPL", PAST[0], None).body,
            desk.market.prices("AAPL", None, None).body,
            desk.market.prices("BRK.B", None, None).body,
            desk.market.describe("AAPL").body,
        }

        assert len(desk.tiingo.asked) == 5
        assert len(bodies) == 4  # both tickers' latest day is the same in the fake


class TestUnknownTickers:
    @pytest.mark.parametrize(
        "answer",
        [
            fakes.as_json({"detail": "Error: Ticker 'NOPE' not found"}, 404),
            fakes.as_json({"detail": "Not found."}, 404),
            Reply(404, b"<html>"),
            Reply(200, b"Error: Ticker 'NOPE' not found"),
        ],
    )
    def test_are_not_found(self, desk: Desk, answer: Reply) -> None:
        desk.tiingo.script(answer)

        with pytest.raises(TickerNotFound, match="NOPE"):
            desk.market.prices("NOPE", None, None)

    def test_are_remembered_for_ten_minutes(self, desk: Desk) -> None:
        asked = []
        for seconds in (0, 599, 1):
            desk.clock.advance(seconds=seconds)
            with pytest.raises(TickerNotFound):
                desk.market.describe("NOPE")
            asked.append(len(desk.tiingo.asked))

        assert asked == [1, 1, 2]

    def test_are_not_served_as_stale_when_the_provider_is_down(self, desk: Desk) -> None:
        with pytest.raises(TickerNotFound):
            desk.market.describe("NOPE")
        desk.clock.advance(minutes=11)
        desk.tiingo.down = Reply(500)

        with pytest.raises(ProviderError):
            desk.market.describe("NOPE")


class TestTypedPrices:
    def test_are_exact(self, desk: Desk) -> None:
        desk.tiingo.script(Reply(body=EXACT))

        assert desk.market.daily_prices("AAPL", *PAST) == [
            DailyPrice(
                day=date(2026, 2, 27),
                open=Decimal("90.84"),
                high=Decimal(91),
                low=Decimal("89.92"),
                close=Decimal("90.10"),
                adjusted_close=Decimal("74.397902621600001"),
                volume=7255394,
            )
        ]

    def test_are_ascending(self, desk: Desk) -> None:
        days = [price.day for price in desk.market.daily_prices("AAPL", *PAST)]

        assert days == fakes.weekdays(*PAST)

    def test_come_from_the_cache_while_it_is_fresh(self, desk: Desk) -> None:
        desk.market.prices("AAPL", *PAST)
        desk.market.daily_prices("AAPL", *PAST)

        assert len(desk.tiingo.asked) == 1

    def test_are_never_stale(self, desk: Desk) -> None:
        desk.market.prices("AAPL", *PAST)
        desk.clock.advance(days=8)
        desk.tiingo.down = Reply(500)

        with pytest.raises(ProviderError):
            desk.market.daily_prices("AAPL", *PAST)

    def test_say_why_there_are_none(self, make_desk: MakeDesk) -> None:
        with pytest.raises(ServiceUnavailable, match="quota"):
            make_desk(quota=0).market.daily_prices("AAPL", *PAST)
        with pytest.raises(TickerNotFound):
            make_desk().market.daily_prices("NOPE", *PAST)


def test_what_is_malformed_is_neither_passed_on_nor_kept(desk: Desk) -> None:
    desk.tiingo.script(Reply(body=EXACT[:-20]))

    with pytest.raises(ProviderError):
        desk.market.prices("AAPL", *PAST)
    assert desk.kept() == {}
    assert desk.market.prices("AAPL", *PAST).state == "MISS"


def good(number: int = 0) -> dict[str, object]:
    return fakes.day(PAST[0] + timedelta(days=number))


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"detail": "You have run over your hourly request allocation."},
        "AAPL",
        [1],
        [None],
        [{}],
        [good() | {"close": "190.5"}],
        [good() | {"close": None}],
        [good() | {"close": True}],
        [good() | {"close": 0}],
        [good() | {"close": -1.5}],
        [good() | {"adjClose": 0.0}],
        [good() | {"adjClose": [1]}],
        [good() | {"volume": "many"}],
        [good() | {"volume": -1}],
        [good() | {"low": -0.01}],
        [good() | {"date": None}],
        [good() | {"date": 20260227}],
        [good() | {"date": "2026-02-30T00:00:00.000Z"}],
        [good() | {"date": "2026-02-27T12:00:00.000Z"}],
        [good() | {"date": "yesterday"}],
        [good(1), good(0)],
        [good(0), good(0)],
        [good(0), {"date": "2026-02-27T00:00:00.000Z"}],
    ],
    ids=lambda body: json.dumps(body)[:60],
)
def test_wrong_types_are_the_providers_error(desk: Desk, body: object) -> None:
    desk.tiingo.script(fakes.as_json(body))

    with pytest.raises(ProviderError, match="not understood"):
        desk.market.prices("AAPL", *PAST)
    assert desk.kept() == {}
    assert len(desk.tiingo.asked) == 1  # asking again would not help


@pytest.mark.parametrize(
    "body", [b"", b"[", b"not json", b"\xff\xfe", b'[{"close":NaN}]', b"[" * 100_000, b"Error: no database"]
)
def test_no_json_is_the_providers_error(desk: Desk, body: bytes) -> None:
    desk.tiingo.script(Reply(body=body))

    with pytest.raises(ProviderError, match="not understood"):
        desk.market.prices("AAPL", *PAST)


@pytest.mark.parametrize(
    "body", [None, [], {}, {"ticker": 1}, {"ticker": None}, {**fakes.DESCRIPTION, "name": ["Apple"]}]
)
def test_a_description_of_wrong_types_is_the_providers_error(desk: Desk, body: object) -> None:
    desk.tiingo.script(fakes.as_json(body))

    with pytest.raises(ProviderError):
        desk.market.describe("AAPL")


@pytest.mark.parametrize("body", [None, {}, [1], [{"name": "Apple"}], [{"ticker": "A", "isActive": "yes"}]])
def test_matches_of_wrong_types_are_the_providers_error(desk: Desk, body: object) -> None:
    desk.tiingo.script(fakes.as_json(body))

    with pytest.raises(ProviderError):
        desk.market.search("apple")


def test_dates_are_sent_as_tiingo_reads_them(desk: Desk) -> None:
    desk.market.prices("AAPL", date(2026, 1, 2), date(2026, 2, 3))

    (asked,) = desk.tiingo.asked
    assert asked.query == {"startDate": "2026-01-02", "endDate": "2026-02-03"}
    assert asked.headers["authorization"] == f"Token {fakes.TIINGO_KEY}"
