"""The function behind `POST /v1/sentiment` and its `/batch`: the model, and neither FastAPI nor boto3.

Lambda imports an entry point to start it; so this module, unlike others, is ready when it is imported.
"""

from foliolens.entrypoints.starting import start, started

start()

import asyncio

from pydantic import TypeAdapter

from foliolens.bootstrap_aws import function_metrics, sentiment
from foliolens.entrypoints.gateway import Answer, Call, gateway_handler
from foliolens.kit.logging import configure_logging
from foliolens.sentiment.answers import (
    MODEL_HEADER,
    SentimentAnswer,
    answer_article,
    answer_batch,
    hash_as_sent,
)
from foliolens.sentiment.schemas import BatchInput, SentimentInput

__all__ = ["handler"]

_ARTICLE = TypeAdapter(SentimentInput)
_BATCH = TypeAdapter(BatchInput)

configure_logging("json")
_sentiment = sentiment()
_loop = asyncio.new_event_loop()


def _judge_article(call: Call) -> Answer:
    detail, body = call.flag("detail"), call.body(_ARTICLE)
    echo = hash_as_sent(call.content)
    return _answer(_loop.run_until_complete(answer_article(_sentiment, body, echo, detail=detail)))


def _judge_batch(call: Call) -> Answer:
    detail, body = call.flag("detail"), call.body(_BATCH)
    return _answer(_loop.run_until_complete(answer_batch(_sentiment, body, detail=detail)))


def _answer(answer: SentimentAnswer) -> Answer:
    return Answer(answer.content, headers={MODEL_HEADER: answer.model})


_metrics = function_metrics()
_routes = {"/v1/sentiment": _judge_article, "/v1/sentiment/batch": _judge_batch}
handler = _metrics.reported(gateway_handler(_routes, _metrics))
started()
