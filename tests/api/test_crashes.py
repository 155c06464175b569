"""Whatever is killed, whenever: what was accepted is done, once and completely; orderly ends are orderly."""

from __future__ import annotations

import os
import queue
import random
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from foliolens.adapters.local.postgres import EmbeddedPostgres, running_url

from .conftest import (
    Server,
    User,
    command,
    environment,
    free_port,
    signed_up,
    start_server,
    stop_server,
)
from .exchanges import STANDARD_CSV, amounts, ask_for_upload, exact, send_file, settled

UPLOADS = 200
CLIENTS = 4
KILLS = 6
SEED = 20_260_801


@dataclass
class Machine:
    """A data folder and a port, with a server that is started and killed on them."""

    data: Path
    port: int
    server: Server | None = None

    def start(self) -> Server:
        self.server = start_server(
            self.data, self.port, auto_confirm="true", job_lease_seconds="2", job_grace_seconds="1"
        )
        return self.server

    def running(self) -> Server:
        if self.server is None or self.server.process.poll() is not None:
            return self.start()
        return self.server

    def kill_group(self) -> None:
        """What the end of a container does: supervisor and HTTP processes at once."""
        server = self.running()
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()

    def kill_supervisor(self) -> None:
        server = self.running()
        server.process.kill()
        server.process.wait()

    def kill_everything(self) -> None:
        """Like losing power, as far as processes go: PostgreSQL has no time to write anything out."""
        postmaster = int((self.data / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        self.kill_group()

    @property
    def database_url(self) -> str:
        url = running_url(self.data / "postgres")
        assert url is not None
        return url


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="foliolens-crashes-") as folder:
        made = Machine(Path(folder, "data"), free_port())
        yield made
        if made.server is not None:
            stop_server(made.server)


@pytest.fixture
def user(machine: Machine) -> Iterator[User]:
    with signed_up(machine.running()) as member:
        yield member


@dataclass
class Clients:
    """Several clients that work through a list of files, and try again whatever was not answered."""

    user: User
    waiting: queue.Queue[int]
    accepted: dict[int, str] = field(default_factory=dict)
    given_up: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work beside the block; at its end finish what waits, or give up if the block failed."""
        threads = [threading.Thread(target=self._work) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        except BaseException:
            self.given_up.set()
            raise
        finally:
            for thread in threads:
                thread.join()

    def _work(self) -> None:
        # A client of its own: connections of a killed server are not worth keeping.
        headers = {"Authorization": self.user.client.headers["Authorization"]}
        with httpx.Client(base_url=self.user.client.base_url, headers=headers, timeout=30) as client:
            while True:
                try:
                    number = self.waiting.get_nowait()
                except queue.Empty:
                    return
                while number not in self.accepted and not self.given_up.is_set():
                    self._try(client, number)

    def _try(self, client: httpx.Client, number: int) -> None:
        content = file_number(number)
        try:
            ticket = ask_for_upload(client, content, portfolioName=f"upload {number}")
            if send_file(ticket, content).status_code == 200:
                self.accepted[number] = ticket["uploadId"]
        except (httpx.TransportError, AssertionError):
            time.sleep(0.05)  # the server is down, or going down: it said so or said nothing


def is_broken(number: int) -> bool:
    return number % 10 == 9


def file_number(number: int) -> bytes:
    """A file like no other; every tenth is refused."""
    if is_broken(number):
        return STANDARD_CSV + f"MSFT,Broken {number},stock,much\n".encode()
    return STANDARD_CSV + f"MSFT,Microsoft,stock,{1000 + number}.25\n".encode()


def test_no_accepted_upload_is_lost_doubled_or_half_written(machine: Machine, user: User) -> None:
    moments = random.Random(SEED)
    work: queue.Queue[int] = queue.Queue()
    for number in range(UPLOADS):
        work.put(number)
    clients = Clients(user, work)
    kills: list[Callable[[], None]] = [
        machine.kill_group,
        machine.kill_supervisor,
        machine.kill_everything,
    ] * (KILLS // 3)
    moments.shuffle(kills)

    with clients.working():
        for number, kill in enumerate(kills, start=1):
            wanted = UPLOADS * number // (KILLS + 1)
            until(lambda: len(clients.accepted) >= wanted)  # noqa: B023 - called before the next round
            time.sleep(moments.uniform(0, 0.2))
            kill()
            machine.start()

    assert len(clients.accepted) == UPLOADS
    for number, upload_id in clients.accepted.items():
        ended = settled(user.client, upload_id)
        assert ended["status"] == ("FAILED" if is_broken(number) else "COMPLETED"), ended
        assert [error["code"] for error in ended["errors"]] == ["INVALID_NUMBER"] * is_broken(number)
    names = [item["name"] for item in all_portfolios(user.client)]
    assert sorted(names) == sorted(f"upload {number}" for number in range(UPLOADS) if not is_broken(number))
    assert_nothing_is_half_written(machine)


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def all_portfolios(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = exact(client.get("/portfolios", params={"limit": 100, "offset": len(found)}))
        found += page["portfolios"]
        if not page["pagination"]["hasMore"]:
            return found


def assert_nothing_is_half_written(machine: Machine) -> None:
    with psycopg.connect(machine.database_url) as connection:
        uneven = connection.execute(
            "SELECT portfolios.name FROM portfolios LEFT JOIN holdings ON portfolio_id = portfolios.id"
            " GROUP BY portfolios.id HAVING sum(amount) IS DISTINCT FROM total_value"
            " OR sum(allocation) IS DISTINCT FROM 100 OR count(symbol) <> holdings_count"
        ).fetchall()
        twice = connection.execute(
            "SELECT sha256 FROM uploads WHERE written_version IS NOT NULL GROUP BY sha256 HAVING count(*) > 1"
        ).fetchall()
    assert (uneven, twice) == ([], [])


@contextmanager
def held(url: str, upload_id: str) -> Iterator[None]:
    """Keep the row of an upload locked, so that the worker that takes its job is stuck in the midst of it."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT FROM uploads WHERE id = %s FOR UPDATE", (upload_id,))
        yield
        with suppress(psycopg.OperationalError):  # its server may have been killed
            connection.rollback()


