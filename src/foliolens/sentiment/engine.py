"""What every sentiment model looks like from outside."""

from collections.abc import Sequence
from typing import Protocol

from foliolens.sentiment.models import Judgement, ModelIdentity

__all__ = ["Engine", "ModelUnusable"]


class ModelUnusable(Exception):
    """A model is not installed, damaged, or cannot be loaded.

    Args:
        name: Of the model.
        reason: What is wrong with it, one sentence.
        advice: What to do about it, one sentence.
    """

    def __init__(self, name: str, reason: str, advice: str) -> None:
        self.name = name
        self.reason = reason
        self.advice = advice
        super().__init__(f"The sentiment model {name} cannot be used: {reason} {advice}")


class Engine(Protocol):
    """A loaded model. Safe to use from several threads; the same sentence gets the same judgement."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""
        ...

    def judge(self, sentences: Sequence[str]) -> list[Judgement]:
        """Judge each sentence, in order."""
        ...
