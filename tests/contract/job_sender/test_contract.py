"""What everything promises that work is sent through, and what comes out at its other end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.streamed_jobs import StreamedJobs
from foliolens.adapters.local.postgres_queue import PostgresJobQueue
from foliolens.kit.database import Database
from foliolens.ports.clock import SystemClock
from foliolens.ports.job_queue import Job, JobSender
from tests.aws import create_table
from tests.streams import JobStream

Ends = tuple[JobSender, Callable[[], Job | None], Callable[[Job], None]]
"""Where work is sent, what takes the next job, and what is told that it was dealt with."""


@pytest.fixture(params=["postgres", "dynamodb"])
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    if request.param == "postgres":
        database: Database = request.getfixturevalue("database")
        queue = PostgresJobQueue(database, timedelta(0))  # a lease that ends at once: delivered until done
        yield queue, lambda: queue.receive(timedelta(0)), queue.complete
        queue.close()
    else:
        request.getfixturevalue("aws")
        table = create_table()
        jobs, stream = StreamedJobs(table, SystemClock()), JobStream(table)
        told: list[dict[str, object]] = []

        def take() -> Job | None:
            told.extend(stream.records())
            return next((job for job in map(jobs.take, told) if job is not None), None)

        yield jobs, take, jobs.complete


def test_a_job_arrives_as_it_was_sent(ends: Ends) -> None:
    sender, take, _ = ends
    payload = {"symbols": ["VTI", "BRK.B"], "nested": {"deep": [1, None, True]}, "word": "Ünïcode"}
    sender.send("greet", payload, "request-1")

    job = take()

    assert job is not None
    assert (job.kind, job.correlation_id, job.attempts) == ("greet", "request-1", 1)
    assert job.payload == payload


def test_nothing_sent_is_nothing_to_do(ends: Ends) -> None:
    _, take, _ = ends

    assert take() is None


def test_a_job_comes_again_until_it_is_done_and_counts_its_attempts(ends: Ends) -> None:
    sender, take, complete = ends
    sender.send("greet", {}, "request-1")

    jobs = [take() for _ in range(3)]
    last = jobs[-1]
    assert last is not None
    complete(last)
    complete(last)

    assert [job and job.attempts for job in jobs] == [1, 2, 3]
    assert take() is None


def test_what_else_is_in_the_table_is_no_job(aws: str) -> None:
    table = create_table()
    clients.dynamodb().put_item(TableName=table, Item={"pk": {"S": "price#VTI"}, "sk": {"S": "state"}})

    assert list(JobStream(table).records()) == []
