"""Predictions on request: the engine that was asked for, within the capacity there is."""

from foliolens.kit.capacity import Capacity
from foliolens.ports.inference import Inference
from foliolens.prediction.calibrated import CalibratedEngine
from foliolens.prediction.models import Engine, EngineName, Forecast, MarketDays
from foliolens.prediction.original import OriginalEngine

__all__ = ["PREDICTION", "PredictionService", "Question", "forecast"]

PREDICTION = "prediction"
"""What the inference process knows `forecast` as."""

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


class PredictionService:
    """Chooses the engine and bounds how many fits run at once.

    Args:
        default: The engine where the request names none.
        infer: `forecast`, run where it holds up nobody.
        capacity: Slots for fits.
    """

    def __init__(self, default: EngineName, infer: Inference[Question, Forecast], capacity: Capacity) -> None:
        self._default = default
        self._infer = infer
        self._capacity = capacity

    async def predict(self, market: MarketDays, engine: EngineName | None = None) -> Forecast:
        """Predict every horizon.

        Raises:
            Unprocessable: The days are too few, or hold one class only.
            ServiceUnavailable: Too many predictions are being computed, or this one was broken off.
        """
        async with self._capacity.slot():
            return await self._infer((engine or self._default, market))
