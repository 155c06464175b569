"""Which parts of a process can be used, and what is said of those that cannot."""

from __future__ import annotations

import pytest

from foliolens.errors import NotReady, ServiceUnavailable
from foliolens.kit.readiness import check_all, check_workers


def down() -> str:
    raise ServiceUnavailable("The database did not answer.")


def test_every_part_tells_its_state() -> None:
    checks = {"database": lambda: "ready", "models": lambda: "idle"}

    assert check_all(checks) == {"database": "ready", "models": "idle"}


def test_whoever_asks_is_told_of_every_part_that_fails() -> None:
    with pytest.raises(NotReady) as refused:
        check_all({"database": down, "models": lambda: "ready", "queue": down})

    assert refused.value.status == 503
    assert refused.value.message == "Not ready: database, queue."
    assert refused.value.details == [
        {"field": name, "code": "NOT_READY", "message": "The database did not answer."}
        for name in ("database", "queue")
    ]


def test_a_worker_may_be_silent_while_it_works_on_a_job() -> None:
    leases = {"uploads": 30.0, "prices": 300.0}

    assert check_workers({"uploads": 55.0, "prices": 320.0}.get, leases) == "ready"


@pytest.mark.parametrize("silence", [None, 61.0])
def test_a_queue_without_a_worker_or_with_one_that_hangs_is_named(silence: float | None) -> None:
    leases = {"uploads": 30.0, "prices": 300.0}

    with pytest.raises(ServiceUnavailable, match="Nobody works on the queue of uploads"):
        check_workers({"uploads": silence, "prices": 1.0}.get, leases)
