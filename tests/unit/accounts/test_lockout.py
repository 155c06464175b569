"""The pause after repeated failures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foliolens.adapters.lockout import (
    FREE_FAILURES,
    LONGEST_LOCK,
    failures_after,
    lock_after,
)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 900)]
)
def test_the_pause_doubles_from_half_a_minute(failures: int, seconds: int) -> None:
    assert lock_after(failures) == timedelta(seconds=seconds)


@given(st.integers(min_value=FREE_FAILURES, max_value=10**9))
def test_the_pause_never_shrinks_and_never_exceeds_its_limit(failures: int) -> None:
    assert timedelta(0) < lock_after(failures) <= lock_after(failures + 1) <= LONGEST_LOCK


def test_failures_add_up() -> None:
    assert failures_after(4, timedelta(hours=23)) == 5


@pytest.mark.parametrize("since_last", [None, timedelta(hours=24)])
def test_failures_of_long_ago_do_not_count(since_last: timedelta | None) -> None:
    assert failures_after(4, since_last) == 1
