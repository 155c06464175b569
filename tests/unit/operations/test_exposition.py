"""Prometheus' page while the database does not answer."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest

from foliolens.errors import ServiceUnavailable
from foliolens.operations.service import OperationsService
from foliolens.ports.clock import SystemClock
from foliolens.ports.job_queue import Depth, JobQueue
from foliolens.ports.metrics import ServerMetrics


class Queue:
    """A queue of which only the depth is asked."""

    def __init__(self, depth: Depth | None) -> None:
        self._depth = depth
        self.asked = 0

    def depth(self) -> Depth:
        self.asked += 1
        if self._depth is None:
            raise ServiceUnavailable("The database did not answer.")
        return self._depth


class Told:
    """Metrics that keep what they are told of queues."""

    def __init__(self) -> None:
        self.depths: dict[str, Depth | None] = {}

    def queued(self, queue: str, depth: Depth | None) -> None:
        self.depths[queue] = depth

    def text(self) -> bytes:
        return b"page"


@pytest.fixture
def told() -> Told:
    return Told()


def exposition(told: Told, **queues: Queue) -> bytes:
    asked = cast("dict[str, JobQueue]", queues)
    return OperationsService(cast("ServerMetrics", told), asked, SystemClock()).exposition()


def test_depths_are_those_of_now(told: Told) -> None:
    some, none = Depth(3, timedelta(seconds=4)), Depth(0, None)

    assert exposition(told, uploads=Queue(some), news=Queue(none)) == b"page"
    assert told.depths == {"uploads": some, "news": none}


def test_unknown_depths_are_said_to_be_so_and_the_database_is_asked_once(told: Told) -> None:
    down = Queue(None)

    assert exposition(told, uploads=down, prices=down, news=down) == b"page"
    assert told.depths == {"uploads": None, "prices": None, "news": None}
    assert down.asked == 1