def attempts(url: str, upload_id: str) -> int:
    """How often the job of an upload was taken."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT attempts FROM jobs WHERE payload->>'key' LIKE %s", (f"%{upload_id}%",)
        ).fetchone()
    return row[0] if row else 0


def lease(url: str, upload_id: str) -> object:
    """Until when a worker has the job of an upload."""
    with psycopg.connect(url) as connection:
        (until,) = connection.execute(
            "SELECT leased_until FROM jobs WHERE payload->>'key' LIKE %s", (f"%{upload_id}%",)
        ).fetchone() or ("the job is gone",)
    return until


def test_a_job_whose_worker_is_killed_comes_back_when_its_lease_ends(machine: Machine, user: User) -> None:
    content = file_number(1000)
    ticket = ask_for_upload(user.client, content)
    with held(machine.database_url, ticket["uploadId"]):
        assert send_file(ticket, content).status_code == 200
        until(lambda: attempts(machine.database_url, ticket["uploadId"]) == 1)
        machine.kill_everything()

    machine.start()

    ended = settled(user.client, ticket["uploadId"])
    assert ended["status"] == "COMPLETED"
    assert amounts(user.client, ended["portfolioId"])["MSFT"] == "2000.25"


def test_a_second_worker_takes_jobs_beside_the_server(machine: Machine, user: User) -> None:
    worker = subprocess.Popen(
        command("worker", "--data", str(machine.data)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        text=True,
    )
    assert worker.stdout is not None
    try:
        assert "waiting for uploads" in worker.stdout.readline()
        first, second = (ask_for_upload(user.client, file_number(n)) for n in (1010, 1011))
        with held(machine.database_url, first["uploadId"]):
            assert send_file(first, file_number(1010)).status_code == 200
            until(lambda: attempts(machine.database_url, first["uploadId"]) == 1)
            assert send_file(second, file_number(1011)).status_code == 200

            # One of the two workers is stuck; so the other one did this.
            assert settled(user.client, second["uploadId"])["status"] == "COMPLETED"
            assert user.client.get(f"/upload/{first['uploadId']}/status").json()["status"] == "QUEUED"
        assert settled(user.client, first["uploadId"])["status"] == "COMPLETED"
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0
        worker.stdout.close()


def test_an_orderly_end_finishes_what_was_begun_and_stops_the_database(machine: Machine, user: User) -> None:
    content = file_number(1020)
    ticket = ask_for_upload(user.client, content)
    begun, go_on = threading.Event(), threading.Event()
    answers: list[int] = []

    def slowly() -> Iterator[bytes]:
        yield content[:50]
        begun.set()
        go_on.wait(30)
        yield content[50:]

    def send() -> None:
        answer = httpx.put(ticket["uploadUrl"], content=slowly(), headers=ticket["headers"], timeout=30)
        answers.append(answer.status_code)

    sender = threading.Thread(target=send)
    sender.start()
    begun.wait(30)
    server = machine.running()
    server.process.send_signal(signal.SIGTERM)
    threading.Timer(0.3, go_on.set).start()
    sender.join()

    assert answers == [200]
    assert server.process.wait(timeout=60) == 0
    assert running_url(machine.data / "postgres") is None
    assert not (machine.data / "postgres" / "data" / "postmaster.pid").exists()
    machine.start()
    assert settled(user.client, ticket["uploadId"])["status"] == "COMPLETED"


def test_a_job_under_way_is_handed_back_when_the_server_must_go(machine: Machine, user: User) -> None:
    content = file_number(1030)
    ticket = ask_for_upload(user.client, content)
    server = machine.running()
    with held(machine.database_url, ticket["uploadId"]):
        assert send_file(ticket, content).status_code == 200
        until(lambda: attempts(machine.database_url, ticket["uploadId"]) == 1)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=60) == 0

    with EmbeddedPostgres(machine.data / "postgres") as database:
        assert attempts(database.url, ticket["uploadId"]) == 0
        assert lease(database.url, ticket["uploadId"]) is None

    machine.start()
    assert settled(user.client, ticket["uploadId"])["status"] == "COMPLETED"


def failing_serve(data: Path, port: int) -> str:
    """Run a server that must not start; what it says on its last lines."""
    ended = subprocess.run(
        command("serve", "--data", str(data), "--port", str(port)),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 3, ended.stderr
    assert "Traceback" not in ended.stderr
    said = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    assert [re.match(r"\w+", line)[0] for line in said] == ["error", "hint"], said  # type: ignore[index]
    return said[0]


def test_a_second_server_on_the_folder_fails_with_one_clear_line(machine: Machine, user: User) -> None:
    message = failing_serve(machine.data, free_port())

    assert "already running" in message
    assert user.client.get("/portfolios").status_code == 200


def test_a_port_in_use_fails_with_one_clear_line(machine: Machine, tmp_path: Path) -> None:
    machine.running()

    message = failing_serve(tmp_path / "other", machine.port)

    assert f"port {machine.port} on 127.0.0.1 is in use" in message
