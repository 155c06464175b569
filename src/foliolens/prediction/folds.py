"""How rows are split for validation: stratified folds as the original has them, and blocks walked forward."""

from itertools import pairwise

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

__all__ = ["Block", "stratified_folds", "walk_forward_blocks"]


def stratified_folds(labels: NDArray[np.int64], folds: int) -> NDArray[np.int64]:
    """The fold in which each row is held out, exactly as scikit-learn's `StratifiedKFold` without shuffling.

    Classes count in the order in which they appear. The rows sorted by class are dealt round robin to the
    folds, which fixes how many rows of each class a fold holds; each class then fills the folds in order.

    Args:
        labels: 0 or 1 by row, both present.
        folds: How many folds.

    Returns:
        A number from 0 to folds - 1 by row.
    """
    first = labels[0]
    result = np.empty(len(labels), dtype=np.int64)
    dealt = 0
    for kind in (first, 1 - first):
        rows = np.flatnonzero(labels == kind)
        counts = np.bincount(np.arange(dealt, dealt + len(rows)) % folds, minlength=folds)
        result[rows] = np.repeat(np.arange(folds), counts)
        dealt += len(rows)
    return result


class Block(Struct, frozen=True):
    """Consecutive days that are predicted by one model.

    Attributes:
        train_end: The model learns from days 0 to train_end - 1, all of whose labels were known by `start`.
        start: First day predicted.
        end: One past the last day predicted.
    """

    train_end: int
    start: int
    end: int


def walk_forward_blocks(labelled: int, horizon: int, *, least: int, most: int) -> tuple[Block, ...]:
    """Cut the days into blocks, each predicted from the days before it.

    The embargo: the label of day t is known once day t + horizon has closed, so a model that predicts from
    day s on learns from days up to s - horizon and no later one.

    Args:
        labelled: Days with a known label, oldest first.
        horizon: Days until a label is known.
        least: Days the first model learns from.
        most: Number of blocks at most.

    Returns:
        The blocks in order, of nearly equal length; none where the days do not suffice.
    """
    first = least - 1 + horizon
    days = labelled - first
    if days <= 0:
        return ()
    count = min(most, days)
    edges = [first + days * number // count for number in range(count + 1)]
    return tuple(Block(train_end=start - horizon + 1, start=start, end=end) for start, end in pairwise(edges))
