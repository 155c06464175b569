"""Folds are scikit-learn's; blocks walk forward behind an embargo."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from foliolens.prediction.folds import stratified_folds, walk_forward_blocks


@settings(deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([0, 1]), min_size=16, max_size=120))
def test_stratified_folds_are_those_of_scikit_learn(drawn: list[int]) -> None:
    labels = np.array([0] * 8 + [1] * 8 + drawn)
    np.random.default_rng(len(drawn)).shuffle(labels)

    ours = stratified_folds(labels, 8)

    splits = StratifiedKFold(8).split(np.zeros(len(labels)), labels)
    for fold, (_, test) in enumerate(splits):
        assert np.flatnonzero(ours == fold).tolist() == test.tolist()


@settings(deadline=None, derandomize=True)
@given(
    labelled=st.integers(1, 400),
    horizon=st.sampled_from([1, 10, 20]),
    least=st.integers(5, 40),
    most=st.integers(1, 12),
)
def test_no_model_learns_a_label_that_was_unknown_when_its_block_began(
    labelled: int, horizon: int, least: int, most: int
) -> None:
    blocks = walk_forward_blocks(labelled, horizon, least=least, most=most)

    for block in blocks:
        newest_learned = block.train_end - 1
        assert newest_learned + horizon <= block.start
        assert block.train_end >= least
    covered = [day for block in blocks for day in range(block.start, block.end)]
    assert covered == list(range(least - 1 + horizon, labelled))
    assert len(blocks) <= most


@pytest.mark.parametrize("labelled", [0, 35])
def test_too_few_days_give_no_block(labelled: int) -> None:
    assert walk_forward_blocks(labelled, 20, least=16, most=8) == ()
