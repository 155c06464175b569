"""Prediction in the HTTP contract: the original's request and response, and the detail beyond them."""

from decimal import Decimal
from typing import Annotated, Any

import numpy as np
from pydantic import ConfigDict, Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from foliolens.errors import FieldProblem, ValidationFailed
from foliolens.kit.schema import PLAIN_TEXT, RequestModel, ResponseModel
from foliolens.prediction.models import (
    MOST_DAYS,
    EngineName,
    Forecast,
    HorizonForecast,
    MarketDays,
    Sentiment,
)
from foliolens.prediction.solver import FloatArray

__all__ = [
    "DetailedPrediction",
    "HorizonDetail",
    "IntervalView",
    "Prediction",
    "PredictionDetail",
    "PredictionRequest",
]

_LARGEST = 1e15
_LARGEST_SCORE = 1e6
_SMALLEST_CLOSE = 1e-9
_NUMBERS = {int, float, Decimal}
_WORDS = {"POS", "NEUT", "NEG", "UNKNOWN"}
_CLASSES = (0.0, 1.0, 2.0, 3.0)


def _daily(least: float) -> tuple[PlainValidator, WithJsonSchema]:
    """The validator and schema of a list of numbers, one a day."""

    def read(value: object) -> FloatArray:
        numbers = _numbers(_days(value))
        if numbers.min() < least:
            raise PydanticCustomError(
                "OUT_OF_RANGE",
                "entry {index} is below {least}",
                {"index": int(np.argmax(numbers < least)), "least": f"{least:g}"},
            )
        return numbers

    items = {"type": "number", "minimum": least, "maximum": _LARGEST}
    return PlainValidator(read), WithJsonSchema(_list_of(items))


def _list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": MOST_DAYS}


def _days(value: object) -> list[object]:
    if not isinstance(value, list):
        raise PydanticCustomError("INVALID_TYPE", "must be a list with one entry a day")
    if not 1 <= len(value) <= MOST_DAYS:
        raise PydanticCustomError(
            "OUT_OF_RANGE",
            "must have 1 to {most} entries, not {count}",
            {"most": MOST_DAYS, "count": len(value)},
        )
    return value


def _numbers(values: list[Any], largest: float = _LARGEST) -> FloatArray:
    if not set(map(type, values)) <= _NUMBERS:
        index = next(index for index, value in enumerate(values) if type(value) not in _NUMBERS)
        raise PydanticCustomError("INVALID_TYPE", "entry {index} is not a number", {"index": index})
    try:
        numbers = np.fromiter(map(float, values), dtype=np.float64, count=len(values))
    except OverflowError as error:
        raise PydanticCustomError("OUT_OF_RANGE", "an entry is too large") from error
    # The comparison is false for NaN as well.
    sound = np.abs(numbers) <= largest
    if not sound.all():
        raise PydanticCustomError(
            "OUT_OF_RANGE",
            "entry {index} is beyond ±{most}",
            {"index": int(np.argmin(sound)), "most": f"{largest:g}"},
        )
    return numbers


def _sentiment(value: object) -> Sentiment:
    values = _days(value)
    if all(isinstance(entry, str) for entry in values):
        for index, entry in enumerate(values):
            if entry not in _WORDS:
                raise PydanticCustomError(
                    "INVALID_VALUE",
                    "entry {index} is none of POS, NEUT, NEG, UNKNOWN",
                    {"index": index},
                )
        return Sentiment("words", np.array(values, dtype=np.str_))
    numbers = _numbers(values, _LARGEST_SCORE)
    return Sentiment("classes" if np.isin(numbers, _CLASSES).all() else "scores", numbers)


_Closes = Annotated[Any, *_daily(_SMALLEST_CLOSE)]
_Amounts = Annotated[Any, *_daily(0.0)]
_Sentiments = Annotated[
    Any,
    PlainValidator(_sentiment),
    WithJsonSchema(
        {
            "anyOf": [
                _list_of({"type": "number", "minimum": -_LARGEST_SCORE, "maximum": _LARGEST_SCORE}),
                _list_of({"type": "string", "enum": sorted(_WORDS)}),
            ]
        }
    ),
]


