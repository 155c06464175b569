"""Labels, confidence and tallies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foliolens.sentiment.models import Judgement, Label, Tally, tally

_probabilities = st.tuples(*[st.floats(0.001, 1)] * 3).map(
    lambda raw: Judgement(*(part / sum(raw) for part in raw))
)


def test_the_label_is_the_most_probable_one() -> None:
    assert Judgement(0.2, 0.3, 0.5).label is Label.NEGATIVE
    assert Judgement(0.2, 0.5, 0.3).label is Label.NEUTRAL
    assert Judgement(0.5, 0.2, 0.3).label is Label.POSITIVE


def test_a_tally_counts_a_label_and_averages_the_confidence_of_just_those_sentences() -> None:
    judged = [Judgement(0.9, 0.05, 0.05), Judgement(0.7, 0.2, 0.1), Judgement(0.1, 0.1, 0.8)]

    tallies = tally(judged)

    assert tallies[Label.POSITIVE] == Tally(2, pytest.approx(0.8))
    assert tallies[Label.NEUTRAL] == Tally(0, None)
    assert tallies[Label.NEGATIVE] == Tally(1, pytest.approx(0.8))


def test_tallies_come_in_the_order_of_the_contract() -> None:
    assert [label.value for label in tally([])] == ["positive", "neutral", "negative"]


@given(st.lists(_probabilities, max_size=30))
def test_every_sentence_is_counted_once(judged: list[Judgement]) -> None:
    tallies = tally(judged)

    assert sum(item.count for item in tallies.values()) == len(judged)
    # A label that won against two others has at least a third of the probability.
    assert all(item.mean is None or item.mean >= 1 / 3 - 1e-9 for item in tallies.values())
