"""The solver finds scikit-learn's minimum, on easy problems and on hard ones."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from foliolens.prediction.solver import CERTAIN, FloatArray, fit, objective, probabilities

PENALTIES = np.logspace(-4, 4, 10)
KINDS = ("noise", "signal", "separable", "constant columns", "thirty rows", "imbalanced")
PROBLEMS_OF_A_KIND = 84  # 504 problems in all


def problem(kind: str, seed: int) -> tuple[FloatArray, FloatArray, float]:
    """Rows, labels and C."""
    random = np.random.default_rng([KINDS.index(kind), seed])
    count = 30 if kind == "thirty rows" else int(random.integers(40, 300))
    rows = random.normal(size=(count, 8))
    if kind == "constant columns":
        rows[:, 5:] = 0.0
    noise = random.normal(size=count)
    score = {
        "separable": rows[:, 0] + rows[:, 1],
        "noise": noise,
        "imbalanced": rows[:, 0] + noise - 3.0,
    }.get(kind, rows[:, 0] - 0.5 * rows[:, 1] + noise)
    labels = (score > 0).astype(np.float64)
    labels[:2] = 0.0, 1.0
    return rows, labels, float(PENALTIES[seed % len(PENALTIES)])


def with_scikit_learn(rows: FloatArray, labels: FloatArray, strength: float) -> FloatArray:
    with warnings.catch_warnings():
        # Far in the separable corner it stops at the precision of floating point, and says so.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-12, max_iter=1000)
        model.fit(rows, labels)
    return np.append(model.coef_[0], model.intercept_)[None, :]


@pytest.mark.parametrize("kind", KINDS)
def test_the_objective_and_the_predictions_are_those_of_scikit_learn(kind: str) -> None:
    for seed in range(PROBLEMS_OF_A_KIND):
        rows, labels, strength = problem(kind, seed)
        batch = labels[None, :], np.full((1, len(rows)), strength), np.ones((1, 8))

        ours = fit(rows, *batch)

        theirs = with_scikit_learn(rows, labels, strength)
        reached, least = objective(rows, *batch, ours)[0], objective(rows, *batch, theirs)[0]
        assert reached <= least * (1 + 1e-6), f"problem {seed}: {reached} where scikit-learn has {least}"
        ours_up, theirs_up = probabilities(rows, ours)[0], probabilities(rows, theirs)[0]
        # A row on the boundary itself (to within what 1e-6 of the objective leaves open) has no side.
        decided = np.abs(theirs_up - 0.5) > 1e-3
        assert ((ours_up > 0.5) == (theirs_up > 0.5))[decided].all(), f"problem {seed}"


def test_problems_solved_together_are_solved_as_alone() -> None:
    rows, labels, _ = problem("signal", 3)
    weights = np.repeat(PENALTIES[:, None], len(rows), axis=1)
    together = fit(rows, np.tile(labels, (10, 1)), weights, np.ones((10, 8)))

    alone = [fit(rows, labels[None, :], weights[[number]], np.ones((1, 8)))[0] for number in range(10)]

    np.testing.assert_allclose(together, alone, rtol=1e-6, atol=1e-9)


def test_a_row_of_weight_zero_is_left_out() -> None:
    rows, labels, _ = problem("signal", 4)
    weights = np.ones((1, len(rows)))
    weights[0, 25:] = 0.0

    masked = fit(rows, labels[None, :], weights, np.ones((1, 8)))

    short = fit(rows[:25], labels[None, :25], np.ones((1, 25)), np.ones((1, 8)))
    np.testing.assert_allclose(masked, short, rtol=1e-9, atol=1e-12)


def test_penalising_by_the_variance_is_standardising() -> None:
    rows, labels, _ = problem("signal", 5)
    rows = rows * np.logspace(-3, 1, 8) + 0.5
    ones = np.ones((1, len(rows)))

    raw = fit(rows, labels[None, :], ones, rows.var(axis=0)[None, :])

    standard = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    scaled = fit(standard, labels[None, :], ones, np.ones((1, 8)))
    np.testing.assert_allclose(probabilities(rows, raw), probabilities(standard, scaled), rtol=1e-5)


@pytest.mark.parametrize(("label", "intercept"), [(0.0, -CERTAIN), (1.0, CERTAIN)])
def test_one_class_is_certain(label: float, intercept: float) -> None:
    rows, _, _ = problem("noise", 6)

    coefficients = fit(rows, np.full((1, len(rows)), label), np.ones((1, len(rows))), np.ones((1, 8)))

    assert coefficients[0].tolist() == [0.0] * 8 + [intercept]
