"""The twin of `bootstrap` on AWS: what each Lambda function works with, built from its environment.

Every import sits inside the function that needs it: a function's package holds what it uses and no more, and
its cold start pays for nothing else.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foliolens.prediction.service import PredictionService

__all__ = ["predictions"]


def predictions() -> "PredictionService":
    """What `lambda_predict` answers with. Lambda sends an environment one request at a time."""
    from foliolens.kit.capacity import Capacity  # noqa: PLC0415
    from foliolens.prediction.service import PredictionService  # noqa: PLC0415
    from foliolens.settings import PredictionSettings  # noqa: PLC0415

    return PredictionService(
        PredictionSettings().prediction_engine,
        Capacity("predictions", concurrent=1, waiting=0, patience=1.0),
    )
