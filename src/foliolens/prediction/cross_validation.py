"""All fits of a cross-validation: every penalty on all rows, and on all rows but each fold.

Rows that are nearly the same are fitted as one, their mean, with the weight of all. Where one feature is much
larger than the others, as the volume is in the rows of the original service, few rows are left. Folds are not
mixed, so that it is the mean whatever fold is left out, and Σ s x, which is linear, is that of the rows. Then
the objective misses at most (w·δ)² / 8 for each row, δ being its distance to the mean: the first order
cancels, and the curvature of the loss is at most 1/4. Where that does not certify the fits, they go on with
the rows themselves.
"""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from foliolens.prediction.solver import FloatArray, Rows, fit

__all__ = ["Coefficients", "Problem", "alike", "cross_validate"]

_ALIKE = 1e-4
"""How far rows may be apart that are tried as one; what comes of it is checked."""
_TOLERANCE = 1e-6


class Problem(Struct, frozen=True):
    """What is to be learned.

    Attributes:
        rows: Standardised features, shape (n, d).
        labels: 0 or 1, shape (n,).
        held_out: The fold that each row belongs to, counted from 0, shape (n,).
        kinds: A number for rows that are nearly the same, shape (n,).
    """

    rows: FloatArray
    labels: NDArray[np.int64]
    held_out: NDArray[np.int64]
    kinds: NDArray[np.int64]


class Coefficients(Struct, frozen=True):
    """The weights and then the intercept.

    Attributes:
        whole: On all rows, shape (problems, strengths, d + 1).
        parts: Without a fold, shape (problems, folds, strengths, d + 1).
    """

    whole: FloatArray
    parts: FloatArray


def cross_validate(problems: Sequence[Problem], folds: int, strengths: FloatArray) -> Coefficients:
    """Fit logistic regressions, ½‖w‖² + C Σ log-loss, for each problem, fold and C.

    Args:
        problems: Each is another one; they are solved together.
        folds: How many there are.
        strengths: C, each tried for each problem.
    """
    penalties = (1.0 / strengths)[:, None]
    cells = _Cells.merged(problems, folds)
    found = cells.fit(penalties)
    if not cells.certify(found, penalties):
        found = _Cells.single(problems, folds).fit(penalties, found)
    return Coefficients(found[:, 0], found[:, 1:])


def alike(rows: FloatArray) -> NDArray[np.int64]:
    """A number for each row, the same where rows are nearly the same.

    Args:
        rows: Standardised features, shape (n, d).
    """
    # Rows that are alike are neighbours in the order of a sum that hardly any others share.
    order = np.argsort(rows @ np.sqrt(np.arange(2.0, 2.0 + rows.shape[1])))
    ordered = rows.take(order, axis=0)
    kinds = np.empty(len(rows), dtype=np.int64)
    kinds[order[0]] = 0
    kinds[order[1:]] = np.cumsum((np.abs(ordered[1:] - ordered[:-1]) > _ALIKE).any(axis=1))
    return kinds


class _Cells(Struct, frozen=True):
    """Rows of one fold that count as one; those that pad a problem have no weight.

    Attributes:
        centres: Their mean, shape (problems, cells, d).
        weights: How many there are, by what is learned from: all folds, then all but each; shape
            (problems, 1 + folds, cells).
        balances: How many more of label 1 than of label 0, in the shape of weights.
        pulls: The sum of the rows of label 1 less that of label 0, shape (problems, 1 + folds, d).
        reach: The distances of the rows to their mean, added up, shape (problems,).
        spread: The squared distances, added up.
    """

    centres: FloatArray
    weights: FloatArray
    balances: FloatArray
    pulls: FloatArray
    reach: FloatArray
    spread: FloatArray

    @classmethod
    def merged(cls, problems: Sequence[Problem], folds: int) -> "_Cells":
        """Rows that are alike together."""
        return cls._of(problems, folds, [problem.kinds for problem in problems])

    @classmethod
    def single(cls, problems: Sequence[Problem], folds: int) -> "_Cells":
        """Each row by itself."""
        return cls._of(problems, folds, [np.arange(len(problem.rows)) for problem in problems])

    @classmethod
    def _of(cls, problems: Sequence[Problem], folds: int, kinds: list[NDArray[np.int64]]) -> "_Cells":
        """Cells of the rows of one fold and kind."""
        problem = np.arange(len(problems)).repeat([len(each) for each in kinds])
        rows, labels, kind, held_out = (
            np.concatenate(parts)
            for parts in (
                [each.rows for each in problems],
                [each.labels for each in problems],
                kinds,
                [each.held_out for each in problems],
            )
        )
        key = (problem * (kind.max() + 1) + kind) * folds + held_out
        order = np.argsort(key)
        key, problem, rows = key[order], problem[order], rows.take(order, axis=0)
        signs = 2.0 * labels[order] - 1.0
        begins = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
        counts = np.diff(begins, append=len(key))
        means = np.add.reduceat(rows, begins, axis=0) / counts[:, None]
        distances = rows - means.repeat(counts, axis=0)
        squares = np.vecdot(distances, distances)
        # Problems with fewer cells than others are filled up with such that have no weight.
        of = problem[begins]
        cells = np.bincount(of)
        place = of, np.arange(len(of)) - (np.cumsum(cells) - cells)[of]
        shape = len(problems), cells.max()
        weights, balances = np.zeros((2, *shape))
        centres, pulls = np.zeros((2, *shape, rows.shape[1]))
        fold = np.full(shape, -1)
        fold[place] = key[begins] % folds
        weights[place], balances[place] = counts, np.add.reduceat(signs, begins)
        centres[place], pulls[place] = means, np.add.reduceat(rows * signs[:, None], begins, axis=0)
        learned_from = fold[:, None, :] != np.arange(-1, folds)[:, None]
        return cls(
            centres,
            weights[:, None, :] * learned_from,
            balances[:, None, :] * learned_from,
            learned_from @ pulls,
            np.add.reduceat(np.sqrt(squares), np.searchsorted(problem, range(len(problems)))),
            np.add.reduceat(squares, np.searchsorted(problem, range(len(problems)))),
        )

    def fit(self, penalties: FloatArray, start: FloatArray | None = None) -> FloatArray:
        """Coefficients, shape (problems, 1 + folds, penalties, d + 1)."""
        rows = Rows(self.centres)
        return fit(rows, self.weights, self.balances, penalties, pulls=self.pulls, start=start)

    def certify(self, coefficients: FloatArray, penalties: FloatArray) -> bool:
        """Whether each objective is within 1e-6 of the least one for the rows themselves."""
        size = coefficients.shape
        margins = coefficients[..., :-1].reshape(size[0], -1, size[3] - 1) @ self.centres.swapaxes(1, 2)
        tangents = np.tanh(0.5 * (margins.reshape(*size[:-1], -1) + coefficients[..., -1:]))
        squares = np.vecdot(coefficients[..., :-1], coefficients[..., :-1])
        # log(1 + exp(-m)) is at least 1 - p, which differs within a cell by a quarter of the margin at most.
        agreement = (tangents @ self.balances[..., None])[..., 0]
        loss = 0.5 * (self.weights.sum(axis=2)[:, :, None] - agreement)
        loss -= 0.25 * self.reach[:, None, None] * np.sqrt(squares)
        missed = 0.125 * self.spread[:, None, None] * squares
        return bool((missed <= _TOLERANCE * (0.5 * squares * penalties[:, 0] + loss)).all())
