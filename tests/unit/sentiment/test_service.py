"""The service: limits, cache, capacity."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from foliolens.errors import PayloadTooLarge, ServiceUnavailable, ValidationFailed
from foliolens.kit.capacity import Capacity
from foliolens.sentiment.cache import JudgementCache
from foliolens.sentiment.choice import EngineChoice
from foliolens.sentiment.service import MOST_BYTES, MOST_SENTENCES, SentimentService
from foliolens.settings import SentimentSettings


def service(data: Path, capacity: Capacity | None = None, **settings: object) -> SentimentService:
    return SentimentService(
        EngineChoice(SentimentSettings(**settings), data),  # type: ignore[arg-type]
        JudgementCache(1000),
        capacity or Capacity("sentiments", concurrent=1, waiting=0, patience=0.01),
    )


def test_blank_sentences_are_ignored(tmp_path: Path) -> None:
    judged = service(tmp_path).judge([["", "Profit rose.", " \t"]])

    assert [sentence for sentence, _ in judged.articles[0]] == ["Profit rose."]


def test_a_sentence_that_stands_twice_counts_twice(tmp_path: Path) -> None:
    judged = service(tmp_path).judge([["Profit rose.", "Profit rose."], ["Profit rose."]])

    assert [len(article) for article in judged.articles] == [2, 1]


def test_as_many_sentences_as_allowed_are_judged_and_one_more_is_refused(tmp_path: Path) -> None:
    sentiment = service(tmp_path)

    assert len(sentiment.judge([["x"] * MOST_SENTENCES]).articles[0]) == MOST_SENTENCES
    with pytest.raises(ValidationFailed, match="201 sentences"):
        sentiment.judge([["x"] * MOST_SENTENCES, ["x"]])


def test_more_text_than_allowed_is_refused_by_its_bytes(tmp_path: Path) -> None:
    with pytest.raises(PayloadTooLarge, match=f"{MOST_BYTES + 1} bytes"):
        service(tmp_path).judge([["é" * (MOST_BYTES // 2), "x"]])


def test_what_was_judged_before_needs_no_capacity(tmp_path: Path) -> None:
    capacity = Capacity("sentiments", concurrent=1, waiting=0, patience=0.01)
    sentiment = service(tmp_path, capacity)
    first = sentiment.judge([["Profit rose."]])

    with capacity.slot():
        assert sentiment.judge([["Profit rose."]]) == first
        with pytest.raises(ServiceUnavailable) as refused:
            sentiment.judge([["Sales fell."]])

    assert int(refused.value.headers["Retry-After"]) >= 1


def test_a_model_that_cannot_be_loaded_is_a_503_and_no_crash(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="cannot be loaded"):
        service(tmp_path, sentiment_model="finbert").judge([["Profit rose."]])


def test_threads_that_come_at_once_get_the_same_answers(tmp_path: Path) -> None:
    sentiment = service(tmp_path, Capacity("sentiments", concurrent=2, waiting=8, patience=30))
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.append(sentiment.judge([["Profit rose.", "Sales fell."]])))
        for _ in range(6)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 6
    assert all(answer == answers[0] for answer in answers)
