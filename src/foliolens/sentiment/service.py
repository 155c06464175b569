"""Judging articles: limits, cache, capacity, and the model behind them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from foliolens.errors import PayloadTooLarge, ServiceUnavailable, ValidationFailed
from foliolens.kit.capacity import Capacity
from foliolens.sentiment.cache import JudgementCache
from foliolens.sentiment.choice import EngineChoice
from foliolens.sentiment.engine import Engine, ModelUnusable
from foliolens.sentiment.models import Judgement, ModelIdentity

__all__ = ["MOST_BYTES", "MOST_SENTENCES", "Judged", "SentimentService"]

_log = logging.getLogger(__name__)

MOST_SENTENCES = 200
"""Sentences of one request, all articles together."""

MOST_BYTES = 100_000
"""UTF-8 bytes of the text of one request, all articles together."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgements of one request.

    Attributes:
        model: Which model judged.
        stands_in_for: The model that was asked for and could not be used; None where it was.
        articles: For each article its sentences with their judgements, empty sentences left out.
    """

    model: ModelIdentity
    stands_in_for: str | None
    articles: tuple[tuple[tuple[str, Judgement], ...], ...]


class SentimentService:
    """Judges sentences.

    Args:
        choice: The model.
        cache: What was judged before.
        capacity: How many may compute at once.
    """

    def __init__(self, choice: EngineChoice, cache: JudgementCache, capacity: Capacity) -> None:
        self._choice = choice
        self._cache = cache
        self._capacity = capacity

    def check(self) -> None:
        """Make sure at start that there is a model.

        Raises:
            ModelUnusable: There is none that can be used.
        """
        self._choice.check()

    def judge(self, articles: Sequence[Sequence[str]], *, field: str = "text") -> Judged:
        """Judge the sentences of some articles.

        Args:
            articles: For each its sentences; blank ones are ignored.
            field: Of the request, for the message of an error.

        Raises:
            ValidationFailed: More sentences than one request may hold.
            PayloadTooLarge: More text than one request may hold.
            ServiceUnavailable: Too many are computing, or the model cannot be loaded.
        """
        told = [[sentence for sentence in article if sentence.strip()] for article in articles]
        _check_size(told, field)
        try:
            engine, stands_in_for = self._choice.engine()
        except ModelUnusable as error:
            _log.exception("no sentiment model can be loaded")
            raise ServiceUnavailable("The sentiment model cannot be loaded.", retry_after=60) from error
        judgements = self._judgements(engine, {sentence for article in told for sentence in article})
        return Judged(
            model=engine.identity,
            stands_in_for=stands_in_for,
            articles=tuple(
                tuple((sentence, judgements[sentence]) for sentence in article) for article in told
            ),
        )

    def _judgements(self, engine: Engine, sentences: set[str]) -> dict[str, Judgement]:
        model = engine.identity
        known = {sentence: self._cache.find(model, sentence) for sentence in sentences}
        judgements = {sentence: found for sentence, found in known.items() if found is not None}
        new = sorted(sentences - judgements.keys())
        if new:
            with self._capacity.slot():
                fresh = engine.judge(new)
            for sentence, judgement in zip(new, fresh, strict=True):
                self._cache.keep(model, sentence, judgement)
                judgements[sentence] = judgement
        return judgements


def _check_size(articles: list[list[str]], field: str) -> None:
    count = sum(map(len, articles))
    if count > MOST_SENTENCES:
        raise ValidationFailed.of(
            field,
            "TOO_MANY_SENTENCES",
            f"{count} sentences are too many for one request: send at most {MOST_SENTENCES} at a time.",
        )
    size = sum(len(sentence.encode()) for article in articles for sentence in article)
    if size > MOST_BYTES:
        raise PayloadTooLarge(
            f"{size} bytes of text are too many for one request: send at most {MOST_BYTES} at a time."
        )
