"""A full disk: clear refusals, nothing half-written, and everything as before once there is space again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from .conftest import Server, User, command, environment, free_port, signed_up, stop_server
from .exchanges import STANDARD_CSV, ask_for_upload, create_portfolio, portfolio, send_file, settled

SIZE = "160m"  # a new database needs some 60


def small_disks_can_be_made() -> bool:
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    return tried.returncode == 0


pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("unshare") is None or not small_disks_can_be_made(),
    reason="a small disk takes the right to mount one",
)


@contextmanager
def server_on_small_disk() -> Iterator[Server]:
    """A server whose data folder is a disk of its own, which only the server and we see."""
    with tempfile.TemporaryDirectory(prefix="foliolens-full-") as folder:
        data, log, port = Path(folder, "data"), Path(folder, "log"), free_port()
        data.mkdir(mode=0o700)
        mount = f'mount -t tmpfs -o size={SIZE},mode=700 tmpfs "{data}" && exec "$@"'
        serve = command("serve", "--data", str(data), "--port", str(port))
        with log.open("ab") as output:
            process = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", mount, "sh", *serve],
                stdout=output,
                stderr=output,
                env=environment(auto_confirm="true"),
                cwd=folder,
                start_new_session=True,
            )
        server = Server(f"http://127.0.0.1:{port}", Path(f"/proc/{process.pid}/root{data}"), process, log)
        try:
            until(lambda: process.poll() is None and answers(server, "/v1/health") == 200)
            yield server
        finally:
            stop_server(server)


@pytest.fixture(scope="module")
def small_server() -> Iterator[Server]:
    with server_on_small_disk() as started:
        yield started


def answers(server: Server, path: str) -> int | None:
    try:
        return httpx.get(f"{server.url}{path}", timeout=10).status_code
    except httpx.TransportError:
        return None


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


@pytest.fixture
def owner(small_server: Server) -> Iterator[User]:
    with signed_up(small_server) as member:
        yield member


@contextmanager
def full(server: Server) -> Iterator[None]:
    """Leave no byte on the server's disk while the block lasts."""
    ballast = server.data / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            for size in (1 << 20, 1 << 12, 1):
                while _written(file.fileno(), size):
                    pass
            yield
        finally:
            ballast.unlink()


def _written(descriptor: int, size: int) -> bool:
    try:
        return os.write(descriptor, bytes(size)) > 0
    except OSError:
        return False


def test_a_file_is_refused_and_can_be_sent_again(small_server: Server, owner: User) -> None:
    content = STANDARD_CSV + b"MSFT,Microsoft,stock,800.00\n"
    ticket = ask_for_upload(owner.client, content)
    with full(small_server):
        refused = send_file(ticket, content)
        stored = [path for path in (small_server.data / "objects").rglob("*") if path.is_file()]

    assert (refused.status_code, refused.json()["error"]) == (503, "SERVICE_UNAVAILABLE")
    assert "no space left" in refused.json()["message"]
    assert int(refused.headers["Retry-After"]) >= 1
    assert stored == []
    until(lambda: answers(small_server, "/v1/ready") == 200)
    assert send_file(ticket, content).status_code == 200
    assert settled(owner.client, ticket["uploadId"])["status"] == "COMPLETED"


def test_what_was_answered_is_there_and_what_was_refused_is_not(small_server: Server, owner: User) -> None:
    """PostgreSQL has some space of its own; once that is used up it refuses, or dies and comes back."""
    made: list[str] = []
    refusals: list[httpx.Response] = []
    with full(small_server):
        deadline = time.monotonic() + 60
        while len(refusals) < 3 and time.monotonic() < deadline:
            answer = owner.client.post(
                "/portfolios", json=portfolio(f"number {len(made)}", description="x" * 1000)
            )
            if answer.status_code == 201:
                made.append(answer.json()["id"])
            else:
                refusals.append(answer)
    until(lambda: answers(small_server, "/v1/ready") == 200)

    assert {answer.status_code for answer in refusals} == {503}
    found = [item["id"] for item in listed(owner)]
    assert sorted(found) == sorted(made)
    assert create_portfolio(owner.client)["id"] not in made


def listed(owner: User) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    while True:
        page = owner.client.get("/portfolios", params={"limit": 100, "offset": len(found)}).json()
        found += page["portfolios"]
        if not page["pagination"]["hasMore"]:
            return found
