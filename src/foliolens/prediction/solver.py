"""L2-penalised logistic regression for many problems at once, in numpy alone.

A problem minimises, over the weights w and a free intercept c,

    ½ Σⱼ λⱼ wⱼ²  +  Σᵢ vᵢ log(1 + exp(-sᵢ (xᵢ·w + c))),   s = +1 for label 1, -1 for label 0

which is scikit-learn's objective ½‖w‖² + C Σ log-loss, divided by C, where v = 1 and λ = 1 / C. Problems come
in a grid: sets of rows, of each some samples (weights of its rows), each with some penalties. So what depends
on the rows or the sample only is computed once, and a Newton step is a few matrix products over the grid.

With t = tanh(margin / 2) the probability is (1 + t) / 2, the gradient Σ v (t - s) x / 2 and the curvature
v (1 - t²) / 4: one function, which cannot overflow, and no logarithm.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["CERTAIN", "FloatArray", "Rows", "fit", "objective", "probabilities"]

FloatArray = NDArray[np.float64]

CERTAIN = 30.0
"""The intercept (log-odds) given to a problem whose rows have one class only, which has no minimum."""

# When a problem is done: shares of its objective.
_NEAR = 1e-4
_TOLERANCE = 1e-8
_NOISE = 1e-14
_TINY = 1e-300
# The search for the length of a step.
_MOST_STEPS = 200
_MOST_HALVINGS = 40
_SUFFICIENT = 1e-4
_ROUNDING = 1e-12
_FALLING = 0.3
_LEFT = 0.1
_FARTHEST = 4.0
# What costs less time; measured.
_WORTH_LEAVING = 0.6
_WORTH_STRETCHING = 0.05
_ENTRIES_AT_ONCE = 16_384


class Rows:
    """Sets of rows, made ready to be fitted to more than once.

    Args:
        rows: Features, shape (sets, n, d); finite, of moderate size.

    Attributes:
        half: Half of the rows with a last column of ones, shape (sets, n, d + 1).
        transposed: The same, shape (sets, d + 1, n).
        products: Of each two columns of `half`, shape (sets, n, (d + 1)(d + 2) / 2).
        square: Which of them is at each place of a matrix, row by row.
    """

    def __init__(self, rows: FloatArray) -> None:
        sets, count, features = rows.shape
        size = features + 1
        self.half = np.full((sets, count, size), 0.5)
        np.multiply(rows, 0.5, out=self.half[:, :, :-1])
        self.transposed = np.ascontiguousarray(self.half.swapaxes(1, 2))
        first, second = np.triu_indices(size)
        # Where in the products, of each two columns once, the entries of a whole matrix are.
        self.square = np.zeros((size, size), dtype=np.intp)
        self.square[first, second] = self.square[second, first] = np.arange(len(first))
        self.square = self.square.ravel()
        self.products = np.empty((sets, count, len(first)))
        start = 0
        for column in range(size):
            end = start + size - column
            left, right = self.half[:, :, column : column + 1], self.half[:, :, column:]
            np.multiply(left, right, out=self.products[:, :, start:end])
            start = end


def fit(
    rows: Rows,
    weights: FloatArray,
    balances: FloatArray,
    penalties: FloatArray,
    *,
    pulls: FloatArray | None = None,
    start: FloatArray | None = None,
) -> FloatArray:
    """Solve a grid of problems by a damped Newton method.

    Args:
        rows: What is learned from.
        weights: v, not negative, shape (sets, samples, n); 0 leaves a row out.
        balances: v s, the weight of label 1 less that of label 0, in the shape of weights; between -v and v
            where a row stands for several.
        penalties: λ, above 0; broadcast to shape (sets, samples, strengths, d).
        pulls: Σ v s x, shape (sets, samples, d), where it is not that of `balances` and `rows`, since a row
            stands for several that are not quite equal.
        start: Coefficients near the minimum, broadcast to the shape of the result.

    Returns:
        Shape (sets, samples, strengths, d + 1): the weights, then the intercept. Each problem ends with a
        Newton step from where the one before it shows that the next leaves less than 1e-8 of the objective.
    """
    total, balance = weights.sum(axis=2), balances.sum(axis=2)
    single: NDArray[np.bool_] = np.greater_equal(np.abs(balance), total)
    if single.any():
        # What has no minimum is replaced by what is at its minimum, and by its result afterwards.
        balances = np.where(single[:, :, None], 0.0, balances)
        pulls = None if pulls is None else np.where(single[:, :, None], 0.0, pulls)
    grid = _Grid(rows, weights, balances, penalties, pulls, start)
    shape = grid.coefficients.shape
    result = np.empty((shape[0], shape[1] * shape[2], shape[3]))
    for _ in range(_MOST_STEPS):
        if grid.finish(result):
            break
        grid.step()
    grid.write(result)
    result = result.reshape(shape)
    if single.any():
        result[single] = 0.0
        result[single, :, -1] = np.copysign(CERTAIN, balance[single])[:, None]
    return result


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


class _Grid:
    """The problems that are still open, and the point each has reached; arguments as in `fit`.

    Once some have converged, each of the others is a sample of its own with one penalty.
    """

    def __init__(
        self,
        rows: Rows,
        weights: FloatArray,
        balances: FloatArray,
        penalties: FloatArray,
        pulls: FloatArray | None,
        start: FloatArray | None,
    ) -> None:
        sets, samples, count = weights.shape
        strengths = penalties.shape[-2]
        self._rows = rows
        # The place in the result, by set and problem.
        self._place = np.broadcast_to(np.arange(samples * strengths), (sets, samples * strengths))
        self._weights = weights[:, :, None, :]
        self._balances = balances[..., None]
        self._ridge = np.zeros((sets, samples, strengths, rows.half.shape[2]))
        self._ridge[..., :-1] = penalties
        self._total = weights.sum(axis=2)[:, :, None]
        pull = balances @ rows.half
        if pulls is not None:
            pull[:, :, :-1] = 0.5 * pulls
        self._pull = pull[:, :, None, :]
        self._widest = (weights @ rows.products)[:, :, None, :]
        # One past the last row that counts, by sample.
        counts: NDArray[np.bool_] = np.any(weights > 0, axis=0)
        self._ends = count - counts[:, ::-1].argmax(axis=1)
        self._portions = self._divide()
        self.coefficients: FloatArray = np.zeros(self._ridge.shape)
        if start is None:
            # With weights 0 and the intercept for them all rows have the same tangent.
            level = (balances.sum(axis=2)[:, :, None] / self._total)[..., None]
            self.coefficients[..., -1:] = 2 * np.arctanh(level)
            gradient = level * (weights @ rows.half)[:, :, None, :] - self._pull
            self._gradient = np.broadcast_to(gradient, self._ridge.shape)
            curvature = self._widest * (1 - level**2)
            self._curvature = np.broadcast_to(curvature, (*self._ridge.shape[:-1], curvature.shape[-1]))
            self._agreement = (level**2)[..., 0] * self._total
        else:
            self.coefficients[:] = start
            self._look()
        self._aim()
        self._expected = self._decrement

    def write(self, result: FloatArray) -> None:
        """Write down where one more whole step leads."""
        ends = self.coefficients + self._direction
        result[np.arange(len(ends))[:, None], self._place] = ends.reshape(len(ends), -1, ends.shape[-1])

    def converged(self) -> NDArray[np.bool_]:
        """Which problems are so near their minimum that one more step ends there.

        Convergence is quadratic near the minimum: what the last step did tells what the next will do.
        """
        # log(1 + exp(-m)) is at least 1 - p: a lower bound of the objective without a logarithm.
        least = np.vecdot(self._ridge * self.coefficients, self.coefficients)
        least += self._total - self._agreement
        done = (self._decrement <= _NEAR * least) & (self._expected <= _TOLERANCE * least)
        return np.asarray(done | (self._decrement <= _NOISE * self._total))

    def finish(self, result: FloatArray) -> bool:
        """Whether everything has converged; writes down what has, and goes on with the others.

        Args:
            result: By set and problem.
        """
        open_ = ~self.converged()
        sets, samples, strengths = open_.shape
        left = int(np.count_nonzero(open_, axis=(1, 2)).max())
        # To leave a few finished problems in costs less than to copy the others.
        if not left:
            return True
        if left > _WORTH_LEAVING * samples * strengths:
            return False
        self.write(result)
        # A set with fewer open problems than others takes finished ones with it.
        each = np.arange(sets)[:, None]
        kept = np.argsort(~open_.reshape(sets, -1), axis=1, kind="stable")[:, :left]
        self._place = self._place[each, kept]
        self._ends = self._ends[kept // strengths].max(axis=0)
        kept += each * samples * strengths
        for name in ("_weights", "_balances", "_total", "_pull", "_widest"):
            self._take(name, 2, kept // strengths)
        for name in ("coefficients", "_ridge", "_direction", "_decrement"):
            self._take(name, 3, kept)
        self._portions = self._divide()
        return False

    def _take(self, name: str, axes: int, which: NDArray[np.intp]) -> None:
        """Keep some entries of an array, counted along its first axes together."""
        values = getattr(self, name)
        kept = values.reshape(-1, *values.shape[axes:]).take(which, axis=0)
        setattr(self, name, kept if axes == 2 else kept[:, :, None])

    def step(self) -> None:
        """Take a Newton step in every problem, longer or shorter where that descends more."""
        before, direction, decrement = self.coefficients, self._direction, self._decrement
        self.coefficients = before + direction
        self._look()
        slope = np.vecdot(self._gradient, direction)
        falling = slope < -_FALLING * decrement
        if np.count_nonzero(falling) > _WORTH_STRETCHING * falling.size:
            # Rows that can be separated cost exp(-margin): a whole step then adds 1 to the margin only, and
            # what is left of the slope tells how far the way is.
            left = np.minimum(slope[falling] / -decrement[falling], 0.9)
            direction = direction.copy()
            direction[falling] *= np.minimum(np.log(_LEFT) / np.log(left), _FARTHEST)[:, None]
            self.coefficients = before + direction
            self._look()
            slope = np.vecdot(self._gradient, direction)
        self._aim()
        # Where the objective still falls at the end of the step it fell all along, as it is convex; else it
        # is enough to be nearer to the minimum.
        suspicious = (slope > 0) & (self._decrement > 0.5 * decrement + _NOISE * self._total)
        if suspicious.any() and self._damped(before, direction, decrement, suspicious.nonzero()):
            self._look()
            self._aim()
        share = np.minimum(self._decrement / np.maximum(decrement, _TINY), 1.0)
        self._expected = self._decrement * share**2

    def _divide(self) -> list[tuple[slice, int]]:
        """Samples looked at together, so that what is kept by row stays in the cache; and where they end."""
        together = max(1, _ENTRIES_AT_ONCE // (self._ridge[:, 0, :, 0].size * self._weights.shape[-1]))
        starts = range(0, len(self._ends), together)
        return [
            (slice(first, first + together), int(self._ends[first : first + together].max()))
            for first in starts
        ]

    def _look(self) -> None:
        """The gradient, the Hessian of the loss (its upper triangle) and Σ v s t at the present point."""
        sets, _, strengths, size = shape = self.coefficients.shape
        self._gradient = self._ridge * self.coefficients - self._pull
        self._curvature = np.empty((*shape[:-1], self._widest.shape[-1]))
        self._agreement = np.empty(shape[:-1])
        for some, end in self._portions:
            flat = self.coefficients[:, some].reshape(sets, -1, size) @ self._rows.transposed[:, :, :end]
            np.tanh(flat, out=flat)
            tangents = flat.reshape(sets, -1, strengths, end)
            self._agreement[:, some] = (tangents @ self._balances[:, some, :end])[..., 0]
            weighted = self._weights[:, some, :, :end] * tangents
            found = weighted.reshape(flat.shape) @ self._rows.half[:, :end]
            self._gradient[:, some] += found.reshape(sets, -1, strengths, size)
            tangents *= weighted
            found = flat @ self._rows.products[:, :end]
            found = found.reshape(sets, -1, strengths, found.shape[-1])
            np.subtract(self._widest[:, some], found, out=self._curvature[:, some])

    def _aim(self) -> None:
        """The Newton direction and the squared decrement."""
        shape = self._gradient.shape
        hessian = self._curvature.take(self._rows.square, axis=-1)
        diagonal = hessian[..., :: shape[-1] + 1]
        diagonal += self._ridge
        # An intercept without curvature, where all rows are certain, must not stop the rest.
        diagonal[..., -1] += 1e-12 * self._total
        hessian = hessian.reshape(*shape, shape[-1])
        self._direction = np.linalg.solve(hessian, -self._gradient[..., None])[..., 0]
        self._decrement = -np.vecdot(self._direction, self._gradient)

    def _damped(
        self,
        before: FloatArray,
        direction: FloatArray,
        decrement: FloatArray,
        suspects: tuple[NDArray[np.intp], ...],
    ) -> bool:
        """Move back where the objective did not go down enough; whether that happened at all."""
        origin, direction, decrement = before[suspects], direction[suspects], decrement[suspects]
        was = self._value(origin, suspects)
        scale = 1.0
        for _ in range(_MOST_HALVINGS):
            gained = was - self._value(origin + scale * direction, suspects)
            failed = gained < _SUFFICIENT * scale * decrement - _ROUNDING * np.abs(was)
            if not failed.any():
                break
            suspects = tuple(axis[failed] for axis in suspects)
            origin, direction, decrement = origin[failed], direction[failed], decrement[failed]
            was = was[failed]
            scale *= 0.5
            self.coefficients[suspects] = origin + scale * direction
        return scale < 1.0

    def _value(self, coefficients: FloatArray, which: tuple[NDArray[np.intp], ...]) -> FloatArray:
        """The objective of some of the problems: Σ v log(2 cosh(m / 2)) - Σ v s m / 2 and the penalty."""
        rows, sample, _ = which
        halves = np.einsum("bd,bdn->bn", coefficients, self._rows.transposed[rows])
        losses = np.vecdot(self._weights[rows, sample, 0], np.logaddexp(halves, -halves))
        losses -= np.vecdot(self._pull[rows, sample, 0], coefficients)
        return np.asarray(losses + 0.5 * np.vecdot(self._ridge[which] * coefficients, coefficients))