class PredictionRequest(RequestModel):
    """A ticker's trading days, **newest first**, all lists of equal length.

    Fields that this version does not know are ignored: old clients send what they like.
    """

    model_config = ConfigDict(extra="ignore")

    ticker: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PLAIN_TEXT)]
    close: _Closes = Field(description="Closing prices, above 0.")
    volume: _Amounts = Field(description="Shares traded.")
    positive: _Amounts = Field(description="Count of what was positive in the day's news.")
    negative: _Amounts = Field(description="Count of what was negative in the day's news.")
    sentiment: _Sentiments = Field(
        description="0 no news, 1 positive, 2 neutral, 3 negative; or UNKNOWN, POS, NEUT, NEG; or scores."
    )
    engine: EngineName | None = Field(default=None, description="The server's setting decides by default.")

    def market_days(self) -> MarketDays:
        """The request as the engines take it.

        Raises:
            ValidationFailed: The lists differ in length.
        """
        lengths = {
            "volume": len(self.volume),
            "positive": len(self.positive),
            "negative": len(self.negative),
            "sentiment": len(self.sentiment.values),
        }
        days = len(self.close)
        problems = [
            FieldProblem(
                field=name,
                code="UNEQUAL_LENGTHS",
                message=f"Has {length} entries where close has {days}: send one a day in every list.",
            )
            for name, length in lengths.items()
            if length != days
        ]
        if problems:
            raise ValidationFailed("The lists differ in length.", details=problems)
        return MarketDays(self.ticker, self.close, self.volume, self.positive, self.negative, self.sentiment)


class Prediction(ResponseModel):
    """A string "score class" for each horizon: class 1 is up, score the accuracy that goes with the engine.

    With the engine `calibrated` the score is the out-of-sample accuracy, 0.5 where nothing could be tested.
    """

    next: str = Field(description="One trading day ahead.", examples=["0.5063829787234042 1"])
    week: str = Field(description="Ten trading days ahead.")
    month: str = Field(description="Twenty trading days ahead.")
    ticker: str

    @classmethod
    def of(cls, forecast: Forecast) -> "Prediction":
        """The four keys of the original service."""
        return cls(**_strings(forecast))


class IntervalView(ResponseModel):
    """An interval that covers the true value with probability `level`."""

    level: float
    lower: float
    upper: float


class HorizonDetail(ResponseModel):
    """What stands behind one prediction; numbers are null where the engine has none."""

    horizon_days: int = Field(description="Trading days ahead.")
    direction: str = Field(description="`up` or `down`.", examples=["up"])
    probability_up: float | None
    accuracy: float | None = Field(description="Share of right directions on days the model had not seen.")
    baseline_accuracy: float | None = Field(description="Of always naming the more frequent direction.")
    brier_score: float | None = Field(description="Mean squared error of the probability.")
    baseline_brier_score: float | None = Field(description="Of always naming the frequency of up.")
    confidence_interval: IntervalView | None = Field(description="Of the accuracy.")
    evaluations: int = Field(description="Days predicted out of sample.")
    independent_evaluations: float = Field(description="How many count: overlapping periods share days.")
    skill: bool = Field(description="Whether the baseline is beaten beyond chance.")
    explanation: str

    @classmethod
    def of(cls, forecast: HorizonForecast) -> "HorizonDetail":
        """The detail of one horizon."""
        evidence = forecast.evidence
        interval = evidence.confidence_interval
        return cls(
            horizon_days=forecast.horizon_days,
            direction="up" if forecast.predicted_class else "down",
            probability_up=forecast.probability_up,
            accuracy=evidence.accuracy,
            baseline_accuracy=evidence.baseline_accuracy,
            brier_score=evidence.brier_score,
            baseline_brier_score=evidence.baseline_brier_score,
            confidence_interval=None
            if interval is None
            else IntervalView(level=interval.level, lower=interval.lower, upper=interval.upper),
            evaluations=evidence.evaluations,
            independent_evaluations=evidence.independent_evaluations,
            skill=evidence.skill,
            explanation=evidence.explanation,
        )


class PredictionDetail(ResponseModel):
    """The detail of every horizon."""

    next: HorizonDetail
    week: HorizonDetail
    month: HorizonDetail


class DetailedPrediction(Prediction):
    """A prediction with what stands behind it."""

    engine: EngineName
    detail: PredictionDetail

    @classmethod
    def of(cls, forecast: Forecast) -> "DetailedPrediction":
        """The four keys and the detail."""
        views = {name: HorizonDetail.of(each) for name, each in forecast.horizons.items()}
        return cls(**_strings(forecast), engine=forecast.engine, detail=PredictionDetail(**views))


def _strings(forecast: Forecast) -> dict[str, Any]:
    return {
        **{name: each.as_text() for name, each in forecast.horizons.items()},
        "ticker": forecast.ticker,
    }
