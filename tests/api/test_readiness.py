"""What `/v1/ready` says of a running server whose parts fail one after the other."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from foliolens.adapters.local.postgres import running_url
from foliolens.sentiment.installation import embedded_folder, finbert_folder

from .conftest import Server, free_port, start_server, stop_server
from .exchanges import assert_error


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with a model of its own to break, whose jobs take a second at most."""
    with tempfile.TemporaryDirectory(prefix="foliolens-api-") as folder:
        data = Path(folder, "data")
        shutil.copytree(embedded_folder(), finbert_folder(data))
        settings = {"sentiment_model": "finbert", "job_lease_seconds": "1", "database_timeout": "1"}
        started = start_server(data, free_port(), **settings)
        try:
            yield started
        finally:
            stop_server(started)


@pytest.fixture(autouse=True)
def ready(server: Server) -> None:
    until(lambda: ask(server).status_code == 200)


def ask(server: Server) -> httpx.Response:
    return httpx.get(f"{server.url}/v1/ready", timeout=60)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)


def states(server: Server) -> dict[str, str]:
    return {part["name"]: part["state"] for part in ask(server).json()["parts"]}


def refused(server: Server) -> dict[str, str]:
    """Why each part that fails does."""
    body = assert_error(ask(server), 503, "SERVICE_UNAVAILABLE")
    assert {problem["code"] for problem in body["details"]} == {"NOT_READY"}
    return {problem["field"]: problem["message"] for problem in body["details"]}


@contextmanager
def locked_out(server: Server) -> Iterator[None]:
    """The database takes nobody in."""
    url = running_url(server.data / "postgres")
    assert url is not None
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            yield
        finally:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_server_tells_each_part_and_starts_no_model_for_it(server: Server) -> None:
    assert states(server) == {"database": "ready", "queue": "ready", "models": "idle"}
    assert states(server)["models"] == "idle"


def test_a_model_that_was_used_is_ready(server: Server) -> None:
    answer = httpx.post(f"{server.url}/v1/sentiment", json={"text": ["Up."]}, timeout=60)

    assert answer.status_code == 200
    until(lambda: states(server)["models"] == "ready")


def test_a_database_that_takes_nobody_in_is_named(server: Server) -> None:
    with locked_out(server):
        assert "database" in refused(server)


def test_a_model_that_is_cut_off_is_named(server: Server) -> None:
    model = next(finbert_folder(server.data).glob("**/model.onnx"))
    whole = model.read_bytes()
    model.write_bytes(whole[:-1])
    try:
        reasons = refused(server)
    finally:
        model.write_bytes(whole)

    assert reasons == {"models": "The sentiment model finbert cannot be used."}


def test_workers_that_hang_are_noticed_and_so_is_their_return(server: Server) -> None:
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        until(lambda: ask(server).status_code == 503)
        reasons = refused(server)
    finally:
        os.kill(server.process.pid, signal.SIGCONT)

    assert reasons == {"queue": "Nobody works on the queue of uploads."}
    until(lambda: ask(server).status_code == 200)
