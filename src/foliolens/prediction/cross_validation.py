"""All fits of a cross-validation: every penalty on all rows, and on all rows but each fold.

A fit without a fold starts from the fit on all rows and takes one Newton step, for which the sums over all
rows serve every fold: only the rows left out are summed anew. That is one look at the rows for each penalty
instead of one for each penalty and fold, and it ends so near the minimum that most fits need one step more,
with the same Hessian. Those that it does not bring there go through the solver.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foliolens.prediction.solver import FloatArray, fit

__all__ = ["CrossValidation", "cross_validate"]

_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """Coefficients, each the weights and then the intercept.

    Attributes:
        whole: On all rows of a group, shape (groups, strengths, d + 1).
        parts: Without a fold, shape (groups, folds, strengths, d + 1).
    """

    whole: FloatArray
    parts: FloatArray


def cross_validate(
    rows: FloatArray,
    labels: FloatArray,
    held_out: NDArray[np.int64],
    penalties: FloatArray,
    strengths: FloatArray,
) -> CrossValidation:
    """Fit logistic regressions of several groups of labels on the same rows.

    Args:
        rows: Features, shape (n, d).
        labels: 0 or 1, shape (groups, n).
        held_out: The fold each row belongs to, counted from 0; -1 where a row is not the group's; shape
            (groups, n).
        penalties: λ by feature, shape (groups, d).
        strengths: C, each tried in each group, shape (strengths,).
    """
    groups, count = labels.shape
    tried = len(strengths)
    known = (held_out >= 0).astype(np.float64)
    whole = fit(
        rows,
        np.repeat(labels, tried, axis=0),
        (known[:, None, :] * strengths[:, None]).reshape(-1, count),
        np.repeat(penalties, tried, axis=0),
    ).reshape(groups, tried, -1)
    folds = _Folds(rows, labels, held_out, penalties, strengths)
    parts, settled = folds.refined(*folds.stepped(whole))
    return CrossValidation(whole, folds.finished(parts, settled))


class _Folds:
    """The fits that leave a fold out; arrays are by group, fold, strength and row."""

    def __init__(
        self,
        rows: FloatArray,
        labels: FloatArray,
        held_out: NDArray[np.int64],
        penalties: FloatArray,
        strengths: FloatArray,
    ) -> None:
        self._rows, self._labels, self._penalties = rows, labels, penalties
        self._held_out = held_out
        self._count = int(held_out.max()) + 1
        design = np.column_stack([rows, np.ones(len(rows))])
        self._half = 0.5 * design
        self._ridge = np.column_stack([penalties, np.zeros(len(penalties))])[:, None, None, :]
        self._strengths = strengths[:, None]
        self._known = (held_out >= 0).astype(np.float64)
        self._signs = self._known * (2.0 * labels - 1.0)
        self._masks = np.stack([self._known * (held_out != fold) for fold in range(self._count)], axis=1)

    def stepped(self, whole: FloatArray) -> tuple[FloatArray, FloatArray]:
        """One Newton step from the fit on all rows; also the inverse Hessians that it used."""
        size = self._half.shape[1]
        upper = np.triu_indices(size)
        products = self._half[:, upper[0]] * self._half[:, upper[1]]
        tangents = np.tanh(whole @ self._half.T)
        known = self._known[:, None, :]
        residuals = known * tangents - self._signs[:, None, :]
        curvatures = known - known * tangents**2
        shape = (len(whole), self._count, whole.shape[1])
        gradients, packed = np.empty((*shape, size)), np.empty((*shape, len(upper[0])))
        gradients[:] = (residuals @ self._half)[:, None]
        packed[:] = (curvatures @ products)[:, None]
        for group, fold in np.ndindex(*shape[:2]):
            out = np.flatnonzero(self._held_out[group] == fold)
            gradients[group, fold] -= residuals[group][:, out] @ self._half[out]
            packed[group, fold] -= curvatures[group][:, out] @ products[out]
        gradients = self._strengths * gradients + self._ridge * whole[:, None]
        hessians = np.empty((*shape, size, size))
        hessians[..., upper[0], upper[1]] = hessians[..., upper[1], upper[0]] = self._strengths * packed
        diagonal = np.arange(size)
        hessians[..., diagonal, diagonal] += self._ridge
        # An intercept without curvature, where all rows are certain, must not stop the rest.
        hessians[..., -1, -1] += 1e-12 * len(self._rows) * self._strengths[:, 0]
        inverses = np.asarray(np.linalg.inv(hessians), dtype=np.float64)
        return whole[:, None] - _times(inverses, gradients), inverses

    def refined(self, coefficients: FloatArray, inverses: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
        """One more step, and which fits it brings to their minimum."""
        tangents = coefficients @ self._half.T
        np.tanh(tangents, out=tangents)
        tangents *= self._masks[:, :, None, :]
        pull = (self._masks * self._signs[:, None, :]) @ self._half
        gradients = self._strengths * (tangents @ self._half - pull[:, :, None, :])
        gradients += self._ridge * coefficients
        directions = -_times(inverses, gradients)
        decrements = -(directions * gradients).sum(axis=-1)
        # A lower bound of the objective, as in the solver.
        agreement = (tangents @ self._signs[:, None, :, None])[..., 0]
        rows = self._masks.sum(axis=-1)[:, :, None]
        least = 0.5 * self._strengths[:, 0] * (rows - agreement)
        least += 0.5 * (self._ridge * coefficients**2).sum(axis=-1)
        return coefficients + directions, decrements <= 2 * _TOLERANCE * least

    def finished(self, coefficients: FloatArray, settled: NDArray[np.bool_]) -> FloatArray:
        """The coefficients, with those that are not settled solved anew."""
        balance = np.abs((self._masks * self._signs[:, None, :]).sum(axis=-1))
        settled = settled & (balance < self._masks.sum(axis=-1))[:, :, None]
        group, fold, strength = np.nonzero(~settled)
        if len(group):
            coefficients[group, fold, strength] = fit(
                self._rows,
                self._labels[group],
                self._masks[group, fold] * self._strengths[strength],
                self._penalties[group],
            )
        return coefficients


def _times(matrices: FloatArray, vectors: FloatArray) -> FloatArray:
    return np.asarray((matrices @ vectors[..., None])[..., 0])
