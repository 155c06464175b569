"""Predictions on request: the engine that was asked for, within the capacity there is."""

from foliolens.kit.capacity import Capacity
from foliolens.prediction.calibrated import CalibratedEngine
from foliolens.prediction.models import Engine, EngineName, Forecast, MarketDays
from foliolens.prediction.original import OriginalEngine

__all__ = ["PredictionService"]


class PredictionService:
    """Chooses the engine and bounds how many fits run at once.

    Args:
        default: The engine where the request names none.
        capacity: Slots for fits.
    """

    def __init__(self, default: EngineName, capacity: Capacity) -> None:
        self._default = default
        self._capacity = capacity
        self._engines: dict[EngineName, Engine] = {
            engine.name: engine for engine in (CalibratedEngine(), OriginalEngine())
        }

    def predict(self, market: MarketDays, engine: EngineName | None = None) -> Forecast:
        """Predict every horizon.

        Raises:
            Unprocessable: The days are too few, or hold one class only.
            ServiceUnavailable: Too many predictions are being computed.
        """
        chosen = self._engines[engine or self._default]
        with self._capacity.slot():
            return Forecast(chosen.name, market.ticker, chosen.forecast(market))
