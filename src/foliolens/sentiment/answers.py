"""From a read request to the bytes of its answer: what every way in shares."""

import asyncio

import msgspec
from msgspec import Struct
from pydantic import BaseModel

from foliolens.kit import json
from foliolens.sentiment.schemas import (
    BatchInput,
    BatchResult,
    SentimentInput,
    article_result,
    model_view,
    sentiment_result,
)
from foliolens.sentiment.sentences import split_as_client, split_sentences
from foliolens.sentiment.service import Judged, SentimentService, refuse_too_much

__all__ = ["MODEL_HEADER", "SentimentAnswer", "answer_article", "answer_batch", "hash_as_sent"]

MODEL_HEADER = "X-Sentiment-Model"
"""The response header that names the model."""


class SentimentAnswer(Struct, frozen=True):
    """A response.

    Attributes:
        content: JSON.
        model: For the header: `finbert`, `embedded`, or `embedded; fallback-for=finbert`.
    """

    content: bytes
    model: str


class _Echoed(msgspec.Struct):
    hash: msgspec.Raw = msgspec.Raw(b"null")


def hash_as_sent(content: bytes) -> msgspec.Raw:
    """The very characters of `hash`: 1.50 stays 1.50, however long a number is and however it is written."""
    try:
        return msgspec.json.decode(content, type=_Echoed).hash
    except msgspec.MsgspecError:  # no object: the body's own validation refuses it
        return msgspec.Raw(b"null")


async def answer_article(
    sentiment: SentimentService, body: SentimentInput, echo: msgspec.Raw, *, detail: bool
) -> SentimentAnswer:
    """Count the sentences of an article by their label."""
    # An article without a hash is told from others by what it says.
    key = bytes(echo) if body.hash is not None else "\n".join(body.text).encode()
    judged = await sentiment.judge([body.text], key=key)
    return _answer(sentiment_result(judged.articles[0], echo, judged.model.identity, detail=detail), judged)


async def answer_batch(sentiment: SentimentService, body: BatchInput, *, detail: bool) -> SentimentAnswer:
    """The same for several articles, whose raw text is split into sentences here."""
    refuse_too_much(article.text for article in body.articles if article.text is not None)
    # In a thread: 100 kB that were made for it take 0.15 s to split.
    articles = await asyncio.to_thread(_sentences, body)
    judged = await sentiment.judge(articles, field="articles")
    results = [
        article_result(sentences, article.id, detail=detail)
        for article, sentences in zip(body.articles, judged.articles, strict=True)
    ]
    return _answer(BatchResult(model=model_view(judged.model.identity), articles=results), judged)


def _sentences(body: BatchInput) -> list[list[str]]:
    split = split_as_client if body.splitting == "client" else split_sentences
    return [
        split(article.text) if article.text is not None else article.sentences or []
        for article in body.articles
    ]


def _answer(result: BaseModel, judged: Judged) -> SentimentAnswer:
    named = judged.model.identity.name
    if judged.model.stands_in_for is not None:
        named += f"; fallback-for={judged.model.stands_in_for}"
    return SentimentAnswer(json.encode(result.model_dump(by_alias=True, exclude_unset=True)), named)
