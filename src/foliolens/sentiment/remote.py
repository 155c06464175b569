"""A model in another function, asked through that function's own route."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from anyio.to_thread import run_sync
from msgspec import Struct
from msgspec.json import Decoder

from foliolens.errors import ServiceUnavailable
from foliolens.kit import json
from foliolens.kit.logging import request_id
from foliolens.sentiment.models import Judgement, ModelIdentity, ModelInUse, Verdict

__all__ = ["RemoteJudge"]

_OK = 200


class _Article(Struct):
    sentences: tuple[Judgement, ...]


class _Batch(Struct):
    """What is read of the answer to a batch with `detail`."""

    model: ModelIdentity
    articles: tuple[_Article]


_BATCH = Decoder(_Batch)


class RemoteJudge:
    """The `Judge` of a `SentimentService` whose model is elsewhere.

    Args:
        call: Hands an event of API Gateway's to the function behind `POST /v1/sentiment/batch`, and waits for
            what it returns; raises `ServiceUnavailable` where there is no answer.
    """

    def __init__(self, call: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        self._call = call

    async def __call__(self, sentences: Sequence[str], /) -> Verdict:
        """Judge sentences, none of them blank, at most as many as one request may hold.

        Raises:
            ServiceUnavailable: The function did not judge them.
        """
        body = {"articles": [{"id": 0, "sentences": list(sentences)}]}
        event = {
            "httpMethod": "POST",
            "path": "/sentiment/batch",
            "queryStringParameters": {"detail": "true"},
            "headers": {"Content-Type": "application/json", "X-Request-Id": request_id.get()},
            "body": json.encode(body).decode(),
            "isBase64Encoded": False,
        }
        answer = await run_sync(self._call, event)
        if answer["statusCode"] != _OK:
            raise ServiceUnavailable
        told = _BATCH.decode(answer["body"])
        (article,) = told.articles
        return Verdict(ModelInUse(told.model), article.sentences)
