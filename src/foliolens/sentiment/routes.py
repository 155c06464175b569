"""The sentiment routes; open to anonymous callers, since the stocks app sends no credentials, by default."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from foliolens.kit.http import JSON_BODY, PRIVATE, ContractRoute, errors
from foliolens.sentiment.answers import (
    MODEL_HEADER,
    SentimentAnswer,
    answer_article,
    answer_batch,
    hash_as_sent,
)
from foliolens.sentiment.schemas import BatchInput, BatchResult, SentimentInput, SentimentResult
from foliolens.sentiment.service import SentimentService

__all__ = ["router"]

router = APIRouter(prefix="/v1/sentiment", tags=["sentiment"], route_class=ContractRoute)


async def _service(request: Request) -> SentimentService:
    service: SentimentService = request.app.state.sentiment
    return service


async def _hash_as_sent(request: Request) -> msgspec.Raw:
    return hash_as_sent(await request.body())


Sentiment = Annotated[SentimentService, Depends(_service)]
Detail = Annotated[bool, Query(description="Also each sentence's label and its three probabilities.")]

_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            MODEL_HEADER: {
                "description": "`finbert`, `embedded`, or `embedded; fallback-for=finbert`.",
                "required": True,
                "schema": {"type": "string"},
            }
        }
    }
}


@router.post("", responses={**_ANSWER, **errors(*PRIVATE, *JSON_BODY)}, response_model=SentimentResult)
async def judge_article(
    body: SentimentInput,
    echo: Annotated[msgspec.Raw, Depends(_hash_as_sent)],
    sentiment: Sentiment,
    detail: Detail = False,
) -> Response:
    """Count the positive, neutral and negative sentences of an article, with their mean confidence."""
    return _response(await answer_article(sentiment, body, echo, detail=detail))


@router.post("/batch", responses={**_ANSWER, **errors(*PRIVATE, *JSON_BODY)}, response_model=BatchResult)
async def judge_batch(body: BatchInput, sentiment: Sentiment, detail: Detail = False) -> Response:
    """Judge up to 64 articles; raw text is split into sentences here."""
    return _response(await answer_batch(sentiment, body, detail=detail))


def _response(answer: SentimentAnswer) -> Response:
    return Response(answer.content, media_type="application/json", headers={MODEL_HEADER: answer.model})
