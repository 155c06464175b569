"""What is known at the close of a day, and what is asked about the days after it.

Everything here is oldest day first. A feature of day t uses days up to t and no later one.
"""

import numpy as np

from foliolens.prediction.models import MarketDays, Sentiment
from foliolens.prediction.solver import FloatArray

__all__ = ["FEATURES", "features", "labels"]

FEATURES = (
    "return_1",
    "return_5",
    "return_20",
    "volume_change",
    "positive",
    "negative",
    "sentiment_positive",
    "sentiment_neutral",
    "sentiment_negative",
)
"""The columns of `features`, in order."""

_RETURN_DAYS = (1, 5, 20)
_CLASS_OF_WORD = {"UNKNOWN": 0, "POS": 1, "NEUT": 2, "NEG": 3}


def features(market: MarketDays) -> FloatArray:
    """Features by day, oldest first, shape (days, 9).

    Log returns over 1, 5 and 20 days (at the beginning over as many days as there are), the log change of
    volume, log(1 + count) of positive and negative, and the sentiment: a column for each class, or a single
    one for scores.
    """
    close, volume = np.log(_forwards(market.close)), np.log1p(_forwards(market.volume))
    return np.column_stack(
        [
            *(_change(close, days) for days in _RETURN_DAYS),
            _change(volume, 1),
            np.log1p(_forwards(market.positive)),
            np.log1p(_forwards(market.negative)),
            *_sentiment_columns(market.sentiment),
        ]
    )


def labels(close: FloatArray, horizon: int) -> FloatArray:
    """1 where the close `horizon` days later is higher, else 0; of days with a known label, oldest first.

    Args:
        close: Closing prices, newest first.
        horizon: Trading days ahead.
    """
    ordered = close[::-1]
    return np.asarray(ordered[horizon:] > ordered[:-horizon], dtype=np.float64)


def _forwards(newest_first: FloatArray) -> FloatArray:
    # Copied, since numpy rounds the logarithm of a reversed view differently in the last bit.
    return np.array(newest_first[::-1])


def _change(values: FloatArray, days: int) -> FloatArray:
    before = np.concatenate([np.full(days, values[0]), values[:-days]])[: len(values)]
    return np.asarray(values - before)


def _sentiment_columns(sentiment: Sentiment) -> tuple[FloatArray, FloatArray, FloatArray]:
    values = sentiment.values[::-1]
    if sentiment.kind == "scores":
        scores = np.asarray(values, dtype=np.float64)
        return scores, np.zeros(len(scores)), np.zeros(len(scores))
    if sentiment.kind == "words":
        classes = np.array([_CLASS_OF_WORD[str(word)] for word in values])
    else:
        classes = np.asarray(values, dtype=np.int64)
    positive, neutral, negative = ((classes == kind).astype(np.float64) for kind in (1, 2, 3))
    return positive, neutral, negative
