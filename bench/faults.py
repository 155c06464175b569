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
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
from tests import providers
from tests.api.conftest import (
    Server,
    User,
    command,
    environment,
    free_port,
    running_server,
    signed_up,
    start_server,
    stop_server,
)
from tests.api.exchanges import ask_for_upload, create_portfolio, portfolio, send_file
from tests.api.test_database_faults import kill_postgres
from tests.api.test_full_disk import full, server_on_small_disk
from tests.unit.sentiment.test_choice import install_finbert

from bench.figures import quantile
from bench.uploads import small_file
from foliolens.adapters.local.postgres import running_url
from foliolens.sentiment.installation import finbert_folder

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
        others = Counter(answer.status for answer in bad if answer.status not in {503, UNREACHED, BROKEN})
        other = ", ".join(f"{count:,} answered {status}" for status, count in sorted(others.items()))
        took = [answer.seconds for answer in since]
        return (
            f"{len(since):,} requests: {refused:,} refused, {unreached:,} met no server,"
            f" {broken:,} broken{f', {other}' if other else ''};"
            f"{f' well again after {well:.2f} s;' if bad else ''} p95 {quantile(took, 0.95) * 1000:.0f} ms"
            f" (before: {quantile(before, 0.95) * 1000:.0f} ms), longest {max(took):.2f} s"
        )


Ask = Callable[[httpx.Client, int], httpx.Response]
"""Sends a request, given a number that is new with each."""


@contextmanager
def watched(user: User, ask: str | Ask, readers: int = READERS) -> Iterator[Watch]:
    """Ask over and over beside the block, and `BEFORE` seconds before it; a string is a path to read."""
    asked: Ask = (lambda client, _: client.get(ask)) if isinstance(ask, str) else ask
    watch, ending, numbers = Watch(), threading.Event(), itertools.count()
    headers = {"Authorization": user.client.headers["Authorization"]}

    def read() -> None:
        with httpx.Client(base_url=user.client.base_url, headers=headers, timeout=30) as client:
            while not ending.wait(PAUSE):
                sent = time.monotonic()
                try:
                    status = asked(client, next(numbers)).status_code
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
        watched(user, lambda client, number: client.get(f"/search?query=company+{number}")) as asking,
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


def model_damaged() -> str:
    """FinBERT's weights are cut off under a running server; then its inference process ends, and loads again.

    The weights are random, of a small model. The embedded one is the fallback.
    """
    models: Counter[str] = Counter()

    def judge(client: httpx.Client, number: int) -> httpx.Response:
        answer = client.post("/sentiment", json={"text": [f"Profit rose by {number}."], "hash": number})
        models[answer.headers.get("x-sentiment-model", "none")] += 1
        return answer

    with tempfile.TemporaryDirectory(prefix="foliolens-faults-") as name:
        data = Path(name, "data")
        install_finbert(data)
        settings = {"auto_confirm": "true", "sentiment_fallback": "embedded", "inference_patience": "2"}
        server = start_server(data, free_port(), **settings)
        try:
            with (
                signed_up(server) as user,
                watched(user, judge) as judging,
                watched(user, _own_portfolio(user)) as watch,
            ):
                judging.begin()
                before = dict(models)
                weights = next(finbert_folder(data).glob("*/model.onnx"))
                os.truncate(weights, weights.stat().st_size // 2)
                time.sleep(AFTER / 2)
                cut = models - Counter(before)
                os.kill(_inference_process(server), signal.SIGKILL)
                time.sleep(AFTER)
                ended = models - cut - Counter(before)
        finally:
            stop_server(server)
    return (
        f"judged by, before: {before}, cut off: {dict(cut)}, loaded again: {dict(ended)}; articles:"
        f" {judging.described()}; portfolio: {watch.described()}"
    )


def _inference_process(server: Server) -> int:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            of_server = os.getsid(int(process.name)) == os.getsid(server.process.pid)
            if of_server and b"foliolens.entrypoints.inference" in (process / "cmdline").read_bytes():
                return int(process.name)
    raise LookupError("there is no inference process")


def clock_jump() -> str:
    """The clock of all our processes, not PostgreSQL's, jumps an hour ahead for 5 s and back, during uploads.

    Monotonic clocks go on, as when a machine's clock is set. Tokens live for four hours: those that an hour
    makes invalid are refused in time and out of it alike. Needs a C compiler.
    """
    with tempfile.TemporaryDirectory(prefix="foliolens-faults-") as name:
        clock, library = Path(name, "clock"), Path(name, "clock_offset.so")
        source = Path(__file__).with_name("clock_offset.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", source, "-o", library], check=True)
        faked = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(clock)}
        os.environ.update(faked)
        try:
            settings = {"auto_confirm": "true", "access_token_seconds": "14400"}
            server = start_server(Path(name, "data"), free_port(), **settings)
        finally:
            for variable in faked:
                del os.environ[variable]
        try:
            with (
                signed_up(server) as user,
                ThreadPoolExecutor(1) as sending,
                watched(user, _own_portfolio(user)) as watch,
            ):
                sent = sending.submit(_send, user, UPLOADS)
                clock.write_text("3600")
                time.sleep(5)
                ahead = _clock_of(user)
                clock.write_text("0")
                drained = _drained(server, sent.result())
        finally:
            stop_server(server)
    return f"the server was {ahead:.0f} s ahead; {drained}; {watch.described()}"


def _clock_of(user: User) -> float:
    """Seconds that the server's clock is ahead of ours."""
    made = create_portfolio(user.client, **portfolio("clock"))["createdAt"]
    return (datetime.fromisoformat(made) - datetime.now(UTC)).total_seconds()


FAULTS: dict[str, Callable[[], str]] = {
    fault.__name__: fault
    for fault in (
        postgres_killed,
        worker_killed,
        terminated,
        connections_exhausted,
        provider_hanging,
        disk_full,
        model_damaged,
        clock_jump,
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
