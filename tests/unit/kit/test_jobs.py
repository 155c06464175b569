"""The worker loop: what it does with jobs that succeed, fail, or kill it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from foliolens.adapters.local.postgres_queue import PostgresJobQueue
from foliolens.kit.database import Database
from foliolens.kit.jobs import Handler, Worker, backoff
from foliolens.kit.retention import forget_dead_letters

NO_WAIT = timedelta(0)


class Recorder:
    """A handler that fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.processed: list[Mapping[str, Any]] = []
        self.given_up: list[Mapping[str, Any]] = []

    def process(self, payload: Mapping[str, Any]) -> None:
        if self.failures > 0:
            self.failures -= 1
            raise OSError("the disk is away")
        self.processed.append(payload)

    def handler(self) -> Handler:
        return Handler(self.process, self.given_up.append)


@pytest.fixture
def queue(database: Database) -> PostgresJobQueue:
    return PostgresJobQueue(database, timedelta(seconds=30))


def make_due(database: Database) -> None:
    with database.system() as transaction:
        transaction.execute("UPDATE jobs SET run_at = now(), leased_until = NULL")


def test_a_job_is_processed_and_gone(queue: PostgresJobQueue) -> None:
    recorder = Recorder()
    worker = Worker(queue, {"greet": recorder.handler()}, max_attempts=3)
    queue.send("greet", {"name": "Ada"}, "request-1")

    assert worker.run_once(NO_WAIT)

    assert recorder.processed == [{"name": "Ada"}]
    assert not worker.run_once(NO_WAIT)


def test_a_failed_job_comes_back_after_a_pause(queue: PostgresJobQueue, database: Database) -> None:
    recorder = Recorder(failures=1)
    worker = Worker(queue, {"greet": recorder.handler()}, max_attempts=3)
    queue.send("greet", {"name": "Ada"}, "request-1")

    worker.run_once(NO_WAIT)
    with database.system() as transaction:
        waiting = transaction.execute("SELECT run_at > created_at AS later, last_error FROM jobs").fetchone()
    make_due(database)
    worker.run_once(NO_WAIT)

    assert waiting == {"later": True, "last_error": "OSError in attempt 1"}
    assert recorder.processed == [{"name": "Ada"}]


def test_a_job_that_always_fails_ends_in_the_dead_letters_and_can_be_redriven(
    queue: PostgresJobQueue, database: Database
) -> None:
    recorder = Recorder(failures=3)
    worker = Worker(queue, {"greet": recorder.handler()}, max_attempts=3)
    queue.send("greet", {"name": "Ada"}, "request-1")

    for _ in range(3):
        worker.run_once(NO_WAIT)
        make_due(database)

    assert recorder.given_up == [{"name": "Ada"}]
    assert [letter.reason for letter in queue.dead()] == ["OSError in attempt 3"]
    assert queue.redrive() == 1
    assert worker.run_once(NO_WAIT)
    assert recorder.processed == [{"name": "Ada"}]
    assert queue.dead() == []


def test_a_job_that_kills_its_worker_each_time_is_given_up(
    queue: PostgresJobQueue, database: Database
) -> None:
    recorder = Recorder()
    worker = Worker(queue, {"greet": recorder.handler()}, max_attempts=2)
    queue.send("greet", {"name": "Ada"}, "request-1")

    for _ in range(2):
        assert queue.receive(NO_WAIT) is not None  # taken, and never heard of again
        make_due(database)
    worker.run_once(NO_WAIT)

    assert recorder.processed == []
    assert recorder.given_up == [{"name": "Ada"}]
    assert "died" in queue.dead()[0].reason


def test_a_job_nobody_knows_goes_to_the_dead_letters(queue: PostgresJobQueue) -> None:
    worker = Worker(queue, {}, max_attempts=2)
    queue.send("unknown", {}, "request-1")

    worker.run_once(NO_WAIT)

    assert queue.dead()[0].reason == "no handler for jobs of kind unknown"


@pytest.mark.parametrize(("attempt", "most"), [(1, 1), (2, 2), (4, 8), (7, 60), (50, 60)])
def test_the_pause_doubles_up_to_a_minute(attempt: int, most: int) -> None:
    pauses = [backoff(attempt).total_seconds() for _ in range(50)]

    assert all(most / 2 <= pause <= most for pause in pauses)


def test_dead_letters_are_forgotten_after_a_month(queue: PostgresJobQueue, database: Database) -> None:
    for name in ("old", "new"):
        queue.send(name, {}, "request-1")
        Worker(queue, {}, max_attempts=1).run_once(NO_WAIT)
    with database.system() as transaction:
        transaction.execute("UPDATE dead_jobs SET died_at = now() - interval '31 days' WHERE kind = 'old'")

    assert forget_dead_letters(database) == 1
    assert [letter.job.kind for letter in queue.dead()] == ["new"]
