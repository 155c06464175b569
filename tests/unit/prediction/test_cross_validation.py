"""Every fit of a cross-validation is the one that the solver finds by itself, on the rows themselves."""

from __future__ import annotations

import numpy as np
import pytest

from foliolens.prediction.cross_validation import Problem, alike, cross_validate
from foliolens.prediction.solver import FloatArray, Rows, fit, objective

STRENGTHS = np.logspace(-4, 4, 5)
FOLDS = 4


def problem(rows: FloatArray, scores: FloatArray) -> Problem:
    held_out = np.arange(len(rows)) * FOLDS // len(rows)
    return Problem(rows, (scores > 0).astype(np.int64), held_out, alike(rows))


def excess(problem: Problem, learned_from: FloatArray, strength: float, found: FloatArray) -> float:
    """By how much the objective exceeds the least, as a share of that."""
    labels = problem.labels.astype(np.float64)
    weights = learned_from.astype(np.float64)
    penalty = np.full((1, problem.rows.shape[1]), 1 / strength)
    batch = labels[None, :], weights[None, :], penalty
    grid = weights[None, None], (weights * (2 * labels - 1))[None, None], penalty
    alone = fit(Rows(problem.rows[None]), *grid)[0, 0]
    least = objective(problem.rows, *batch, alone)[0]
    return float(objective(problem.rows, *batch, found[None, :])[0] / least - 1)


def check(problems: list[Problem]) -> None:
    found = cross_validate(problems, FOLDS, STRENGTHS)
    for number, each in enumerate(problems):
        for tried, strength in enumerate(STRENGTHS):
            everything = np.ones(len(each.rows))
            assert abs(excess(each, everything, strength, found.whole[number, tried])) < 1e-6
            for fold in range(FOLDS):
                part = found.parts[number, fold, tried]
                assert abs(excess(each, each.held_out != fold, strength, part)) < 1e-6


@pytest.mark.parametrize("noise", [0.0, 0.3, 3.0], ids=["separable", "signal", "noise"])
def test_fits_are_those_of_the_solver(noise: float) -> None:
    random = np.random.default_rng(7)
    rows = random.normal(size=(60, 4))
    scores = rows @ random.normal(size=(4, 2)) + noise * random.normal(size=(60, 2))

    check([problem(rows, scores[:, 0]), problem(rows[:50], scores[:50, 1])])


@pytest.mark.parametrize("apart", [0.0, 1e-7, 1e-5, 9e-5, 1e-3])
@pytest.mark.parametrize("noise", [0.0, 1.0], ids=["separable", "noise"])
def test_rows_that_are_nearly_the_same_may_count_as_one(apart: float, noise: float) -> None:
    random = np.random.default_rng(9)
    rows = np.concatenate([random.normal(size=(12, 4)), apart * random.uniform(size=(68, 4))])
    rows = rows[random.permutation(80)]
    scores = rows[:, 0] - 0.1 + noise * random.normal(size=80)

    check([problem(rows, scores), problem(rows[:70], random.normal(size=70))])


def test_rows_that_differ_only_a_little_matter_where_that_decides() -> None:
    """Labels that follow the small differences: what merging would take away is found."""
    random = np.random.default_rng(10)
    rows = 3e-5 * random.normal(size=(64, 3))
    rows[:8] = random.normal(size=(8, 3))

    check([problem(rows, rows[:, 0])])


def test_kinds_are_of_rows_that_are_alike_only() -> None:
    random = np.random.default_rng(11)
    rows = np.repeat(random.normal(size=(10, 3)), 4, axis=0)
    rows[1::4] += 1e-6
    rows[2::4, 2] += 0.01

    kinds = alike(rows).reshape(10, 4)

    assert len(set(kinds.ravel())) == 20
    assert (kinds[:, 0] == kinds[:, 1]).all()
    assert (kinds[:, 0] == kinds[:, 3]).all()


def test_a_fold_that_holds_all_of_a_class_leaves_certainty() -> None:
    rows = np.random.default_rng(8).normal(size=(40, 3))
    scores = np.where(np.arange(40) < 4, 1.0, -1.0)

    found = cross_validate([problem(rows, scores)], FOLDS, STRENGTHS)

    assert (found.parts[0, 0, :, :-1] == 0).all()
    assert (found.parts[0, 0, :, -1] < -20).all()
