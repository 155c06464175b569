"""The database dies under a running server: clear answers meanwhile, and everything as before afterwards."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import httpx
import psycopg
import pytest

from foliolens.adapters.local.postgres import running_url

from .conftest import Server, User, running_server, signed_up
from .exchanges import STANDARD_CSV, ask_for_upload, create_portfolio, send_file, settled


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    with running_server(auto_confirm="true") as started:
        yield started


@pytest.fixture
def owner(own_server: Server) -> Iterator[User]:
    with signed_up(own_server) as member:
        yield member


def postmaster(server: Server) -> int:
    """The id of PostgreSQL's first process; 0 between two of them."""
    try:
        return int((server.data / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError):
        return 0


def kill_postgres(server: Server) -> None:
    os.kill(postmaster(server), signal.SIGKILL)


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def until_answered(client: httpx.Client, path: str, seconds: float = 30) -> httpx.Response:
    deadline = time.monotonic() + seconds
    while True:
        answer = client.get(path)
        if answer.status_code == 200:
            return answer
        assert answer.status_code == 503, answer.text
        assert time.monotonic() < deadline, "the database did not come back"
        time.sleep(0.05)


@contextmanager
def reading(owner: User, threads: int) -> Iterator[list[httpx.Response]]:
    """Read the list of portfolios beside the block, over and over."""
    answers: list[httpx.Response] = []
    ending = threading.Event()

    def read() -> None:
        headers = {"Authorization": owner.client.headers["Authorization"]}
        with httpx.Client(base_url=owner.client.base_url, headers=headers, timeout=30) as client:
            while not ending.is_set():
                answers.append(client.get("/portfolios"))

    readers = [threading.Thread(target=read) for _ in range(threads)]
    for reader in readers:
        reader.start()
    try:
        yield answers
    finally:
        ending.set()
        for reader in readers:
            reader.join()


def test_requests_are_answered_or_told_to_come_back_and_then_all_is_well(
    own_server: Server, owner: User
) -> None:
    with reading(owner, threads=8) as answers:
        for _ in range(2):
            killed = postmaster(own_server)
            kill_postgres(own_server)
            until(lambda: postmaster(own_server) not in {0, killed})  # noqa: B023 - called before the next round
            until_answered(owner.client, "/portfolios")

    assert {answer.status_code for answer in answers} <= {200, 503}
    for refusal in (answer for answer in answers if answer.status_code == 503):
        assert refusal.json()["error"] == "SERVICE_UNAVAILABLE"
        assert int(refusal.headers["Retry-After"]) >= 1
    assert [owner.client.get("/portfolios").status_code for _ in range(30)] == [200] * 30


def test_the_worker_goes_on_after_a_restart(own_server: Server, owner: User) -> None:
    content = STANDARD_CSV + b"MSFT,Microsoft,stock,700.00\n"
    kill_postgres(own_server)
    until_answered(owner.client, "/ready")

    ticket = ask_for_upload(owner.client, content)
    assert send_file(ticket, content).status_code == 200

    assert settled(owner.client, ticket["uploadId"])["status"] == "COMPLETED"


def test_a_backend_that_is_killed_takes_nothing_along(own_server: Server, owner: User) -> None:
    """PostgreSQL throws everybody out and recovers by itself: its first process stays."""
    stays = postmaster(own_server)
    url = running_url(own_server.data / "postgres")
    assert url is not None
    with psycopg.connect(url) as connection:
        (backend,) = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' LIMIT 1"
        ).fetchone() or (0,)
        os.kill(backend, signal.SIGKILL)
        with suppress(psycopg.OperationalError):  # thrown out, too
            while connection.execute("SELECT 1"):
                time.sleep(0.01)

    until_answered(owner.client, "/portfolios")
    assert postmaster(own_server) == stays


def test_what_was_stored_is_there(own_server: Server, owner: User) -> None:
    created = create_portfolio(owner.client)
    kill_postgres(own_server)

    answer = until_answered(owner.client, "/portfolios")

    assert [item["id"] for item in answer.json()["portfolios"]] == [created["id"]]
