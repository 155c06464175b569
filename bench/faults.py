"""What clients meet when something breaks: `python -m bench.faults [NAME ...]`, for `docs/reliability.md`.

Each fault has a server of its own, which eight clients read a portfolio from meanwhile, each 20 ms after its
last answer. Refusals are answers of 503; a request without an answer met no server, or its connection broke,
as it does when one under way is lost. "Well again" is the time from the fault to the end of the last request
that was not answered with 200. Where uploads are sent, the database tells how many portfolios came of those
accepted.
"""

import argparse
import itertools
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import psycopg
from tests import providers
from tests.api.conftest import (
    Server,
    User,
    command,
    environment,
    running_server,
    signed_up,
    start_server,
    stop_server,
)
from tests.api.exchanges import ask_for_upload, create_portfolio, send_file
from tests.api.test_database_faults import kill_postgres
from tests.api.test_full_disk import full, server_on_small_disk

from bench.figures import quantile
from bench.uploads import small_file
from foliolens.adapters.local.postgres import running_url

__all__ = ["FAULTS", "main"]

READERS = 8
PAUSE = 0.02
BEFORE = 2.0
AFTER = 8.0
UPLOADS = 200
QUEUED = 10_000
SENDERS = 8
DRAIN_SECONDS = 900.0
UNREACHED = 0
BROKEN = -1


@dataclass(frozen=True, slots=True)
class Answer:
    """When a request was sent (monotonic), its seconds, its status: `UNREACHED` or `BROKEN` without one."""

    sent: float
    seconds: float
    status: int


@dataclass(slots=True)
class Watch:
    """What clients met, and when the fault began (monotonic seconds)."""

    answers: list[Answer] = field(default_factory=list)
    fault: float = 0.0

    def begin(self) -> None:
        """The fault begins now."""
        self.fault = time.monotonic()

    def described(self) -> str:
        """The answers to requests that ended after the fault began, in one line."""
        since = [answer for answer in self.answers if answer.sent + answer.seconds >= self.fault]
        before = [answer.seconds for answer in self.answers if answer.sent + answer.seconds < self.fault]
        bad = [answer for answer in since if answer.status != 200]
        refused = sum(answer.status == 503 for answer in bad)
        unreached = sum(answer.status == UNREACHED for answer in bad)
        broken = sum(answer.status == BROKEN for answer in bad)
        well = max((answer.sent + answer.seconds - self.fault for answer in bad), default=0.0)
        others = len(bad) - refused - unreached - broken
        took = [answer.seconds for answer in since]
        return (
            f"{len(since):,} requests: {refused:,} refused, {unreached:,} met no server,"
            f" {broken:,} broken, {others:,} other failures;"
            f"{f' well again after {well:.2f} s;' if bad else ''} p95 {quantile(took, 0.95) * 1000:.0f} ms"
            f" (before: {quantile(before, 0.95) * 1000:.0f} ms), longest {max(took):.2f} s"
        )


