"""What every job queue promises."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from foliolens.adapters.local.postgres_queue import PostgresJobQueue
from foliolens.kit.database import Database
from foliolens.ports.job_queue import Depth, JobQueue

NO_WAIT = timedelta(0)


@pytest.fixture(params=["postgres"])
def queue(database: Database) -> Iterator[JobQueue]:
    queue = PostgresJobQueue(database, timedelta(minutes=5))
    yield queue
    queue.close()


@pytest.fixture(params=["postgres"])
def impatient_queue(database: Database) -> JobQueue:
    """A queue whose leases end at once."""
    return PostgresJobQueue(database, timedelta(0))


def test_a_message_arrives_as_it_was_sent(queue: JobQueue) -> None:
    queue.send("greet", {"name": "Ada", "times": 3, "nested": {"deep": [1, None, True]}}, "request-1")

    job = queue.receive(NO_WAIT)

    assert job is not None
    assert (job.kind, job.correlation_id, job.attempts) == ("greet", "request-1", 1)
    assert job.payload == {"name": "Ada", "times": 3, "nested": {"deep": [1, None, True]}}


def test_an_empty_queue_gives_nothing(queue: JobQueue) -> None:
    assert queue.receive(NO_WAIT) is None


def test_a_leased_message_is_nobody_elses(queue: JobQueue) -> None:
    queue.send("greet", {}, "request-1")

    assert queue.receive(NO_WAIT) is not None
    assert queue.receive(NO_WAIT) is None


def test_a_message_whose_lease_ended_is_delivered_again(impatient_queue: JobQueue) -> None:
    impatient_queue.send("greet", {}, "request-1")

    first = impatient_queue.receive(NO_WAIT)
    second = impatient_queue.receive(NO_WAIT)

    assert first is not None
    assert second is not None
    assert (second.id, second.attempts) == (first.id, 2)


def test_a_completed_message_never_comes_back(queue: JobQueue) -> None:
    queue.send("greet", {}, "request-1")
    job = queue.receive(NO_WAIT)
    assert job is not None

    queue.complete(job)
    queue.complete(job)

    assert queue.receive(NO_WAIT) is None


def test_a_retried_message_waits_for_its_time(queue: JobQueue) -> None:
    queue.send("greet", {}, "request-1")
    job = queue.receive(NO_WAIT)
    assert job is not None

    queue.retry(job, "not yet", timedelta(hours=1))

    assert queue.receive(NO_WAIT) is None


def test_a_released_message_is_there_at_once_as_if_never_taken(queue: JobQueue) -> None:
    queue.send("greet", {"name": "Ada"}, "request-1")
    taken = queue.receive(NO_WAIT)
    assert taken is not None

    queue.release(taken)

    assert queue.receive(NO_WAIT) == taken


def test_releasing_what_another_worker_has_by_now_takes_nothing_from_it(queue: JobQueue) -> None:
    queue.send("greet", {"name": "Ada"}, "request-1")
    first = queue.receive(NO_WAIT)
    assert first is not None
    queue.retry(first, "test", NO_WAIT)
    assert queue.receive(NO_WAIT) is not None

    queue.release(first)

    assert queue.receive(NO_WAIT) is None


def test_a_buried_message_is_shown_with_its_reason_and_can_be_redriven(queue: JobQueue) -> None:
    queue.send("greet", {"name": "Ada"}, "request-1")
    job = queue.receive(NO_WAIT)
    assert job is not None

    queue.bury(job, "no use")

    assert [(letter.job.payload, letter.reason) for letter in queue.dead()] == [({"name": "Ada"}, "no use")]
    assert queue.redrive() == 1
    revived = queue.receive(NO_WAIT)
    assert revived is not None
    assert revived.attempts == 1


def test_a_waiting_worker_is_woken_by_a_message(queue: JobQueue) -> None:
    queue.receive(timedelta(milliseconds=1))  # listens from here on
    threading.Timer(0.1, queue.send, ("greet", {}, "request-1")).start()

    assert queue.receive(timedelta(seconds=20)) is not None


def test_many_workers_share_the_messages_and_none_is_dealt_with_twice(queue: JobQueue) -> None:
    for number in range(40):
        queue.send("greet", {"number": number}, "request-1")
    taken: list[int] = []

    def work() -> None:
        while (job := queue.receive(NO_WAIT)) is not None:
            taken.append(job.payload["number"])
            queue.complete(job)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == list(range(40))


def test_queues_of_different_names_know_nothing_of_each_other(database: Database) -> None:
    uploads = PostgresJobQueue(database, timedelta(minutes=5))
    prices = PostgresJobQueue(database, timedelta(minutes=5), "prices")
    prices.send("fetch", {}, "request-1")

    assert uploads.receive(NO_WAIT) is None
    job = prices.receive(NO_WAIT)
    assert job is not None

    prices.bury(job, "no use")
    assert uploads.dead() == []
    assert uploads.redrive() == 0
    assert [letter.job.kind for letter in prices.dead()] == ["fetch"]
    assert prices.redrive() == 1
    assert uploads.receive(NO_WAIT) is None
    assert prices.receive(NO_WAIT) is not None


def test_what_is_due_and_in_nobodys_hands_is_counted(queue: JobQueue) -> None:
    assert queue.depth() == Depth(0, None)
    for number in range(3):
        queue.send("greet", {"number": number}, "a-request")
    taken = queue.receive(timedelta(0))
    assert taken is not None

    depth = queue.depth()

    assert depth.waiting == 2
    assert depth.oldest is not None
    assert depth.oldest >= timedelta(0)
    queue.retry(taken, "later", timedelta(hours=1))
    assert queue.depth().waiting == 2
