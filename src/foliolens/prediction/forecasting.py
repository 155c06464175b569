"""Which engine answers, and its answer, at once and in this thread: all that a function of its own needs."""

import time
from collections.abc import Callable
from typing import cast

from foliolens.kit.rollout import Rollout
from foliolens.ports.metrics import Metrics
from foliolens.prediction.calibrated import CalibratedEngine
from foliolens.prediction.models import Engine, EngineName, Forecast, MarketDays
from foliolens.prediction.original import OriginalEngine
from foliolens.settings import PredictionSettings

__all__ = ["PREDICTION", "Question", "engine_for", "forecast", "timed_forecast"]

PREDICTION = "prediction"
"""What the inference process knows `timed_forecast` as."""

Question = tuple[EngineName, MarketDays]

_ENGINES: dict[EngineName, Engine] = {
    engine.name: engine for engine in (CalibratedEngine(), OriginalEngine())
}


def forecast(question: Question) -> Forecast:
    """Predict every horizon.

    Raises:
        Unprocessable: The days are too few, or hold one class only.
    """
    engine, market = question
    return Forecast(engine, market.ticker, _ENGINES[engine].forecast(market))


def timed_forecast(metrics: Metrics) -> Callable[[Question], Forecast]:
    """`forecast`, counting how long it takes."""

    def timed(question: Question) -> Forecast:
        started = time.perf_counter()
        answer = forecast(question)
        metrics.inferred(answer.engine, time.perf_counter() - started)
        return answer

    return timed


def engine_for(ticker: str, settings: PredictionSettings) -> EngineName:
    """The engine where a request names none: the default, or the one being rolled out to this ticker."""
    rollout = Rollout.stated(settings.prediction_rollout)
    if rollout is not None and rollout.includes(ticker.upper().encode()):
        return cast("EngineName", rollout.engine)
    return settings.prediction_engine
