"""The least volatile long-only portfolio: minimise wᵀΣw with Σw = 1 and 0 ≤ w ≤ most.

H. Markowitz, "Portfolio Selection", Journal of Finance 7 (1952). Solved by a primal active-set method
(J. Nocedal, S. Wright, "Numerical Optimization", 2nd ed., algorithm 16.3), which ends at the exact optimum
after finitely many steps. What is returned was checked: the duality gap bounds how much lower the variance
could be (M. Jaggi, "Revisiting Frank-Wolfe", ICML 2013), whatever way the solver took.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64]

__all__ = ["GAP", "NotConverged", "duality_gap", "minimum_variance"]

GAP: Final = 1e-8
"""Largest duality gap of an answer, as a part of the mean variance."""

_RIDGE = 1e-9
_SINGULAR = 1e-8
_VIOLATION = 1e-13


class NotConverged(Exception):
    """No portfolio with the wanted property was found; the message says what is known."""


def minimum_variance(covariance: "Matrix", most: float = 1.0) -> "Vector":
    """Return the weights of least variance.

    Where holdings move so alike that many portfolios have it, the one that spreads its weights most evenly
    among them (by a ridge of 1e-9 of the mean variance) is returned.

    Args:
        covariance: Symmetric, positive semidefinite, with a positive diagonal; shape (n, n).
        most: Largest weight of one holding; n times it is at least 1.

    Returns:
        Weights that sum to 1, shape (n,); those at a bound are exactly there.

    Raises:
        NotConverged: The answer failed its check.
    """
    import numpy as np  # noqa: PLC0415 - costs a cold start 0.1 s

    count = len(covariance)
    scaled = covariance / np.mean(np.diag(covariance))
    if np.linalg.eigvalsh(scaled)[0] < _SINGULAR:
        solved = _ActiveSet(scaled + _RIDGE * np.eye(count), most).solve(limit=20 * count + 100)
    else:
        solved = _ActiveSet(scaled, most).solve(limit=20 * count + 100)
    weights: Vector = solved / solved.sum()
    gap = duality_gap(scaled, weights, most)
    if not gap <= GAP:
        raise NotConverged(f"The least variance was not found (a gap of {gap:.1e} remains).")
    return weights


def duality_gap(covariance: "Matrix", weights: "Vector", most: float = 1.0) -> float:
    """Return a bound on how much ½wᵀΣw exceeds its minimum: wᵀg − min vᵀg over all v, with g = Σw."""
    import numpy as np  # noqa: PLC0415

    gradient = covariance @ weights
    room, best = 1.0, 0.0
    for slope in np.sort(gradient):
        part = min(most, room)
        best += part * float(slope)
        room -= part
        if room <= 0:
            break
    return float(weights @ gradient) - best


class _ActiveSet:
    """Moves from one set of weights at a bound to the next, with less variance each time."""

    def __init__(self, covariance: "Matrix", most: float) -> None:
        import numpy as np  # noqa: PLC0415

        self._np = np
        self._covariance = covariance
        self._most = min(most, 1.0)
        self._weights = np.zeros(len(covariance))
        self._free = np.zeros(len(covariance), dtype=bool)
        if not self._start_inside():
            self._start_at_bounds()

    def _start_inside(self) -> bool:
        """Start with the optimum without bounds, then put what is outside to its bound, until nothing is.

        Not the optimum yet, but near it, and for hundreds of holdings much sooner than one by one.
        """
        np = self._np
        self._weights[:] = 0.0
        self._free[:] = True
        while self._free.any():
            free = self._free.nonzero()[0]
            room = 1.0 - self._weights[~self._free].sum()
            solved = self._optimum(free, room)
            inside = (solved > 0) & (solved < self._most)
            if room <= 0:
                return False
            if inside.all():
                self._weights[free] = solved
                return True
            outside = free[~inside]
            self._weights[outside] = np.where(solved[~inside] > 0, self._most, 0.0)
            self._free[outside] = False
        return False

    def _start_at_bounds(self) -> None:
        """Start with as much as possible of what fluctuates least."""
        np, room = self._np, 1.0
        self._weights[:] = 0.0
        self._free[:] = False
        for index in np.argsort(np.diag(self._covariance), kind="stable"):
            part = min(self._most, room)
            self._weights[index] = part
            room -= part
            if room <= 0 or part < self._most:
                self._free[index] = True
                break

    def _optimum(self, free: "NDArray[np.intp]", room: float) -> "Vector":
        """Return the weights of the free holdings that are best without bounds and sum to `room`."""
        np = self._np
        fixed = (~self._free).nonzero()[0]
        inner = self._covariance[np.ix_(free, free)]
        outer = self._covariance[np.ix_(free, fixed)] @ self._weights[fixed]
        solved = np.linalg.solve(inner, np.column_stack((outer, np.ones(len(free)))))
        slope = (room + solved[:, 0].sum()) / solved[:, 1].sum()
        optimum: Vector = slope * solved[:, 1] - solved[:, 0]
        return optimum

    def solve(self, limit: int) -> "Vector":
        """Return the optimum.

        Raises:
            NotConverged: It was not reached within `limit` moves.
        """
        for _ in range(limit):
            if not self._move() and not self._release():
                return self._weights
        raise NotConverged(f"The least variance was not found in {limit} steps.")

    def _move(self) -> bool:
        """Go towards the optimum of the free weights; True if a bound stopped it."""
        np, free = self._np, self._free.nonzero()[0]
        if not len(free):
            return False
        step = self._optimum(free, self._weights[free].sum()) - self._weights[free]
        ahead = np.where(step > 0, self._most - self._weights[free], -self._weights[free])
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(step == 0, np.inf, ahead / step)
        stop = int(np.argmin(reach))
        length = min(1.0, float(reach[stop]))
        self._weights[free] += length * step
        if length < 1.0:
            blocked = free[stop]
            self._weights[blocked] = self._most if step[stop] > 0 else 0.0
            self._free[blocked] = False
            return True
        return False

    def _release(self) -> bool:
        """Free the weight at a bound that would lower the variance most; False at the optimum."""
        np = self._np
        gradient = self._covariance @ self._weights
        low = ~self._free & (self._weights <= 0)
        high = ~self._free & (self._weights > 0)
        if self._free.any():
            level = float(gradient[self._free].mean())
            gain = np.where(low, level - gradient, np.where(high, gradient - level, -np.inf))
            best = int(np.argmax(gain))
            if gain[best] <= _VIOLATION:
                return False
            self._free[best] = True
            return True
        if not low.any():
            return False
        up = int(np.argmin(np.where(low, gradient, np.inf)))
        down = int(np.argmax(np.where(high, gradient, -np.inf)))
        if gradient[down] - gradient[up] <= _VIOLATION:
            return False
        self._free[[up, down]] = True
        return True
