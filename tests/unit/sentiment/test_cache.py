"""The cache of judgements."""

from __future__ import annotations

from msgspec.structs import replace

from foliolens.sentiment.cache import JudgementCache
from foliolens.sentiment.models import Judgement, ModelIdentity

MODEL = ModelIdentity("finbert", "abc", "int8")
JUDGEMENT = Judgement(0.8, 0.1, 0.1)


def test_a_judgement_is_found_again_by_the_content_of_the_sentence() -> None:
    cache = JudgementCache(10)

    cache.keep(MODEL, "Profit rose.", JUDGEMENT)

    assert cache.find(MODEL, "Profit rose.") == JUDGEMENT
    assert cache.find(MODEL, "Profit rose") is None


def test_another_version_of_the_model_judges_anew() -> None:
    cache = JudgementCache(10)

    cache.keep(MODEL, "Profit rose.", JUDGEMENT)

    assert cache.find(replace(MODEL, version="abd"), "Profit rose.") is None
    assert cache.find(replace(MODEL, name="embedded"), "Profit rose.") is None


def test_the_judgement_used_longest_ago_makes_room() -> None:
    cache = JudgementCache(2)
    cache.keep(MODEL, "one", JUDGEMENT)
    cache.keep(MODEL, "two", JUDGEMENT)
    cache.find(MODEL, "one")

    cache.keep(MODEL, "three", JUDGEMENT)

    assert len(cache) == 2
    assert cache.find(MODEL, "one") == JUDGEMENT
    assert cache.find(MODEL, "two") is None


def test_a_cache_of_no_size_keeps_nothing() -> None:
    cache = JudgementCache(0)

    cache.keep(MODEL, "one", JUDGEMENT)

    assert len(cache) == 0
