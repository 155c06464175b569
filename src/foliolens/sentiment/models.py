"""What sentiment is made of: labels, judged sentences, and their tally over an article."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

__all__ = ["Judgement", "Label", "ModelIdentity", "ModelInUse", "Tally", "Verdict", "tally"]


class Label(StrEnum):
    """How a sentence reads to an investor."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class ModelIdentity(Struct, frozen=True):
    """Which model judged.

    Attributes:
        name: `finbert` or `embedded`.
        version: The first twelve digits of the SHA-256 of its weights.
        precision: `int8`, `int8-mixed` or `fp32`.
    """

    name: str
    version: str
    precision: str


class ModelInUse(Struct, frozen=True):
    """Which model judges here.

    Attributes:
        identity: The model.
        stands_in_for: The name of the model that was asked for and could not be used; None where it was.
    """

    identity: ModelIdentity
    stands_in_for: str | None = None


class Judgement(Struct, frozen=True):
    """One sentence judged.

    Attributes:
        positive: Probability of this label, 0 to 1; the three sum to 1.
        neutral: See positive.
        negative: See positive.
        truncated: Whether the model saw only the beginning of the sentence.
    """

    positive: float
    neutral: float
    negative: float
    truncated: bool = False

    @property
    def label(self) -> Label:
        """The most probable label; of equal ones the first in the order of the attributes."""
        return max(Label, key=self.probability)

    @property
    def confidence(self) -> float:
        """The probability of the label."""
        return max(self.positive, self.neutral, self.negative)

    def probability(self, label: Label) -> float:
        """The probability of one label."""
        match label:
            case Label.POSITIVE:
                return self.positive
            case Label.NEUTRAL:
                return self.neutral
            case Label.NEGATIVE:
                return self.negative


class Verdict(Struct, frozen=True):
    """What a model says about some sentences.

    Attributes:
        model: Which one.
        judgements: One for each sentence, in order.
    """

    model: ModelInUse
    judgements: tuple[Judgement, ...]


class Tally(Struct, frozen=True):
    """The sentences of one label in an article.

    Attributes:
        count: How many.
        mean: Mean confidence of those, 0 to 1; None where there is none.
    """

    count: int
    mean: float | None


def tally(judgements: Sequence[Judgement]) -> dict[Label, Tally]:
    """Count the sentences of each label; keys in the order of `Label`."""
    return {label: _tally_of([item for item in judgements if item.label is label]) for label in Label}


def _tally_of(alike: list[Judgement]) -> Tally:
    if not alike:
        return Tally(0, None)
    return Tally(len(alike), sum(item.confidence for item in alike) / len(alike))
