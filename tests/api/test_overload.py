"""More requests than can be served: some are refused at once, the others are answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from foliolens.adapters.local.postgres import running_url

from .conftest import Server, User, running_server, signed_up

MOST = 4


@pytest.fixture(scope="module")
def small_server() -> Iterator[Server]:
    """A server of few places, and of as many database connections."""
    with running_server(
        auto_confirm="true", max_in_flight=str(MOST), database_pool_size=str(MOST)
    ) as started:
        yield started


@pytest.fixture
def owner(small_server: Server) -> Iterator[User]:
    with signed_up(small_server) as member:
        yield member


@contextmanager
def stuck(server: Server, requests: int, ask: Callable[[], httpx.Response]) -> Iterator[list[httpx.Response]]:
    """Requests that wait for a locked table while the block lasts, and their answers after it."""
    url = running_url(server.data / "postgres")
    assert url is not None
    answers: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda: answers.append(ask())) for _ in range(requests)]
    with psycopg.connect(url) as connection, psycopg.connect(url, autocommit=True) as watching:
        connection.execute("LOCK TABLE portfolios IN ACCESS EXCLUSIVE MODE")
        for thread in threads:
            thread.start()
        try:
            until(lambda: waiting_for_locks(watching) == requests)
            yield answers
        finally:
            connection.rollback()
            for thread in threads:
                thread.join()


def waiting_for_locks(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    ).fetchone()
    return row[0] if row else 0


def until(holds: Callable[[], bool], seconds: float = 4) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def test_one_request_too_many_is_refused_and_the_others_are_answered(
    small_server: Server, owner: User
) -> None:
    headers = {"Authorization": owner.client.headers["Authorization"]}
    url = f"{small_server.url}/v1/portfolios"

    def ask() -> httpx.Response:
        return httpx.get(url, headers=headers, timeout=30)

    with stuck(small_server, MOST, ask) as answers:
        refused = owner.client.get("/user/profile")
        alive = httpx.get(f"{small_server.url}/v1/health", timeout=30)
        open_route = httpx.post(
            f"{small_server.url}/v1/predict", json={}, timeout=30
        )  # refused for what it says, not for want of a place

    assert (refused.status_code, refused.json()["error"]) == (503, "SERVICE_UNAVAILABLE")
    assert 1 <= int(refused.headers["Retry-After"]) <= 3
    assert (alive.status_code, open_route.status_code) == (200, 400)
    assert [answer.status_code for answer in answers] == [200] * MOST
    assert [ask().status_code for _ in range(3 * MOST)] == [200] * (3 * MOST)


def test_a_lock_that_is_never_given_up_ends_in_a_503(small_server: Server, owner: User) -> None:
    with stuck(small_server, 1, lambda: owner.client.get("/portfolios")) as answers:
        until(lambda: len(answers) == 1, seconds=30)

    assert (answers[0].status_code, answers[0].json()["error"]) == (503, "SERVICE_UNAVAILABLE")
    assert owner.client.get("/portfolios").status_code == 200
