"""Stored days as the engines take them: newest first, adjusted, and honest about missing volume."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from foliolens.ports.prices import DailyPrice
from foliolens.prediction.market_days import market_days
from foliolens.prediction.models import MOST_DAYS

FIRST = date(1990, 1, 1)


def days(count: int, volume: int | None = 100) -> list[DailyPrice]:
    return [
        DailyPrice(FIRST + timedelta(days=number), None, None, None, Decimal(2), Decimal(number + 1), volume)
        for number in range(count)
    ]


def test_days_come_newest_first_with_adjusted_closes() -> None:
    market = market_days("ABC", days(3))

    assert market.close.tolist() == [3, 2, 1]
    assert market.volume.tolist() == [100, 100, 100]
    assert not market.positive.any()


def test_a_volume_unknown_on_one_day_counts_on_none() -> None:
    market = market_days("ABC", [*days(2), *days(3, volume=None)[2:]])

    assert market.volume.tolist() == [0, 0, 0]


def test_the_newest_days_are_taken() -> None:
    market = market_days("ABC", days(MOST_DAYS + 5))

    assert (market.days, market.close[0]) == (MOST_DAYS, MOST_DAYS + 5)
