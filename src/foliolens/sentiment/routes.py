"""The sentiment routes; open to anonymous callers, since the stocks app sends no credentials."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from foliolens.kit import json
from foliolens.kit.http import JSON_BODY, ContractRoute, errors
from foliolens.sentiment.schemas import (
    BatchInput,
    BatchResult,
    SentimentInput,
    SentimentResult,
    article_result,
    model_view,
    sentiment_result,
)
from foliolens.sentiment.sentences import split_as_client, split_sentences
from foliolens.sentiment.service import Judged, SentimentService

__all__ = ["router"]

router = APIRouter(prefix="/v1/sentiment", tags=["sentiment"], route_class=ContractRoute)


class _Echoed(msgspec.Struct):
    hash: msgspec.Raw = msgspec.Raw(b"null")


async def _service(request: Request) -> SentimentService:
    service: SentimentService = request.app.state.sentiment
    return service


async def _hash_as_sent(request: Request) -> msgspec.Raw:
    """The very characters of `hash`: 1.50 stays 1.50, however long a number is and however it is written."""
    try:
        return msgspec.json.decode(await request.body(), type=_Echoed).hash
    except msgspec.MsgspecError:  # no object: the body's own validation refuses it
        return msgspec.Raw(b"null")


Sentiment = Annotated[SentimentService, Depends(_service)]
Detail = Annotated[bool, Query(description="Also each sentence's label and its three probabilities.")]

_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "X-Sentiment-Model": {
                "description": "`finbert`, `embedded`, or `embedded; fallback-for=finbert`.",
                "required": True,
                "schema": {"type": "string"},
            }
        }
    }
}


@router.post("", responses={**_ANSWER, **errors(*JSON_BODY)}, response_model=SentimentResult)
async def judge_article(
    body: SentimentInput,
    echo: Annotated[msgspec.Raw, Depends(_hash_as_sent)],
    sentiment: Sentiment,
    detail: Detail = False,
) -> Response:
    """Count the positive, neutral and negative sentences of an article, with their mean confidence."""
    judged = await sentiment.judge([body.text])
    return _answer(sentiment_result(judged.articles[0], echo, judged.model.identity, detail=detail), judged)


@router.post("/batch", responses={**_ANSWER, **errors(*JSON_BODY)}, response_model=BatchResult)
async def judge_batch(body: BatchInput, sentiment: Sentiment, detail: Detail = False) -> Response:
    """Judge up to 64 articles; raw text is split into sentences here."""
    split = split_as_client if body.splitting == "client" else split_sentences
    articles = [
        split(article.text) if article.text is not None else article.sentences or []
        for article in body.articles
    ]
    judged = await sentiment.judge(articles, field="articles")
    results = [
        article_result(sentences, article.id, detail=detail)
        for article, sentences in zip(body.articles, judged.articles, strict=True)
    ]
    return _answer(BatchResult(model=model_view(judged.model.identity), articles=results), judged)


def _answer(result: BaseModel, judged: Judged) -> Response:
    named = judged.model.identity.name
    if judged.model.stands_in_for is not None:
        named += f"; fallback-for={judged.model.stands_in_for}"
    return Response(
        json.encode(result.model_dump(by_alias=True, exclude_unset=True)),
        media_type="application/json",
        headers={"X-Sentiment-Model": named},
    )
