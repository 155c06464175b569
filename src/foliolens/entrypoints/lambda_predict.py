"""The function behind `POST /v1/predict`: numpy, and neither a web framework nor boto3.

Lambda imports an entry point to start it; so this module, unlike others, is ready when it is imported.
"""

from foliolens.entrypoints.starting import start, started

start()

from pydantic import TypeAdapter

from foliolens.bootstrap_aws import function_metrics, predictions
from foliolens.entrypoints.gateway import Answer, Call, gateway_handler
from foliolens.kit import json
from foliolens.kit.logging import configure_logging
from foliolens.prediction.schemas import DetailedPrediction, Prediction, PredictionRequest

__all__ = ["handler"]

_REQUEST = TypeAdapter(PredictionRequest)

configure_logging("json")
_predictions = predictions()


def _predict(call: Call) -> Answer:
    detail = call.flag("detail")
    body = call.body(_REQUEST)
    forecast = _predictions(body.market_days(), body.engine)
    answer = (DetailedPrediction if detail else Prediction).of(forecast)
    return Answer(
        json.encode(answer.model_dump(by_alias=True)), headers={"X-Prediction-Engine": forecast.engine}
    )


_metrics = function_metrics()
handler = _metrics.reported(gateway_handler({"/v1/predict": _predict}, _metrics))
started()
