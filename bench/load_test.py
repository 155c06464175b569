"""Many people at once on a server of its own: `make load`, or `python -m bench.load_test --users 1000`.

Starts a server on loopback with fresh data, makes an account with a portfolio for each person, lets Locust
play them (`bench/people.py` has the mix), samples what the server's processes take, and counts at the end
whether every file that was accepted was imported once. Limits of rates are off: all people share an address.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
from tests.api.conftest import PASSWORD, Server, running_server
from tests.api.exchanges import holding, portfolio

from bench.figures import Figure, table
from bench.prediction import market
from foliolens.adapters.local.postgres import running_url

__all__ = ["main"]

SIGN_UPS = 4
SAMPLE_SECONDS = 5.0
DISK_SECONDS = 60.0
CALM_SECONDS = 0.3
RECOVERY_SECONDS = 60


@dataclass
class Samples:
    """What the server's processes held, PostgreSQL's left out, and what lay in its folder, sampled."""

    resident_mb: list[float] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)
    disk_mb: list[dict[str, float]] = field(default_factory=list)


def main() -> list[Figure]:
    """Run it as the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m bench.load_test", description=__doc__)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--think", type=float, default=10.0, help="mean seconds between two things")
    parser.add_argument("--arrivals", type=float, default=50.0, help="people that come a second")
    chosen = parser.parse_args()
    settings = {"auto_confirm": "true", "access_token_seconds": "14400", "max_portfolios": "1000"}
    settings["inference_patience"] = "2"  # as by default, not as in tests
    with running_server(**settings) as server, tempfile.TemporaryDirectory(prefix="foliolens-load-") as name:
        folder = Path(name)
        _prepare(server, folder, chosen.users)
        with _sampled(server) as samples:
            _play(server, folder, chosen)
            recovery = _recovery(server)
        figures = _figures(folder, samples, recovery, _imports(server))
    print(table(figures))
    return figures


def _prepare(server: Server, folder: Path, users: int) -> None:
    """An account, a token and a portfolio for each person."""

    def sign_up(number: int) -> dict[str, str]:
        with httpx.Client(base_url=f"{server.url}/v1", timeout=60) as client:
            email = f"person-{number}@example.com"
            stated = {"email": email, "password": PASSWORD, "firstName": "P", "lastName": str(number)}
            client.post("/auth/register", json=stated).raise_for_status()
            signed_in = client.post("/auth/login", json={"email": email, "password": PASSWORD})
            token = signed_in.raise_for_status().json()["accessToken"]
            body = portfolio("Load", *(holding(f"SYM{n}", 1000 + 37 * n + number) for n in range(20)))
            made = client.post("/portfolios", json=body, headers={"Authorization": f"Bearer {token}"})
            return {"token": token, "portfolio": made.raise_for_status().json()["id"]}

    with ThreadPoolExecutor(SIGN_UPS) as threads:
        accounts = list(threads.map(sign_up, range(users)))
    (folder / "accounts.json").write_text(json.dumps(accounts))
    asked = market(250)
    request = {
        "ticker": asked.ticker,
        **{name: getattr(asked, name).tolist() for name in ("close", "volume", "positive", "negative")},
        "sentiment": asked.sentiment.values.tolist(),
    }
    (folder / "prediction.json").write_text(json.dumps(request))


def _play(server: Server, folder: Path, chosen: argparse.Namespace) -> None:
    seconds = int(chosen.minutes * 60 + chosen.users / chosen.arrivals)
    subprocess.run(
        [
            *(sys.executable, "-m", "locust", "--locustfile", str(Path(__file__).with_name("people.py"))),
            *("--headless", "--host", server.url, "--only-summary", "--csv", str(folder / "load")),
            *("--users", str(chosen.users), "--spawn-rate", str(chosen.arrivals)),
            *("--run-time", f"{seconds}s", "--stop-timeout", "30", "--exit-code-on-error", "0"),
        ],
        check=True,
        env={
            **os.environ,
            "LOAD_THINK": str(chosen.think),
            "LOAD_ACCOUNTS": str(folder / "accounts.json"),
            "LOAD_PREDICTION": str(folder / "prediction.json"),
        },
    )


