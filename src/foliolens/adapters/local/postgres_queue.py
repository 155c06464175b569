"""The job queue in PostgreSQL: leases with `SKIP LOCKED`, waking with `LISTEN`/`NOTIFY`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from foliolens.kit.database import Database
from foliolens.ports.job_queue import DeadJob, Depth, Job
from foliolens.ports.tracing import NO_TRACING, Tracing

__all__ = ["PostgresJobQueue"]

_CHANNEL = "foliolens_jobs"
_TRACE = "_trace"
"""Of a stored payload: where the job belongs. Not a column, which workers of another version do not know."""


class PostgresJobQueue:
    """Jobs as rows. Delivery is at least once: a job whose lease ends is delivered again.

    Args:
        database: Where the `jobs` table is.
        lease: How long a worker has before the job is given to another.
        name: Queues of different names know nothing of each other's jobs.
        tracing: Tells which span a job comes from.
    """

    def __init__(
        self, database: Database, lease: timedelta, name: str = "work", tracing: Tracing = NO_TRACING
    ) -> None:
        self._database = database
        self._lease = lease
        self._name = name
        self._tracing = tracing
        self._listener: psycopg.Connection[tuple[Any, ...]] | None = None

    def send(self, kind: str, payload: Mapping[str, Any], correlation_id: str) -> None:
        """Store a message durably and wake a worker."""
        trace = self._tracing.context()
        stored = {**payload, **({} if trace is None else {_TRACE: trace})}
        with self._database.system() as transaction:
            transaction.execute(
                "INSERT INTO jobs (queue, kind, payload, correlation_id) VALUES (%s, %s, %s, %s)",
                (self._name, kind, Jsonb(stored), correlation_id),
            )
            transaction.execute("SELECT pg_notify(%s, '')", (_CHANNEL,))

    def receive(self, wait: timedelta) -> Job | None:
        """Lease the next message that is due, waiting at most `wait` for one."""
        job = self._lease_next()
        if job is None and wait > timedelta(0) and self._woken(wait):
            job = self._lease_next()
        return job

    def complete(self, job: Job) -> None:
        """Remove a message that was dealt with."""
        with self._database.system() as transaction:
            transaction.execute("DELETE FROM jobs WHERE id = %s", (int(job.id),))

    def retry(self, job: Job, reason: str, delay: timedelta) -> None:
        """Give a message back, due again after `delay`."""
        with self._database.system() as transaction:
            transaction.execute(
                "UPDATE jobs SET leased_until = NULL, run_at = now() + %s, last_error = %s WHERE id = %s",
                (delay, reason, int(job.id)),
            )

    def release(self, job: Job) -> None:
        """Give a message back at once, as if it had never been taken."""
        with self._database.system() as transaction:
            transaction.execute(
                "UPDATE jobs SET leased_until = NULL, attempts = attempts - 1"
                " WHERE id = %s AND attempts = %s",  # not where the lease ended and another has it
                (int(job.id), job.attempts),
            )
            transaction.execute("SELECT pg_notify(%s, '')", (_CHANNEL,))

    def bury(self, job: Job, reason: str) -> None:
        """Move a message to the dead letters, with the reason."""
        with self._database.system() as transaction:
            transaction.execute(
                "WITH buried AS (DELETE FROM jobs WHERE id = %s RETURNING *)"
                " INSERT INTO dead_jobs"
                " (id, queue, kind, payload, correlation_id, attempts, reason, created_at)"
                " SELECT id, queue, kind, payload, correlation_id, attempts, %s, created_at FROM buried",
                (int(job.id), reason),
            )

    def depth(self) -> Depth:
        """How much waits."""
        with self._database.system() as transaction:
            row = transaction.execute(
                "SELECT count(*) AS waiting, now() - min(greatest(run_at, coalesce(leased_until, run_at)))"
                " AS oldest FROM jobs WHERE queue = %s"
                " AND greatest(run_at, coalesce(leased_until, run_at)) <= now()",
                (self._name,),
            ).fetchone()
        return Depth(row["waiting"], row["oldest"]) if row else Depth(0, None)

    def dead(self, limit: int = 100) -> list[DeadJob]:
        """The dead letters, oldest first."""
        with self._database.system() as transaction:
            rows = transaction.execute(
                "SELECT id, kind, payload, correlation_id, attempts, reason FROM dead_jobs"
                " WHERE queue = %s ORDER BY died_at, id LIMIT %s",
                (self._name, limit),
            ).fetchall()
        return [DeadJob(_job(row), row["reason"]) for row in rows]

    def redrive(self) -> int:
        """Put every dead letter back into the queue, as new."""
        with self._database.system() as transaction:
            moved = transaction.execute(
                "WITH revived AS (DELETE FROM dead_jobs WHERE queue = %s RETURNING *)"
                " INSERT INTO jobs (queue, kind, payload, correlation_id)"
                " SELECT queue, kind, payload, correlation_id FROM revived ORDER BY id",
                (self._name,),
            ).rowcount
            transaction.execute("SELECT pg_notify(%s, '')", (_CHANNEL,))
        return moved

    def close(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _lease_next(self) -> Job | None:
        with self._database.system() as transaction:
            row = transaction.execute(
                "UPDATE jobs SET attempts = attempts + 1, leased_until = now() + %s WHERE id = ("
                " SELECT id FROM jobs"
                " WHERE queue = %s AND greatest(run_at, coalesce(leased_until, run_at)) <= now()"
                " ORDER BY greatest(run_at, coalesce(leased_until, run_at)), id"
                " LIMIT 1 FOR UPDATE SKIP LOCKED)"
                " RETURNING id, kind, payload, correlation_id, attempts",
                (self._lease, self._name),
            ).fetchone()
        return _job(row) if row else None

    def _woken(self, wait: timedelta) -> bool:
        """Wait for a notification; True when there may be work."""
        if self._listener is None or self._listener.closed:
            # A connection of its own, outside the pool, since it does nothing but wait.
            self._listener = self._database.connect_alone()
            self._listener.execute(f"LISTEN {_CHANNEL}")
            return True  # something may have come before we listened
        return any(True for _ in self._listener.notifies(timeout=wait.total_seconds(), stop_after=1))


def _job(row: Mapping[str, Any]) -> Job:
    return Job(
        id=str(row["id"]),
        kind=row["kind"],
        payload={name: value for name, value in row["payload"].items() if name != _TRACE},
        correlation_id=row["correlation_id"],
        attempts=row["attempts"],
        trace=row["payload"].get(_TRACE),
    )
