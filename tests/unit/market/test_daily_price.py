"""A day without a price is refused where it is made, so that none is ever stored."""

from datetime import date
from decimal import Decimal

import pytest

from foliolens.ports.prices import DailyPrice


@pytest.mark.parametrize("close", ["0", "-1", "NaN", "Infinity", "1e12"])
def test_a_close_is_a_sound_price(close: str) -> None:
    with pytest.raises(ValueError, match="2026-01-05: a price is above 0"):
        DailyPrice(date(2026, 1, 5), None, None, None, Decimal(close), Decimal(1), None)


def test_every_price_of_the_day_is_one() -> None:
    with pytest.raises(ValueError, match="2026-01-05: a price is above 0"):
        DailyPrice(date(2026, 1, 5), Decimal(0), None, None, Decimal(1), Decimal(1), None)


def test_a_volume_is_not_negative() -> None:
    with pytest.raises(ValueError, match="2026-01-05: a volume is not negative"):
        DailyPrice(date(2026, 1, 5), None, None, None, Decimal(1), Decimal(1), -1)
