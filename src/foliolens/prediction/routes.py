"""The prediction route of the HTTP contract; open to anonymous callers by default."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from foliolens.errors import Unprocessable
from foliolens.kit.http import JSON_BODY, PRIVATE, ContractRoute, errors, json_response
from foliolens.prediction.schemas import DetailedPrediction, Prediction, PredictionRequest
from foliolens.prediction.service import PredictionService

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["prediction"], route_class=ContractRoute)

_ENGINE_HEADER = {
    "X-Prediction-Engine": {
        "description": "The engine that answered.",
        "schema": {"type": "string", "enum": ["calibrated", "original"]},
    }
}


async def _service(request: Request) -> PredictionService:
    service: PredictionService = request.app.state.prediction
    return service


Predictions = Annotated[PredictionService, Depends(_service)]


@router.post(
    "/predict",
    response_model=DetailedPrediction | Prediction,
    responses={
        200: {"headers": _ENGINE_HEADER},
        **errors(*PRIVATE, *JSON_BODY, Unprocessable),
    },
)
async def predict(
    body: PredictionRequest,
    predictions: Predictions,
    detail: Annotated[bool, Query(description="Add what stands behind each prediction.")] = False,
) -> Response:
    """The direction of a price over the next day, two weeks and month, with the skill it has shown."""
    forecast = await predictions.predict(body.market_days(), body.engine)
    response = json_response((DetailedPrediction if detail else Prediction).of(forecast))
    response.headers["X-Prediction-Engine"] = forecast.engine
    return response
