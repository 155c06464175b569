"""Predictions on request: the engine that was asked for, within the capacity there is."""

import time
from collections.abc import Callable
from typing import cast

from foliolens.kit.capacity import Capacity
from foliolens.kit.rollout import Rollout
from foliolens.ports.inference import Inference
from foliolens.ports.metrics import Metrics
from foliolens.prediction.calibrated import CalibratedEngine
from foliolens.prediction.models import Engine, EngineName, Forecast, MarketDays
from foliolens.prediction.original import OriginalEngine
from foliolens.settings import PredictionSettings

__all__ = ["PREDICTION", "PredictionService", "Question", "engine_for", "forecast", "timed_forecast"]

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


class PredictionService:
    """Chooses the engine and bounds how many fits run at once.

    Args:
        settings: Which engine answers where the request names none.
        infer: `forecast`, run where it holds up nobody.
        capacity: Slots for fits.
    """

    def __init__(
        self, settings: PredictionSettings, infer: Inference[Question, Forecast], capacity: Capacity
    ) -> None:
        self._settings = settings
        self._infer = infer
        self._capacity = capacity

    async def predict(self, market: MarketDays, engine: EngineName | None = None) -> Forecast:
        """Predict every horizon.

        Raises:
            Unprocessable: The days are too few, or hold one class only.
            ServiceUnavailable: Too many predictions are being computed, or this one was broken off.
        """
        chosen = engine or engine_for(market.ticker, self._settings)
        async with self._capacity.slot():
            return await self._infer((chosen, market))
