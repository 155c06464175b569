"""The twin of `bootstrap` on AWS: what each Lambda function works with, built from its environment.

Every import sits inside the function that needs it: a function's package holds what it uses and no more, and
its cold start pays for nothing else.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from foliolens.prediction.models import EngineName, Forecast, MarketDays

__all__ = ["predictions"]


def predictions() -> "Callable[[MarketDays, EngineName | None], Forecast]":
    """What `lambda_predict` answers with. Lambda sends an environment one request at a time: none waits."""
    from foliolens.prediction.service import forecast  # noqa: PLC0415
    from foliolens.settings import PredictionSettings  # noqa: PLC0415

    default = PredictionSettings().prediction_engine
    return lambda market, engine: forecast((engine or default, market))
