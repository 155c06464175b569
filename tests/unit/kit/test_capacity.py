"""Costly work is bounded: some runs, a few wait, the rest are told to come back."""

from __future__ import annotations

import threading

import pytest

from foliolens.errors import ServiceUnavailable
from foliolens.kit.capacity import Capacity


def test_a_slot_is_free_again_after_the_work() -> None:
    capacity = Capacity("fits", concurrent=1, waiting=0, patience=0.01)

    with pytest.raises(ZeroDivisionError), capacity.slot():
        raise ZeroDivisionError

    with capacity.slot():
        pass


def test_one_more_than_may_wait_is_refused_at_once() -> None:
    capacity = Capacity("fits", concurrent=1, waiting=0, patience=3600)

    with capacity.slot(), pytest.raises(ServiceUnavailable) as refused, capacity.slot():
        pass

    assert refused.value.message.startswith("Too many fits")
    assert refused.value.headers == {"Retry-After": "3600"}


def test_who_waits_longer_than_patience_is_refused() -> None:
    capacity = Capacity("fits", concurrent=1, waiting=1, patience=0.01)

    with capacity.slot(), pytest.raises(ServiceUnavailable), capacity.slot():
        pass


def test_who_waits_gets_the_slot_that_becomes_free() -> None:
    capacity = Capacity("fits", concurrent=1, waiting=1, patience=60)
    working = threading.Event()

    def work() -> None:
        with capacity.slot():
            working.set()

    with capacity.slot():
        waiter = threading.Thread(target=work)
        waiter.start()
        assert not working.is_set()
    waiter.join(timeout=60)

    assert working.is_set()
