"""How long an answer is fresh, and how long it is kept for when the provider is down."""

from datetime import date, datetime, timedelta, timezone

from msgspec import Struct

__all__ = [
    "DESCRIPTION",
    "ENDED_NEWS",
    "ENDED_PRICES",
    "RUNNING",
    "SEARCH",
    "UNKNOWN_TICKER",
    "Lifetime",
    "trading_date",
]


class Lifetime(Struct, frozen=True):
    """For how long after it was fetched an answer is fresh, and for how long it is kept."""

    fresh: timedelta
    kept: timedelta


_KEPT = timedelta(days=30)

RUNNING = Lifetime(timedelta(minutes=5), _KEPT)
"""Prices and news up to now."""

ENDED_PRICES = Lifetime(timedelta(days=7), _KEPT)
"""Prices of days past: they change with the next split or dividend only."""

ENDED_NEWS = Lifetime(timedelta(days=30), timedelta(days=60))
"""News up to a past day, and pages after the first: they are what they are."""

DESCRIPTION = Lifetime(timedelta(days=7), _KEPT)

SEARCH = Lifetime(timedelta(days=1), _KEPT)
"""Tickers come and go by the day."""

UNKNOWN_TICKER = Lifetime(timedelta(minutes=10), timedelta(minutes=10))
"""Short, for a ticker may be listed any day, and never served when it is over."""

_EXCHANGE = timezone(timedelta(hours=-5))


def trading_date(now: datetime) -> date:
    """The day whose prices may still change.

    It ends at midnight of New York's standard time, an hour late in summer: Tiingo corrects prices until
    20:00 there, and no time zone data are needed.
    """
    return now.astimezone(_EXCHANGE).date()
