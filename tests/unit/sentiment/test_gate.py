"""The comparison that decides whether int8 may be used."""

from __future__ import annotations

import pytest

from foliolens.sentiment.installing.gate import CheckSentence, Comparison, check_sentences, compare
from foliolens.sentiment.models import Judgement, Label, ModelIdentity


class Scripted:
    """An engine that judges as it is told."""

    def __init__(self, labels: list[Label]) -> None:
        self.identity = ModelIdentity("finbert", "0", "fp32")
        self._labels = labels

    def judge(self, sentences: list[str]) -> list[Judgement]:
        sure = {
            Label.POSITIVE: (1.0, 0.0, 0.0),
            Label.NEUTRAL: (0.0, 1.0, 0.0),
            Label.NEGATIVE: (0.0, 0.0, 1.0),
        }
        return [Judgement(*sure[label]) for label in self._labels]


def test_agreement_and_lost_accuracy_are_measured_on_labelled_sentences() -> None:
    checks = [CheckSentence(str(number), Label.POSITIVE) for number in range(4)]
    fp32 = Scripted([Label.POSITIVE] * 4)
    int8 = Scripted([Label.POSITIVE] * 3 + [Label.NEUTRAL])

    assert compare(int8, fp32, checks) == Comparison(4, equal=0.75, points_lost=25.0)


@pytest.mark.parametrize(
    ("equal", "points_lost", "passed"),
    [(0.98, 0.7, True), (0.979, 0.0, False), (0.99, 0.71, False), (0.99, -1.0, True)],
)
def test_the_limits_are_98_percent_and_0_7_points(equal: float, points_lost: float, passed: bool) -> None:
    assert Comparison(200, equal, points_lost).passed is passed


def test_there_are_over_a_hundred_distinct_check_sentences_of_every_label() -> None:
    checks = check_sentences()

    assert len({check.text for check in checks}) == len(checks) > 100
    for label in Label:
        assert sum(check.label is label for check in checks) > 40
