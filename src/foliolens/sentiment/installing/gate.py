"""Whether int8 judges as fp32 does: measured on labelled check sentences before it is installed."""

import csv
from pathlib import Path

from msgspec import Struct

from foliolens.sentiment.engine import Engine
from foliolens.sentiment.models import Label

__all__ = ["LEAST_EQUAL", "MOST_POINTS_LOST", "CheckSentence", "Comparison", "check_sentences", "compare"]

LEAST_EQUAL = 0.98
"""Share of sentences that must get the same label."""

MOST_POINTS_LOST = 0.7
"""Percentage points of accuracy that may be lost."""


class CheckSentence(Struct, frozen=True):
    """A sentence with the label it should get."""

    text: str
    label: Label


class Comparison(Struct, frozen=True):
    """How a smaller form of a model compares with its fp32 form.

    Attributes:
        sentences: How many were judged by both.
        equal: Share with the same label, 0 to 1.
        points_lost: Accuracy of fp32 less that of the smaller form, in percentage points.
    """

    sentences: int
    equal: float
    points_lost: float

    @property
    def passed(self) -> bool:
        """Whether the smaller form may be used."""
        return self.equal >= LEAST_EQUAL and self.points_lost <= MOST_POINTS_LOST


def check_sentences() -> list[CheckSentence]:
    """The check sentences that come with the installation: plain financial statements, labelled by hand."""
    with Path(__file__).with_name("checks.csv").open(encoding="utf-8", newline="") as opened:
        return [CheckSentence(row["text"], Label(row["label"])) for row in csv.DictReader(opened)]


def compare(smaller: Engine, fp32: Engine, checks: list[CheckSentence]) -> Comparison:
    """Judge every check sentence with both forms."""
    texts = [check.text for check in checks]
    theirs = [judgement.label for judgement in smaller.judge(texts)]
    exact = [judgement.label for judgement in fp32.judge(texts)]
    right = [check.label for check in checks]
    return Comparison(
        sentences=len(checks),
        equal=_agreement(theirs, exact),
        points_lost=100 * (_agreement(exact, right) - _agreement(theirs, right)),
    )


def _agreement(one: list[Label], other: list[Label]) -> float:
    return sum(a is b for a, b in zip(one, other, strict=True)) / len(one)
