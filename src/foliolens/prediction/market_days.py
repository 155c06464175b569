"""Stored days as the engines take them."""

from collections.abc import Sequence

import numpy as np

from foliolens.ports.prices import DailyPrice
from foliolens.prediction.models import MOST_DAYS, MarketDays, Sentiment

__all__ = ["knows_volume", "market_days"]


def knows_volume(prices: Sequence[DailyPrice]) -> bool:
    """Whether the volume of every day is known."""
    return all(price.volume is not None for price in prices)


def market_days(ticker: str, prices: Sequence[DailyPrice]) -> MarketDays:
    """The newest 10,000 days, newest first; news counts as none.

    Returns are those of the adjusted closes, so that a split is no crash. Where the volume of a day is not
    known, that of no day counts: a constant, from which an engine learns nothing.

    Args:
        ticker: Whose prices.
        prices: At least one day, oldest first.
    """
    newest = list(reversed(prices[-MOST_DAYS:]))
    none = np.zeros(len(newest))
    volumes = np.array([price.volume for price in newest], dtype=np.float64) if knows_volume(newest) else none
    return MarketDays(
        ticker=ticker,
        close=np.array([float(price.adjusted_close) for price in newest]),
        volume=volumes,
        positive=none,
        negative=none,
        sentiment=Sentiment("classes", none),
    )
