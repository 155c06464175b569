"""The service: limits, cache, capacity."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from foliolens.adapters.inference.thread import ThreadInference
from foliolens.errors import PayloadTooLarge, ServiceUnavailable, ValidationFailed
from foliolens.kit.capacity import Capacity
from foliolens.sentiment.cache import JudgementCache
from foliolens.sentiment.choice import EngineChoice
from foliolens.sentiment.models import Judgement, ModelIdentity, ModelInUse, Verdict
from foliolens.sentiment.service import MOST_BYTES, MOST_SENTENCES, Judged, SentimentService
from foliolens.settings import SentimentSettings


def service(data: Path, capacity: Capacity | None = None, **settings: object) -> SentimentService:
    choice = EngineChoice(SentimentSettings(**settings), data)  # type: ignore[arg-type]
    return SentimentService(
        ThreadInference(choice.judge),
        JudgementCache(1000),
        capacity or Capacity("sentiments", concurrent=1, waiting=0, patience=60),
    )


def judge(sentiment: SentimentService, articles: Sequence[Sequence[str]]) -> Judged:
    return asyncio.run(sentiment.judge(articles))


def test_blank_sentences_are_ignored(tmp_path: Path) -> None:
    judged = judge(service(tmp_path), [["", "Profit rose.", " \t"]])

    assert [sentence for sentence, _ in judged.articles[0]] == ["Profit rose."]


def test_a_sentence_that_stands_twice_counts_twice(tmp_path: Path) -> None:
    judged = judge(service(tmp_path), [["Profit rose.", "Profit rose."], ["Profit rose."]])

    assert [len(article) for article in judged.articles] == [2, 1]


def test_as_many_sentences_as_allowed_are_judged_and_one_more_is_refused(tmp_path: Path) -> None:
    sentiment = service(tmp_path)

    assert len(judge(sentiment, [["x"] * MOST_SENTENCES]).articles[0]) == MOST_SENTENCES
    with pytest.raises(ValidationFailed, match="201 sentences"):
        judge(sentiment, [["x"] * MOST_SENTENCES, ["x"]])


def test_more_text_than_allowed_is_refused_by_its_bytes(tmp_path: Path) -> None:
    with pytest.raises(PayloadTooLarge, match=f"{MOST_BYTES + 1} bytes"):
        judge(service(tmp_path), [["é" * (MOST_BYTES // 2), "x"]])


def test_what_was_judged_before_needs_no_capacity(tmp_path: Path) -> None:
    async def work() -> ServiceUnavailable:
        capacity = Capacity("sentiments", concurrent=1, waiting=0, patience=60)
        sentiment = service(tmp_path, capacity)
        first = await sentiment.judge([["Profit rose."]])
        async with capacity.slot():
            assert await sentiment.judge([["Profit rose."]]) == first
            with pytest.raises(ServiceUnavailable) as refused:
                await sentiment.judge([["Sales fell."]])
        return refused.value

    assert int(asyncio.run(work()).headers["Retry-After"]) >= 1


def test_a_model_that_cannot_be_loaded_is_a_503_and_no_crash(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="cannot be loaded"):
        judge(service(tmp_path, sentiment_model="finbert"), [["Profit rose."]])


def test_requests_that_come_at_once_get_the_same_answers(tmp_path: Path) -> None:
    async def work() -> list[Judged]:
        sentiment = service(tmp_path, Capacity("sentiments", concurrent=2, waiting=8, patience=60))
        return await asyncio.gather(*(sentiment.judge([["Profit rose.", "Sales fell."]]) for _ in range(6)))

    answers = asyncio.run(work())

    assert all(answer == answers[0] for answer in answers)


class Models:
    """Judges with one model after the other, and remembers what it was asked."""

    def __init__(self, *versions: str) -> None:
        self._versions = list(versions)
        self.asked: list[list[str]] = []

    async def __call__(self, sentences: Sequence[str], /) -> Verdict:
        self.asked.append(list(sentences))
        version = self._versions.pop(0)
        model = ModelInUse(ModelIdentity("finbert", version, "int8"))
        return Verdict(model, tuple(Judgement(float(version), 0.0, 0.0) for _ in sentences))


def served_by(models: Models, entries: int = 1000) -> SentimentService:
    return SentimentService(
        models, JudgementCache(entries), Capacity("sentiments", concurrent=1, waiting=0, patience=60)
    )


def test_only_what_was_not_judged_before_is_judged() -> None:
    models = Models("1", "1")
    sentiment = served_by(models)

    judge(sentiment, [["a", "b"]])
    judge(sentiment, [["b", "c"], ["a"]])

    assert models.asked == [["a", "b"], ["c"]]


def test_no_answer_is_of_two_models() -> None:
    models = Models("1", "2", "2")
    sentiment = served_by(models)
    judge(sentiment, [["a"]])

    judged = judge(sentiment, [["a", "b"]])

    assert judged.model.identity.version == "2"
    assert [judgement.positive for _, judgement in judged.articles[0]] == [2, 2]
    assert models.asked == [["a"], ["b"], ["a"]]


def test_without_a_cache_each_request_is_judged_once() -> None:
    models = Models("1", "1")
    sentiment = served_by(models, entries=0)

    for _ in range(2):
        judge(sentiment, [["a"]])

    assert models.asked == [["a"], ["a"]]


def test_an_article_without_sentences_still_learns_which_model_judges() -> None:
    assert judge(served_by(Models("1")), [[""]]).model.identity.version == "1"
