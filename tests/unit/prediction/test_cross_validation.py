"""Every fit of a cross-validation is the one that the solver finds by itself."""

from __future__ import annotations

import numpy as np
import pytest

from foliolens.prediction.cross_validation import cross_validate
from foliolens.prediction.solver import fit, objective

STRENGTHS = np.logspace(-4, 4, 5)


@pytest.mark.parametrize("noise", [0.0, 0.3, 3.0], ids=["separable", "signal", "noise"])
def test_fits_are_those_of_the_solver(noise: float) -> None:
    random = np.random.default_rng(7)
    rows = random.normal(size=(60, 4))
    labels = (rows @ random.normal(size=(4, 2)) + noise * random.normal(size=(60, 2)) > 0).T.astype(float)
    held_out = np.tile(np.arange(60) // 15, (2, 1))
    held_out[1, 50:] = -1
    penalties = np.array([[1.0] * 4, [0.5, 2.0, 1.0, 1.0]])

    found = cross_validate(rows, labels, held_out, penalties, STRENGTHS)

    for group, fold, tried in np.ndindex(2, 4, len(STRENGTHS)):
        learned_from = (held_out[group] >= 0) & (held_out[group] != fold)
        problem = labels[[group]], STRENGTHS[tried] * learned_from[None, :], penalties[[group]]
        alone = objective(rows, *problem, fit(rows, *problem))[0]
        together = objective(rows, *problem, found.parts[group, fold, tried][None, :])[0]
        assert together == pytest.approx(alone, rel=1e-6)
    for group, tried in np.ndindex(2, len(STRENGTHS)):
        problem = labels[[group]], STRENGTHS[tried] * (held_out[[group]] >= 0), penalties[[group]]
        alone = objective(rows, *problem, fit(rows, *problem))[0]
        together = objective(rows, *problem, found.whole[group, tried][None, :])[0]
        assert together == pytest.approx(alone, rel=1e-6)


def test_a_fold_that_holds_all_of_a_class_leaves_certainty() -> None:
    rows = np.random.default_rng(8).normal(size=(30, 3))
    labels = np.zeros((1, 30))
    labels[0, :4] = 1.0
    held_out = (np.arange(30) // 10)[None, :]

    found = cross_validate(rows, labels, held_out, np.ones((1, 3)), STRENGTHS)

    assert (found.parts[0, 0, :, :-1] == 0).all()
    assert (found.parts[0, 0, :, -1] < -20).all()
