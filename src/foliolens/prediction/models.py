"""What a prediction is made from, and what comes out: shared by both engines."""

from typing import Literal, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from foliolens.prediction.solver import FloatArray

__all__ = [
    "HORIZONS",
    "LEAST_DAYS",
    "MOST_DAYS",
    "Engine",
    "EngineName",
    "Evidence",
    "Forecast",
    "HorizonForecast",
    "HorizonName",
    "Interval",
    "MarketDays",
    "Sentiment",
]

EngineName = Literal["calibrated", "original"]
HorizonName = Literal["next", "week", "month"]

HORIZONS: dict[HorizonName, int] = {"next": 1, "week": 10, "month": 20}
"""Trading days ahead, by the names the contract has for them ("week" is two weeks)."""

LEAST_DAYS = 40
"""Below this a month ahead leaves fewer than 20 days to learn from."""

MOST_DAYS = 10_000
"""Forty years of trading days."""


class Sentiment(Struct, frozen=True):
    """The sentiment of each day, as the client gave it.

    Attributes:
        kind: `classes` (0 none, 1 positive, 2 neutral, 3 negative), `words` (POS, NEUT, NEG, UNKNOWN), or
            `scores` (any other numbers).
        values: Numbers, or strings where kind is `words`; newest day first.
    """

    kind: Literal["classes", "words", "scores"]
    values: FloatArray | NDArray[np.str_]


class MarketDays(Struct, frozen=True):
    """One ticker's trading days, newest first as in the contract; all of equal length and finite.

    Attributes:
        ticker: Whose.
        close: Closing prices, above 0.
        volume: Shares traded, not negative.
        positive: Count of what was positive in the day's news.
        negative: Count of what was negative in the day's news.
        sentiment: Of the day's news.
    """

    ticker: str
    close: FloatArray
    volume: FloatArray
    positive: FloatArray
    negative: FloatArray
    sentiment: Sentiment

    @property
    def days(self) -> int:
        """How many days there are."""
        return len(self.close)


class Interval(Struct, frozen=True):
    """An interval that covers the true value with the given probability."""

    level: float
    lower: float
    upper: float


class Evidence(Struct, frozen=True):
    """How a way of predicting has done on days it had not seen.

    Attributes:
        accuracy: Share of right directions; None where nothing could be tested.
        baseline_accuracy: Of always naming the direction that was the more frequent one.
        brier_score: Mean squared error of the probability.
        baseline_brier_score: Of always naming the frequency of up as the probability.
        confidence_interval: Of the accuracy.
        evaluations: Days predicted.
        independent_evaluations: How many of them count, since periods that overlap share their days.
        skill: Whether the baseline is beaten beyond chance.
        explanation: A sentence for people.
    """

    accuracy: float | None
    baseline_accuracy: float | None
    brier_score: float | None
    baseline_brier_score: float | None
    confidence_interval: Interval | None
    evaluations: int
    independent_evaluations: float
    skill: bool
    explanation: str


class HorizonForecast(Struct, frozen=True):
    """What one engine says about one horizon.

    Attributes:
        horizon_days: Trading days ahead.
        score: The number the contract's string starts with.
        predicted_class: 1 for up, 0 for down.
        probability_up: None where the engine has no such thing.
        evidence: How it has done before.
    """

    horizon_days: int
    score: float
    predicted_class: int
    probability_up: float | None
    evidence: Evidence

    def as_text(self) -> str:
        """The contract's string: score and class, the score as Python writes a float."""
        return f"{self.score!r} {self.predicted_class}"


class Forecast(Struct, frozen=True):
    """The answer to one request."""

    engine: EngineName
    ticker: str
    horizons: dict[HorizonName, HorizonForecast]


class Engine(Protocol):
    """A way of predicting; both engines are one."""

    name: EngineName

    def forecast(self, market: MarketDays) -> dict[HorizonName, HorizonForecast]:
        """Predict every horizon.

        Raises:
            Unprocessable: The days are too few, or hold one class only.
        """
        ...