@contextmanager
def _sampled(server: Server) -> Iterator[Samples]:
    samples, over = Samples(), threading.Event()

    def sample() -> None:
        disk_at = 0.0
        while not over.wait(SAMPLE_SECONDS):
            found = [_process(each) for each in _family(server.process.pid)]
            samples.resident_mb.append(sum(each[0] for each in found))
            samples.threads.append(sum(each[1] for each in found))
            samples.files.append(sum(each[2] for each in found))
            samples.connections.append(_connections(server))
            if time.monotonic() - disk_at > DISK_SECONDS:
                disk_at = time.monotonic()
                samples.disk_mb.append(_disk(server.data))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def _family(pid: int) -> list[int]:
    """A process and all that descend from it, PostgreSQL's left out."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [pid]
    for child in children.read_text().split() if children.exists() else ():
        if "postgres" not in Path(f"/proc/{child}/cmdline").read_text():
            found += _family(int(child))
    return found


def _process(pid: int) -> tuple[float, int, int]:
    """Resident megabytes, threads and open files."""
    try:
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
        )
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:  # it ended
        return 0.0, 0, 0
    return int(status["VmRSS"].split()[0]) / 1024, int(status["Threads"]), files


@contextmanager
def _database(server: Server) -> Iterator[psycopg.Connection]:
    url = running_url(server.data / "postgres")
    assert url is not None
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def _connections(server: Server) -> int:
    """Connections to the database, this one left out."""
    with _database(server) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    assert row is not None
    return int(row[0])


def _disk(data: Path) -> dict[str, float]:
    """Megabytes of each folder in the data folder; PostgreSQL's tables and its write-ahead log apart."""
    taken: dict[str, float] = defaultdict(float)
    for folder, _, names in os.walk(data):
        parts = Path(folder).relative_to(data).parts
        of_database = next((f"postgres {part}" for part in parts if part in {"base", "pg_wal"}), None)
        kind = of_database or (parts[0] if parts else "files")
        for name in names:
            with suppress(FileNotFoundError):  # it is gone since
                taken[kind] += Path(folder, name).lstat().st_size / 1e6
    return taken


def _recovery(server: Server) -> float:
    """Seconds until the server answers as fast as on a calm day, three times in a row."""
    begun, calm = time.monotonic(), 0
    while calm < 3 and time.monotonic() - begun < RECOVERY_SECONDS:
        asked = time.monotonic()
        answer = httpx.get(f"{server.url}/v1/ready", timeout=RECOVERY_SECONDS)
        calm = calm + 1 if answer.is_success and time.monotonic() - asked < CALM_SECONDS else 0
    return time.monotonic() - begun


def _imports(server: Server) -> dict[str, int]:
    """How many uploads are in which state once the queue is empty, and how many portfolios came of them."""
    with _database(server) as connection:
        for _ in range(120):
            row = connection.execute("SELECT count(*) FROM jobs WHERE queue = 'work'").fetchone()
            if row == (0,):
                break
            time.sleep(0.5)
        states = dict(connection.execute("SELECT status, count(*) FROM uploads GROUP BY status").fetchall())
        made = connection.execute("SELECT count(*) FROM portfolios WHERE name <> 'Load'").fetchone()
    assert made is not None
    return {**states, "portfolios": made[0]}


def _figures(folder: Path, samples: Samples, recovery: float, imports: dict[str, int]) -> list[Figure]:
    with (folder / "load_stats.csv").open() as opened:
        rows = {row["Name"]: row for row in csv.DictReader(opened)}
    whole = rows.pop("Aggregated")
    refused = sum(int(row["Request Count"]) for name, row in rows.items() if name.endswith(": refused"))
    figures = [
        Figure(
            "all requests",
            f"{int(whole['Request Count']):,}, {float(whole['Requests/s']):.0f}/s, refused {refused:,}",
            f"errors {whole['Failure Count']}",
            "errors 0",
        ),
        Figure(
            "p50 / p95 / p99",
            " / ".join(f"{whole[part]} ms" for part in ("50%", "95%", "99%")),
            "",
            "p95 < 300 ms, p99 < 1.5 s",
        ),
        Figure("resident memory", f"{_growth(samples.resident_mb)} MB", "", "flat"),
        Figure(
            "threads; open files; connections to the database",
            "; ".join(_growth(held) for held in (samples.threads, samples.files, samples.connections)),
            "",
            "flat",
        ),
        Figure("disk, first sample → last", _disk_growth(samples.disk_mb), "", "what was imported"),
        Figure("calm again after the last request", f"{recovery:.1f} s", "", "5 s"),
        Figure(
            "uploads",
            ", ".join(f"{name} {count:,}" for name, count in sorted(imports.items())),
            "",
            "each accepted one imported once",
        ),
    ]
    figures += [
        Figure(
            f"`{name}`",
            f"{int(row['Request Count']):,}; p50 {row['50%']}, p95 {row['95%']}, p99 {row['99%']} ms",
        )
        for name, row in sorted(rows.items())
    ]
    return figures


def _growth(samples: Sequence[float]) -> str:
    """The mean of the second quarter, when everybody has come, and of the last."""
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    return f"{statistics.mean(early):.1f} → {statistics.mean(late):.1f}"


def _disk_growth(samples: Sequence[dict[str, float]]) -> str:
    first, last = samples[0], samples[-1]
    return ", ".join(f"{kind} {first.get(kind, 0):.0f} → {last[kind]:.0f} MB" for kind in sorted(last))


if __name__ == "__main__":
    main()
