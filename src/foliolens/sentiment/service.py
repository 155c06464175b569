"""Judging articles: limits, cache, capacity, and the model behind them."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from foliolens.errors import PayloadTooLarge, ValidationFailed
from foliolens.kit.capacity import Capacity
from foliolens.kit.rollout import Rollout
from foliolens.ports.inference import Inference
from foliolens.ports.metrics import NO_METRICS, Metrics
from foliolens.sentiment.cache import JudgementCache
from foliolens.sentiment.models import Judgement, ModelInUse, Verdict

__all__ = ["MOST_BYTES", "MOST_SENTENCES", "Judge", "Judged", "SentimentService", "refuse_too_much"]

Judge = Inference[Sequence[str], Verdict]

MOST_SENTENCES = 200
"""Sentences of one request, all articles together."""

MOST_BYTES = 100_000
"""UTF-8 bytes of the text of one request, all articles together."""


class Judged(Struct, frozen=True):
    """The judgements of one request.

    Attributes:
        model: Which model judged.
        articles: For each article its sentences with their judgements, empty sentences left out.
    """

    model: ModelInUse
    articles: tuple[tuple[tuple[str, Judgement], ...], ...]


class _Judging(Struct):
    """A model behind `judge`; which one is unknown until it has judged."""

    judge: Judge
    model: ModelInUse | None = None


class SentimentService:
    """Judges sentences.

    Args:
        infer: The model; tells with each answer which one it is.
        cache: What was judged before.
        capacity: How many may compute at once.
        rolled_out: A share of the keys, and the model that judges for them.
        metrics: Count what was judged before.
    """

    def __init__(
        self,
        infer: Judge,
        cache: JudgementCache,
        capacity: Capacity,
        rolled_out: tuple[Rollout, Judge] | None = None,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self._default = _Judging(infer)
        self._cache = cache
        self._capacity = capacity
        self._metrics = metrics
        self._rollout: Rollout | None
        self._rollout, other = rolled_out or (None, infer)
        self._other = _Judging(other)

    async def judge(
        self, articles: Sequence[Sequence[str]], *, field: str = "text", key: bytes | None = None
    ) -> Judged:
        """Judge the sentences of some articles.

        Args:
            articles: For each its sentences; blank ones are ignored.
            field: Of the request, for the message of an error.
            key: What decides whether the model that is being rolled out judges; without one it does not.

        Raises:
            ValidationFailed: More sentences than one request may hold.
            PayloadTooLarge: More text than one request may hold.
            ServiceUnavailable: Too many are computing, or the model cannot be loaded or ended midway.
        """
        told = [[sentence for sentence in article if sentence.strip()] for article in articles]
        _check_size(told, field)
        rolled_out = key is not None and self._rollout is not None and self._rollout.includes(key)
        model, judgements = await self._judgements(
            self._other if rolled_out else self._default,
            {sentence for article in told for sentence in article},
        )
        return Judged(
            model=model,
            articles=tuple(
                tuple((sentence, judgements[sentence]) for sentence in article) for article in told
            ),
        )

    async def _judgements(
        self, judging: _Judging, sentences: set[str]
    ) -> tuple[ModelInUse, dict[str, Judgement]]:
        while True:
            model = judging.model
            known = self._known(model, sentences)
            new = sorted(sentences - known.keys())
            self._metrics.looked_up("sentiment", "hit", len(known))
            self._metrics.looked_up("sentiment", "miss", len(new))
            if model is not None and not new:
                return model, known
            async with self._capacity.slot():
                verdict = await judging.judge(new)
            fresh = dict(zip(new, verdict.judgements, strict=True))
            judging.model = verdict.model
            for sentence, judgement in fresh.items():
                self._cache.keep(verdict.model.identity, sentence, judgement)
            if not known or verdict.model == model:
                return verdict.model, known | fresh
            # Another model judges since the process beside the server was started anew: no answer of two.

    def _known(self, model: ModelInUse | None, sentences: set[str]) -> dict[str, Judgement]:
        if model is None:
            return {}
        found = {sentence: self._cache.find(model.identity, sentence) for sentence in sentences}
        return {sentence: judgement for sentence, judgement in found.items() if judgement is not None}


def refuse_too_much(texts: Iterable[str]) -> None:
    """Refuse more text than one request may hold.

    Raises:
        PayloadTooLarge: See above.
    """
    size = sum(len(text.encode()) for text in texts)
    if size > MOST_BYTES:
        raise PayloadTooLarge(
            f"{size} bytes of text are too many for one request: send at most {MOST_BYTES} at a time."
        )


def _check_size(articles: list[list[str]], field: str) -> None:
    count = sum(map(len, articles))
    if count > MOST_SENTENCES:
        raise ValidationFailed.of(
            field,
            "TOO_MANY_SENTENCES",
            f"{count} sentences are too many for one request: send at most {MOST_SENTENCES} at a time.",
        )
    refuse_too_much(sentence for article in articles for sentence in article)
