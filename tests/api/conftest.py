"""A real server, started as a user starts it, and clients that speak HTTP to it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

PASSWORD = "Correct-Horse-7-Battery"


@dataclass(frozen=True)
class Server:
    """A running `foliolens serve`."""

    url: str
    data: Path
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def outbox(self) -> Path:
        return self.data / "outbox"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**settings: str) -> dict[str, str]:
    """The environment of a FolioLens process: settings of ours, none of the machine's."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("FOLIOLENS_")},
        "FOLIOLENS_RATE_LIMITS": "off",
        "FOLIOLENS_INFERENCE_PATIENCE": "60",  # models run when nobody else wants to, and tests always do
        **{f"FOLIOLENS_{name.upper()}": value for name, value in settings.items()},
    }


def command(*arguments: str) -> list[str]:
    """The command line, run by the interpreter that runs the tests."""
    return [sys.executable, "-m", "foliolens.cli.main", *arguments]


def start_server(data: Path, port: int, *options: str, **settings: str) -> Server:
    """Start the server on a data folder and wait until it answers."""
    log = data.parent / f"{data.name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command("serve", "--data", str(data), "--port", str(port), *options),
            stdout=output,
            stderr=output,
            env=environment(**settings),
            cwd=data.parent,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", data, process, log)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            if httpx.get(f"{server.url}/v1/health", timeout=2).status_code == 200:
                return server
        except httpx.TransportError:
            time.sleep(0.05)
    process.kill()
    process.wait()
    raise AssertionError(f"the server did not start: {log.read_text()[-3000:]}")


def stop_server(server: Server) -> None:
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(timeout=60)


@contextmanager
def running_server(*options: str, **settings: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="foliolens-api-") as folder:
        server = start_server(Path(folder, "data"), free_port(), *options, **settings)
        try:
            yield server
        finally:
            stop_server(server)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as started:
        yield started


@pytest.fixture(scope="session")
def strict_server() -> Iterator[Server]:
    """A server with small limits, open to two origins; tests that share it call from different addresses."""
    with running_server(
        rate_limits="on",
        rate_anonymous_per_minute="5",
        rate_login_per_minute="4",
        rate_user_per_hour="12",
        max_portfolios="2",
        cors_origins="https://app.example.com,http://localhost:5173",
        auto_confirm="true",
    ) as started:
        yield started


@pytest.fixture
def outbox(server: Server) -> Path:
    return server.outbox


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """An anonymous client."""
    with httpx.Client(base_url=f"{server.url}/v1", timeout=30) as opened:
        yield opened


def mailed_code(outbox: Path, email: str) -> str:
    """The newest code mailed to an address."""
    for message in sorted(outbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
        text = message.read_text()
        found = re.search(r"^Subject: (\d{6}|\d{12})\b", text, re.MULTILINE)
        if email in text and found:
            return found.group(1)
    raise AssertionError(f"no code was mailed to {email}")


@dataclass(frozen=True)
class User:
    """A registered, confirmed and signed-in user."""

    id: str
    email: str
    client: httpx.Client
    tokens: dict[str, object]


def from_address(server: Server, address: str) -> httpx.Client:
    """A client that calls from an address of its own, since callers are counted by address."""
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=f"{server.url}/v1", timeout=30, transport=transport)


@contextmanager
def signed_up(server: Server, address: str = "127.0.0.1") -> Iterator[User]:
    """A new user of this server, with a client that is signed in."""
    with from_address(server, address) as client:
        email = f"user-{uuid4().hex[:12]}@example.com"
        registration = {"email": email, "password": PASSWORD, "firstName": "Ada", "lastName": "Lovelace"}
        registered = client.post("/auth/register", json=registration)
        assert registered.status_code == 201, registered.text
        if registered.json()["verificationRequired"]:
            confirmation = {"email": email, "code": mailed_code(server.outbox, email)}
            assert client.post("/auth/confirm", json=confirmation).status_code == 200
        tokens = client.post("/auth/login", json={"email": email, "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {tokens['accessToken']}"
        yield User(registered.json()["userId"], email, client, tokens)


@pytest.fixture
def new_user(server: Server) -> Iterator[Callable[[], User]]:
    """Makes users, each with a client that is signed in."""
    with ExitStack() as users:
        yield lambda: users.enter_context(signed_up(server))


@pytest.fixture
def user(new_user: Callable[[], User]) -> User:
    return new_user()
