"""Predictions on request: the engine that was asked for, within the capacity there is."""

from foliolens.kit.capacity import Capacity
from foliolens.ports.inference import Inference
from foliolens.prediction.forecasting import Question, engine_for
from foliolens.prediction.models import EngineName, Forecast, MarketDays
from foliolens.settings import PredictionSettings

__all__ = ["PredictionService"]


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