@contextmanager
def watched(user: User, path: str, readers: int = READERS) -> Iterator[Watch]:
    """Read a path over and over beside the block, and `BEFORE` seconds before it.

    `{}` in the path becomes a number that is new with each request.
    """
    watch, ending, numbers = Watch(), threading.Event(), itertools.count()
    headers = {"Authorization": user.client.headers["Authorization"]}

    def read() -> None:
        with httpx.Client(base_url=user.client.base_url, headers=headers, timeout=30) as client:
            while not ending.wait(PAUSE):
                sent = time.monotonic()
                try:
                    status = client.get(path.format(next(numbers))).status_code
                except httpx.ConnectError:
                    status = UNREACHED
                except httpx.TransportError:
                    status = BROKEN
                watch.answers.append(Answer(sent, time.monotonic() - sent, status))

    threads = [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(BEFORE)
        watch.begin()
        yield watch
    finally:
        ending.set()
        for thread in threads:
            thread.join()


def _database(server: Server) -> str:
    url = running_url(server.data / "postgres")
    assert url is not None
    return url


def _own_portfolio(user: User) -> str:
    return f"/portfolios/{create_portfolio(user.client)['id']}"


def _send(user: User, count: int) -> int:
    """Upload different files from several clients at once: how many were accepted."""

    def send(number: int) -> bool:
        content = small_file(number)
        ticket = ask_for_upload(user.client, content, portfolioName=f"upload {number}")
        return send_file(ticket, content).status_code == 200

    with ThreadPoolExecutor(SENDERS) as senders:
        return sum(senders.map(send, range(count)))


def _drained(server: Server, accepted: int) -> str:
    """Wait until the accepted uploads are portfolios: how long that took, and what there is then."""
    started = time.monotonic()
    with psycopg.connect(_database(server), autocommit=True) as connection:
        made = distinct = 0
        while distinct < accepted and time.monotonic() - started < DRAIN_SECONDS:
            time.sleep(0.1)
            made, distinct = connection.execute(
                "SELECT count(*), count(DISTINCT name) FROM portfolios WHERE name LIKE 'upload %'"
            ).fetchone() or (0, 0)
    twice = made - distinct
    return (
        f"{accepted:,} uploads accepted, {accepted - distinct:,} lost, {twice:,} twice,"
        f" all done {time.monotonic() - started:.1f} s later"
    )


def postgres_killed() -> str:
    """`kill -9` of PostgreSQL, whose supervisor starts it again."""
    with running_server(auto_confirm="true") as server, signed_up(server) as user:
        with watched(user, _own_portfolio(user)) as watch:
            kill_postgres(server)
            time.sleep(AFTER)
        return watch.described()


def connections_exhausted() -> str:
    """A table is locked for 8 s, and three times as many clients as there are connections wait for it."""
    with running_server(auto_confirm="true") as server, signed_up(server) as user:
        with watched(user, _own_portfolio(user), readers=30) as watch:
            with psycopg.connect(_database(server)) as connection:
                connection.execute("LOCK TABLE portfolios IN ACCESS EXCLUSIVE MODE")
                time.sleep(8)
            time.sleep(AFTER / 2)
        return f"{watch.described()} (the lock itself lasts 8 s)"


def terminated() -> str:
    """SIGTERM, and a new server on the same folder and port as soon as the old one is gone."""
    with running_server(auto_confirm="true") as server, signed_up(server) as user:
        with watched(user, _own_portfolio(user)) as watch:
            stop_server(server)
            gone = time.monotonic() - watch.fault
            port = int(server.url.rsplit(":", 1)[1])
            again = start_server(server.data, port, auto_confirm="true")
            time.sleep(AFTER / 2)
        stop_server(again)
        return f"exit code {server.process.returncode} after {gone:.2f} s; {watch.described()}"


def worker_killed() -> str:
    """`kill -9` of a second worker while both work through uploads; its lease is the default, 30 s."""
    with running_server(auto_confirm="true") as server, signed_up(server) as user:
        worker = subprocess.Popen(
            command("worker", "--data", str(server.data)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        assert worker.stdout is not None
        worker.stdout.readline()
        with watched(user, _own_portfolio(user)) as watch:
            killing = threading.Timer(1.0, worker.kill)
            killing.start()
            accepted = _send(user, UPLOADS)
            killing.join()
            drained = _drained(server, accepted)
        worker.wait()
        worker.stdout.close()
        return f"{drained}; {watch.described()}"


def uploads_queued(count: int = QUEUED) -> str:
    """The worker is held (SIGSTOP of its process) until many uploads are accepted, then let go."""
    with (
        running_server(auto_confirm="true", max_portfolios=str(count + 1)) as server,
        signed_up(server) as user,
    ):
        path = _own_portfolio(user)
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            accepted = _send(user, count)
            with watched(user, path) as watch:
                os.kill(server.process.pid, signal.SIGCONT)
                drained = _drained(server, accepted)
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
        return f"{drained}; {watch.described()}"


def provider_hanging() -> str:
    """A provider of market data takes requests and answers none, while eight callers search for companies."""
    with (
        providers.running_both() as (tiingo, polygon),
        running_server(auto_confirm="true", **providers.settings_for(tiingo, polygon)) as server,
        signed_up(server) as user,
        watched(user, "/search?query=company+{}") as asking,
        watched(user, _own_portfolio(user)) as watch,
    ):
        asking.begin()
        tiingo.down = providers.Hang()
        time.sleep(AFTER)
        tiingo.recover()
        return f"portfolio: {watch.described()}; search: {asking.described()}"


def disk_full() -> str:
    """No byte is left on the data folder's disk, a small one in memory, for 5 s."""
    with server_on_small_disk() as server, signed_up(server) as user:
        content = small_file(0)
        ticket = ask_for_upload(user.client, content, portfolioName="upload 0")
        with watched(user, _own_portfolio(user)) as watch:
            with full(server):
                refused = send_file(ticket, content).status_code
                time.sleep(5)
            accepted = send_file(ticket, content).status_code == 200
            database = httpx.get(f"{server.url}/v1/ready", timeout=30).status_code
            time.sleep(AFTER / 2)
        return (
            f"a file is answered {refused} while the disk is full and {'accepted' if accepted else 'refused'}"
            f" afterwards, `/ready` then {database}; {watch.described()}"
        )


FAULTS: dict[str, Callable[[], str]] = {
    fault.__name__: fault
    for fault in (
        postgres_killed,
        worker_killed,
        terminated,
        connections_exhausted,
        provider_hanging,
        disk_full,
        uploads_queued,
    )
}


def main() -> None:
    """Inject the named faults, all by default, and print what each did."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description="Break things, and watch.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FAULTS)}; all by default")
    parser.add_argument("--queued", type=int, default=QUEUED, help="uploads for `uploads_queued`")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in FAULTS]
    if unknown:
        parser.error(f"there is no fault {unknown[0]!r}: choose from {', '.join(FAULTS)}")
    for name in options.names or FAULTS:
        fault = FAULTS[name]
        effect = uploads_queued(options.queued) if fault is uploads_queued else fault()
        print(f"{name}: {effect}", flush=True)


if __name__ == "__main__":
    main()
