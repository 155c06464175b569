"""Whose request a line of the log is about: told apart, and not told."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from .conftest import Server, running_server, signed_up


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Two HTTP processes, which hash alike."""
    with running_server("--processes", "2", auto_confirm="true", rate_limits="on") as started:
        yield started


def line_of(server: Server, request: str) -> dict[str, Any]:
    """The line of the request of this id, which is written once the answer is on its way."""
    deadline = time.monotonic() + 30
    while True:
        lines = [line for line in server.log.read_text().split("\n")[:-1] if request in line]
        found = [line for line in map(json.loads, lines) if line["name"] == "foliolens.access"]
        if found:
            (line,) = found
            return dict(line)
        assert time.monotonic() < deadline, "no line was written"
        time.sleep(0.01)


def asked(server: Server, path: str, token: str | None = None) -> dict[str, Any]:
    """The line of a request, over a connection of its own and so by any process."""
    request = uuid4().hex
    headers = {"X-Request-Id": request, **({"Authorization": token} if token else {})}
    httpx.get(f"{server.url}/v1{path}", headers=headers, timeout=30)
    return line_of(server, request)


def test_requests_of_one_person_carry_one_hash_and_others_another(server: Server) -> None:
    with signed_up(server) as ada, signed_up(server) as eve:
        of_ada, of_eve = (str(user.client.headers["Authorization"]) for user in (ada, eve))
        first = asked(server, "/portfolios", of_ada)["user"]
        lines = [asked(server, path, of_ada) for path in ("/user/profile", "/user/export", "/portfolios") * 3]
        other = asked(server, "/portfolios", of_eve)["user"]

        assert re.fullmatch("[0-9a-f]{16}", first)
        assert {line["user"] for line in lines} == {first}
        assert other != first
        written = server.log.read_text()
        for user in (ada, eve):
            assert user.id not in written
            assert user.email not in written


def test_whoever_signs_in_nowhere_is_nobody(server: Server) -> None:
    with signed_up(server) as ada:
        forged = f"{ada.client.headers['Authorization']}x"

    assert "user" not in asked(server, "/health")
    assert "user" not in asked(server, "/portfolios")
    assert "user" not in asked(server, "/portfolios", forged)


def test_another_server_calls_nobody_the_same(server: Server) -> None:
    keys = []
    with running_server(auto_confirm="true") as other:
        for each in (server, other):
            with signed_up(each) as user:
                asked(each, "/portfolios", str(user.client.headers["Authorization"]))
            keys.append((each.data / "secrets" / "log.key").read_bytes())
            assert (each.data / "secrets" / "log.key").stat().st_mode & 0o077 == 0

    assert keys[0] != keys[1]
