"""Skill is a claim that needs evidence."""

from __future__ import annotations

import numpy as np
import pytest

from foliolens.prediction.skill import evidence, wilson_interval


def test_the_interval_is_wilsons() -> None:
    # Newcombe (1998), 81 of 263: 0.2553 to 0.3662.
    interval = wilson_interval(81 / 263, 263)

    assert interval.lower == pytest.approx(0.2553, abs=5e-5)
    assert interval.upper == pytest.approx(0.3662, abs=5e-5)


def test_the_figures_of_a_record() -> None:
    chance = np.array([0.9, 0.8, 0.4, 0.3])
    outcome = np.array([1.0, 0.0, 0.0, 0.0])

    found = evidence(chance, outcome, 1)

    assert found.accuracy == 0.75
    assert found.baseline_accuracy == 0.75
    assert found.brier_score == pytest.approx((0.01 + 0.64 + 0.16 + 0.09) / 4)
    assert found.baseline_brier_score == pytest.approx(0.25 * 0.75)
    assert found.evaluations == 4
    assert not found.skill


@pytest.mark.parametrize(("horizon", "skill"), [(1, True), (20, False)])
def test_overlapping_periods_count_once(horizon: int, skill: bool) -> None:
    outcome = np.tile([1.0, 1.0, 0.0, 0.0], 25)
    chance = np.where(outcome > 0, 0.7, 0.3)
    chance[:20] = 1 - chance[:20]  # right on 80 of 100

    found = evidence(chance, outcome, horizon)

    assert found.accuracy == 0.8
    assert found.independent_evaluations == 100 / horizon
    assert found.skill is skill


def test_always_naming_the_majority_is_no_skill() -> None:
    outcome = np.array([1.0] * 90 + [0.0] * 10)

    found = evidence(np.full(100, 0.9), outcome, 1)

    assert found.accuracy == found.baseline_accuracy == 0.9
    assert not found.skill
    assert found.explanation.startswith("No skill has been shown")
