"""The worker: takes jobs from the queue and deals with them, one at a time."""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from msgspec import Struct

from foliolens.kit.logging import request_id
from foliolens.ports.job_queue import Job, JobQueue
from foliolens.ports.metrics import NO_METRICS, JobOutcome, Metrics
from foliolens.ports.tracing import NO_TRACING, Attributes, Tracing

__all__ = ["Handler", "Worker", "Workload", "attempt", "backoff"]

_log = logging.getLogger(__name__)

_POLL = timedelta(seconds=1)
_LONGEST_BACKOFF_SECONDS = 60.0
_PAUSE_AFTER_FAULT_SECONDS = 1.0


class Handler(Struct, frozen=True):
    """What is done with one kind of job.

    Attributes:
        process: Does the work; may be called again with the same payload, also after it succeeded.
        give_up: Called once before the job goes to the dead letters.
    """

    process: Callable[[Mapping[str, Any]], None]
    give_up: Callable[[Mapping[str, Any]], None]


class Workload(Struct, frozen=True):
    """A queue, and what is done with its jobs; the work of one queue never waits for that of another.

    Attributes:
        beat: Called whenever the queue has answered: with a job, before it is begun, or that there is none.
    """

    queue: JobQueue
    handlers: Mapping[str, Handler]
    beat: Callable[[], None]


def attempt(
    handler: Handler,
    kind: str,
    payload: Mapping[str, Any],
    metrics: Metrics,
    tracing: Tracing = NO_TRACING,
    *,
    is_last: bool,
) -> None:
    """Deal once with a job that something else than a `Worker` delivers, and count what became of it.

    Args:
        handler: Deals with it.
        kind: Of the job.
        payload: Of the job.
        metrics: Count it.
        tracing: Makes it a span.
        is_last: Whether it is given up when this attempt fails.

    Raises:
        Exception: What the handler raises, or giving up.
    """
    started = time.perf_counter()
    outcome: JobOutcome = "given-up" if is_last else "failed"
    try:
        with tracing.span(f"job {kind}", "consumer", {"foliolens.job.kind": kind}):
            handler.process(payload)
        outcome = "completed"
    except Exception:
        if is_last:
            handler.give_up(payload)
        raise
    finally:
        metrics.worked(kind, outcome, time.perf_counter() - started)


def backoff(attempt: int) -> timedelta:
    """How long to wait after a failed attempt: 1, 2, 4, ... seconds at most 60, with jitter of half of it."""
    ceiling = min(_LONGEST_BACKOFF_SECONDS, 2.0 ** (attempt - 1))
    return timedelta(seconds=ceiling * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret


class Worker:
    """A loop over the queue, to be run in a thread or a process of its own.

    Args:
        queue: Where jobs come from.
        handlers: By kind of job.
        max_attempts: Deliveries after which a job goes to the dead letters.
        metrics: Count what became of jobs.
        tracing: Makes each job a span.
        beat: See `Workload`.
    """

    def __init__(
        self,
        queue: JobQueue,
        handlers: Mapping[str, Handler],
        *,
        max_attempts: int,
        metrics: Metrics = NO_METRICS,
        tracing: Tracing = NO_TRACING,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._max_attempts = max_attempts
        self._metrics = metrics
        self._tracing = tracing
        self._beat = beat
        self._stopping = threading.Event()
        self._present: Job | None = None

    def run(self) -> None:
        """Work until `stop` is called; a fault of the queue itself is waited out."""
        while not self._stopping.is_set():
            try:
                self.run_once(_POLL)
            except Exception:
                _log.exception("the job queue does not answer")
                self._stopping.wait(_PAUSE_AFTER_FAULT_SECONDS)

    def stop(self) -> None:
        """Finish the present job, then return from `run`."""
        self._stopping.set()

    def hand_back(self) -> None:
        """Give a job that is still under way to another worker: this one has no more time for it.

        What it goes on doing takes effect once all the same, as jobs are delivered at least once.
        """
        job = self._present
        if job is None:
            return
        try:
            self._queue.release(job)
        except Exception:
            _log.exception("a job cannot be handed back: its lease must end", extra={"jobKind": job.kind})
        else:
            _log.warning("a job was handed back unfinished", extra={"jobKind": job.kind})

    def run_once(self, wait: timedelta) -> bool:
        """Deal with one job, waiting at most `wait` for it; True when there was one."""
        job = self._queue.receive(wait)
        self._beat()
        if job is None:
            return False
        self._present = job
        token = request_id.set(job.correlation_id)
        started = time.perf_counter()
        try:
            outcome = self._traced(job)
            self._metrics.worked(job.kind, outcome, time.perf_counter() - started)
        finally:
            request_id.reset(token)
            self._present = None
        return True

    def _traced(self, job: Job) -> JobOutcome:
        about: Attributes = {"foliolens.job.kind": job.kind, "foliolens.job.attempt": job.attempts}
        name = f"job {job.kind}"
        with self._tracing.span(name, "consumer", about, parent=job.trace) as span:
            outcome = self._deal_with(job)
            span.told(name, {"foliolens.job.outcome": outcome}, failed=outcome != "completed")
        return outcome

    def _deal_with(self, job: Job) -> JobOutcome:
        handler = self._handlers.get(job.kind)
        if handler is None:
            self._queue.bury(job, f"no handler for jobs of kind {job.kind}")
            return "given-up"
        if job.attempts > self._max_attempts:
            # Delivered again and again without ever failing: it takes its worker down.
            return self._give_up(job, handler, "the worker died each time it dealt with this job")
        try:
            handler.process(job.payload)
        except Exception as error:
            _log.exception("job failed", extra={"jobKind": job.kind, "attempt": job.attempts})
            reason = f"{type(error).__name__} in attempt {job.attempts}"
            if job.attempts >= self._max_attempts:
                return self._give_up(job, handler, reason)
            self._queue.retry(job, reason, backoff(job.attempts))
            return "failed"
        self._queue.complete(job)
        return "completed"

    def _give_up(self, job: Job, handler: Handler, reason: str) -> JobOutcome:
        try:
            handler.give_up(job.payload)
        except Exception:
            _log.exception("giving up a job failed", extra={"jobKind": job.kind})
        self._queue.bury(job, reason)
        return "given-up"
