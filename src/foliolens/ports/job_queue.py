"""The job queue: at-least-once delivery with leases, backoff and dead letters."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from msgspec import Struct

__all__ = ["DeadJob", "Depth", "Job", "JobQueue", "JobSender"]


class Job(Struct, frozen=True):
    """A message taken from the queue.

    Attributes:
        id: The delivery's handle, for acknowledging it.
        kind: What the message is about.
        payload: The message itself, plain JSON data.
        correlation_id: The request that caused it, for the log.
        attempts: Deliveries so far, this one included.
        trace: The span that caused it, as W3C's `traceparent`; None where nobody traces.
    """

    id: str
    kind: str
    payload: Mapping[str, Any]
    correlation_id: str
    attempts: int
    trace: str | None = None


class DeadJob(Struct, frozen=True):
    """A message that was given up, with the reason."""

    job: Job
    reason: str


class Depth(Struct, frozen=True):
    """How much waits.

    Attributes:
        waiting: Messages that are due and that nobody works on.
        oldest: How long the first of them has been due; None where none is.
    """

    waiting: int
    oldest: timedelta | None


class JobSender(Protocol):
    """The end of a queue that work is put into."""

    def send(self, kind: str, payload: Mapping[str, Any], correlation_id: str) -> None:
        """Store a message durably before returning."""
        ...


class JobQueue(JobSender, Protocol):
    """A durable queue. A job that is neither completed nor failed comes back when its lease ends."""

    def receive(self, wait: timedelta) -> Job | None:
        """Lease the next message that is due, waiting at most `wait` for one."""
        ...

    def complete(self, job: Job) -> None:
        """Remove a message that was dealt with; harmless when it is gone already."""
        ...

    def retry(self, job: Job, reason: str, delay: timedelta) -> None:
        """Give a message back, due again after `delay`."""
        ...

    def release(self, job: Job) -> None:
        """Give a message back at once, as if it had never been taken; harmless when it is gone already."""
        ...

    def bury(self, job: Job, reason: str) -> None:
        """Move a message to the dead letters, with the reason."""
        ...

    def depth(self) -> Depth:
        """How much waits."""
        ...

    def dead(self, limit: int = 100) -> list[DeadJob]:
        """The dead letters, oldest first."""
        ...

    def redrive(self) -> int:
        """Put every dead letter back into the queue, as new; returns how many."""
        ...
