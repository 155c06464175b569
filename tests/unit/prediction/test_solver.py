"""The solver finds scikit-learn's minimum, on easy problems and on hard ones."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from foliolens.prediction import solver
from foliolens.prediction.solver import CERTAIN, FloatArray, Rows, objective, probabilities

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


def fit(rows: FloatArray, labels: FloatArray, weights: FloatArray, penalties: FloatArray) -> FloatArray:
    """Problems with the same rows, in the form that `objective` takes them."""
    balances = weights * (2 * labels - 1)
    return solver.fit(Rows(rows[None]), weights[None], balances[None], penalties[None, :, None, :])[0, :, 0]


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


def test_a_grid_of_samples_and_penalties_is_solved_as_each_alone() -> None:
    problems = [problem("signal", 7), problem("separable", 8)]
    rows = np.stack([rows[:40] for rows, _, _ in problems])
    labels = np.stack([labels[:40] for _, labels, _ in problems])
    weights = np.ones((2, 3, 40))
    weights[:, 1, 5:15] = 0.0
    weights[:, 2, 20:] = 0.0
    penalties = np.logspace(-4, 4, 9)[:, None] * np.ones(8)

    grid = solver.fit(Rows(rows), weights, weights * (2 * labels - 1)[:, None, :], penalties)

    for number, sample, strength in np.ndindex(2, 3, 9):
        batch = labels[[number]], weights[number, [sample]], penalties[[strength]]
        alone = objective(rows[number], *batch, fit(rows[number], *batch))[0]
        together = objective(rows[number], *batch, grid[number, sample, strength][None, :])[0]
        assert together == pytest.approx(alone, rel=1e-7)


def test_equal_rows_can_be_one_row_that_has_their_weight() -> None:
    rows, labels, _ = problem("signal", 9)
    rows, labels = rows[:20], labels[:20]
    repeated, repeated_labels = np.repeat(rows, 3, axis=0), np.repeat(labels, 3)
    repeated_labels[::3] = 1 - repeated_labels[::3]
    batch = repeated_labels[None, :], np.ones((1, 60)), np.full((1, 8), 0.1)

    balances = (2 * repeated_labels - 1).reshape(20, 3).sum(axis=1)
    merged = solver.fit(
        Rows(rows[None]), np.full((1, 1, 20), 3.0), balances[None, None], np.full((1, 8), 0.1)
    )

    np.testing.assert_allclose(merged[0, 0], fit(repeated, *batch), rtol=1e-5, atol=1e-7)


def test_a_start_changes_nothing_but_the_way() -> None:
    rows, labels, _ = problem("signal", 10)
    grid = np.ones((1, 1, len(rows))), (2 * labels - 1)[None, None], np.full((1, 8), 0.01)

    far = solver.fit(Rows(rows[None]), *grid, start=np.full((1, 1, 1, 9), 3.0))

    np.testing.assert_allclose(far, solver.fit(Rows(rows[None]), *grid), rtol=1e-3)
