"""Prices, descriptions and search: Tiingo's bodies, cached for as long as they are fresh."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from foliolens.errors import TickerNotFound
from foliolens.ports.prices import DailyPrice
from tests import providers as fakes

from .conftest import Desk

PAST = (date(2026, 2, 23), date(2026, 2, 27))


def test_the_body_is_tiingos_own(desk: Desk) -> None:
    reading = desk.market.prices("AAPL", *PAST)

    assert json.loads(reading.body) == [fakes.day(when) for when in fakes.weekdays(*PAST)]
    assert reading.state == "MISS"


def test_past_days_are_asked_for_once_in_seven_days(desk: Desk) -> None:
    first = desk.market.prices("AAPL", *PAST)
    desk.clock.advance(days=7, seconds=-1)
    again = desk.market.prices("AAPL", *PAST)
    desk.clock.advance(seconds=1)
    later = desk.market.prices("AAPL", *PAST)

    assert [first.state, again.state, later.state] == ["MISS", "HIT", "MISS"]
    assert first.body == again.body == later.body
    assert len(desk.tiingo.asked) == 2


def test_typed_prices_are_exact(desk: Desk) -> None:
    desk.tiingo.answer = lambda _: fakes.Reply(
        body=b'[{"date":"2026-02-27T00:00:00.000Z","close":90.10,"high":91,"low":89.92,"open":90.84,'
        b'"volume":7255394,"adjClose":74.397902621600001,"adjHigh":74.9,"adjLow":73.9,"adjOpen":74.7,'
        b'"adjVolume":7255394,"divCash":0.0,"splitFactor":1.0}]'
    )

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


def test_an_unknown_ticker_is_said_to_be_none(desk: Desk) -> None:
    with pytest.raises(TickerNotFound):
        desk.market.prices("NOPE", None, None)
