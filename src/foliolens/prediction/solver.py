"""L2-penalised logistic regression for many problems at once, in numpy alone.

Each problem b minimises, over the weights w and a free intercept c,

    ½ Σⱼ λ_bj wⱼ²  +  Σᵢ v_bi log(1 + exp(-s_bi (xᵢ·w + c))),   s = +1 for label 1, -1 for label 0

which is scikit-learn's objective ½‖w‖² + C Σ log-loss where λ = 1 and v is C for the rows of the problem and
0 for all others. The rows x are shared by all problems: folds, penalties and horizons differ in v, λ and
labels only, so each Newton step is a few matrix products over the whole batch.

With t = tanh(margin / 2) the probability is (1 + t) / 2, the gradient Σ v (t - s) x / 2 and the curvature
v (1 - t²) / 4: one cheap function, which cannot overflow, and no logarithm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CERTAIN", "FloatArray", "fit", "objective", "probabilities"]

FloatArray = NDArray[np.float64]

CERTAIN = 30.0
"""The intercept (log-odds) given to a problem whose rows have one class only, which has no minimum."""

_TOLERANCE = 1e-6
_MOST_STEPS = 200
_MOST_HALVINGS = 40
_SUFFICIENT = 1e-4
_ROUNDING = 1e-12
_NOISE = 1e-14
_WORTH_LEAVING = 0.25


def fit(rows: FloatArray, labels: FloatArray, weights: FloatArray, penalties: FloatArray) -> FloatArray:
    """Solve all problems by a damped Newton method.

    Args:
        rows: Features, shape (n, d), shared by all problems; finite, of moderate size.
        labels: 0 or 1, shape (problems, n).
        weights: v, not negative, shape (problems, n); 0 leaves a row out.
        penalties: λ, above 0, shape (problems, d).

    Returns:
        Shape (problems, d + 1): the weights, then the intercept. Each problem ends with a Newton step from
        where half the squared Newton decrement is below 1e-6 of the objective; convergence being quadratic
        there, the objective is then within about 1e-10 of its minimum.
    """
    design = np.column_stack([rows, np.ones(len(rows))])
    ridge = np.column_stack([penalties, np.zeros(len(penalties))])
    signed = weights * (2.0 * labels - 1.0)
    total, balance = weights.sum(axis=1), signed.sum(axis=1)
    mixed = np.abs(balance) < total
    coefficients = np.zeros_like(ridge)
    coefficients[:, -1] = np.where(mixed, 0.0, np.copysign(CERTAIN, balance))
    batch = _Batch(design, np.flatnonzero(mixed), weights[mixed], signed[mixed], ridge[mixed])
    for _ in range(_MOST_STEPS):
        done = batch.converged()
        # To leave a few finished problems in costs less than to copy all others.
        if done.sum() >= _WORTH_LEAVING * len(done):
            coefficients[batch.index[done]] = batch.ends[done]
            batch.keep(~done)
        if not len(batch.index):
            return coefficients
        batch.step()
    coefficients[batch.index] = batch.ends
    return coefficients


def probabilities(rows: FloatArray, coefficients: FloatArray) -> FloatArray:
    """The probability of label 1 by problem and row, shape (problems, n)."""
    margins = coefficients[:, :-1] @ rows.T + coefficients[:, -1:]
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * margins))


def objective(
    rows: FloatArray, labels: FloatArray, weights: FloatArray, penalties: FloatArray, coefficients: FloatArray
) -> FloatArray:
    """The value that each problem minimises, shape (problems,); arguments as in `fit`."""
    margins = coefficients[:, :-1] @ rows.T + coefficients[:, -1:]
    losses = np.logaddexp(0.0, margins) - labels * margins
    penalty = 0.5 * (penalties * coefficients[:, :-1] ** 2).sum(axis=1)
    return np.asarray(penalty + (weights * losses).sum(axis=1))


@dataclass(frozen=True, slots=True)
class _Point:
    """Coefficients of all open problems, with t and v·t by row and the gradient there."""

    coefficients: FloatArray
    tangents: FloatArray
    weighted: FloatArray
    gradient: FloatArray

    def of(self, which: NDArray[np.bool_]) -> "_Point":
        return _Point(
            self.coefficients[which], self.tangents[which], self.weighted[which], self.gradient[which]
        )


class _Batch:
    """The problems that are still open, and the point each has reached.

    Args:
        design: The rows with a last column of ones, shape (n, D).
        index: Which problems they are, for the caller.
        weights: v, shape (problems, n).
        signed: v·s, shape (problems, n).
        ridge: λ with a last column of zeros, shape (problems, D).
    """

    def __init__(
        self,
        design: FloatArray,
        index: NDArray[np.intp],
        weights: FloatArray,
        signed: FloatArray,
        ridge: FloatArray,
    ) -> None:
        size = design.shape[1]
        upper = np.triu_indices(size)
        self._half = 0.5 * design
        self._products = 0.25 * design[:, upper[0]] * design[:, upper[1]]
        self._square = np.zeros((size, size), dtype=np.intp)
        self._square[upper] = np.arange(len(upper[0]))
        self._square = np.maximum(self._square, self._square.T)
        self._diagonal = np.arange(size)
        self.index = index
        self._weights = weights
        self._signed = signed
        self._ridge = ridge
        self._total = weights.sum(axis=1)
        self._pull = signed @ self._half
        self._widest = weights @ self._products
        self._floor = np.zeros_like(ridge)
        self._floor[:, -1] = 1e-12 * self._total
        self.point = self._at(np.zeros_like(ridge))
        self._direction, self._decrement = self._newton()

    @property
    def ends(self) -> FloatArray:
        """Where one more whole step leads."""
        return self.point.coefficients + self._direction

    def converged(self) -> NDArray[np.bool_]:
        """Which problems are so near their minimum that one more step ends there."""
        done = np.asarray(self._decrement <= 2 * _TOLERANCE * self._total)
        # The objective is at most `total`, so only few need the sharper bound.
        near = np.flatnonzero(done)
        if len(near):
            penalty = 0.5 * (self._ridge[near] * self.point.coefficients[near] ** 2).sum(axis=1)
            # log(1 + exp(-m)) is at least 1 - p: a lower bound of the objective without a logarithm.
            agreement = np.einsum("bn,bn->b", self._signed[near], self.point.tangents[near])
            least = penalty + 0.5 * (self._total[near] - agreement)
            done[near] = self._decrement[near] <= 2 * _TOLERANCE * least + _NOISE * self._total[near]
        return done

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Go on with these problems only."""
        self.index = self.index[which]
        self._weights = self._weights[which]
        self._signed = self._signed[which]
        self._ridge = self._ridge[which]
        self._total = self._total[which]
        self._pull = self._pull[which]
        self._widest = self._widest[which]
        self._floor = self._floor[which]
        self.point = self.point.of(which)
        self._direction = self._direction[which]
        self._decrement = self._decrement[which]

    def step(self) -> None:
        """Take a Newton step in every problem, halved where the whole step does not descend enough."""
        self.point = self._damped(self._at(self.ends))
        self._direction, self._decrement = self._newton()

    def _at(self, coefficients: FloatArray) -> _Point:
        tangents = coefficients @ self._half.T
        np.tanh(tangents, out=tangents)
        weighted = self._weights * tangents
        gradient = weighted @ self._half - self._pull + self._ridge * coefficients
        return _Point(coefficients, tangents, weighted, gradient)

    def _newton(self) -> tuple[FloatArray, FloatArray]:
        """The Newton direction and the squared decrement at the present point."""
        point = self.point
        packed = self._widest - (point.weighted * point.tangents) @ self._products
        hessian = packed[:, self._square]
        hessian[:, self._diagonal, self._diagonal] += self._ridge + self._floor
        direction = -np.linalg.solve(hessian, point.gradient[:, :, None])[:, :, 0]
        decrement: FloatArray = -(direction * point.gradient).sum(axis=1)
        return direction.astype(np.float64, copy=False), decrement

    def _damped(self, reached: _Point) -> _Point:
        """The point reached, moved back where the objective did not go down enough."""
        # Where the objective still falls at the end of the step it fell all along, as it is convex;
        # elsewhere its value decides.
        suspects = np.flatnonzero((reached.gradient * self._direction).sum(axis=1) > 0)
        if not len(suspects):
            return reached
        coefficients = reached.coefficients.copy()
        before = self._value(self.point.coefficients[suspects], suspects)
        scale = 1.0
        for _ in range(_MOST_HALVINGS):
            gained = before - self._value(coefficients[suspects], suspects)
            wanted = _SUFFICIENT * scale * self._decrement[suspects] - _ROUNDING * np.abs(before)
            failed = gained < wanted
            if not failed.any():
                break
            suspects, before = suspects[failed], before[failed]
            scale *= 0.5
            coefficients[suspects] = self.point.coefficients[suspects] + scale * self._direction[suspects]
        return reached if scale == 1.0 else self._at(coefficients)

    def _value(self, coefficients: FloatArray, which: NDArray[np.intp]) -> FloatArray:
        """The objective of some of the problems: Σ v (log(2 cosh(m / 2)) - s m / 2) and the penalty."""
        halves = coefficients @ self._half.T
        losses = np.einsum("bn,bn->b", self._weights[which], np.logaddexp(halves, -halves))
        losses -= np.einsum("bn,bn->b", self._signed[which], halves)
        return np.asarray(losses + 0.5 * (self._ridge[which] * coefficients**2).sum(axis=1))
