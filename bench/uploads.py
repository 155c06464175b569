"""Seconds from sending a file to `COMPLETED`, through HTTP as a client does it, and the memory it takes.

1,000 different files of 50 rows, each into a portfolio of its own, from 8 clients at once; then one file of
10 MB and 200,000 rows as a dry run. The peer of both is the reader alone, in this process, on the same files:
what is left is HTTP, storage, queue and database.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx
from tests.api.conftest import PASSWORD, Server, running_server

from bench.csv_reader import ROWS, ten_megabytes
from bench.figures import Figure, quantile
from foliolens.holdings.rules import Rules
from foliolens.uploads.reader import ReadOptions, read

__all__ = ["main"]

FILES = 1000
CLIENTS = 8
POLL_SECONDS = 0.02


def small_file(number: int) -> bytes:
    """A file of 50 rows that no other number has."""
    rows = "".join(f"S{row:03},Company {row},stock,{1000 + number + row}.00\n" for row in range(50))
    return f"Symbol,Name,Asset Type,Dollar Amount\n{rows}".encode()


def signed_in(server: Server) -> dict[str, str]:
    """The headers of a new user."""
    with httpx.Client(base_url=f"{server.url}/v1", timeout=30) as client:
        person = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
        names = {"firstName": "Ada", "lastName": "Lovelace"}
        client.post("/auth/register", json=person | names).raise_for_status()
        tokens = client.post("/auth/login", json=person).raise_for_status().json()
        return {"Authorization": f"Bearer {tokens['accessToken']}"}


def upload(client: httpx.Client, headers: dict[str, str], content: bytes, **wishes: object) -> float:
    """Upload one file: seconds from the PUT until the status says `COMPLETED`."""
    wanted = {"filename": f"{uuid4().hex}.csv", "size": len(content), **wishes}
    ticket = client.post("/v1/uploads", json=wanted, headers=headers).raise_for_status().json()
    started = time.perf_counter()
    client.put(ticket["uploadUrl"], content=content, headers=ticket["headers"]).raise_for_status()
    while True:
        status = (
            client.get(f"/v1/upload/{ticket['uploadId']}/status", headers=headers).raise_for_status().json()
        )
        if status["status"] == "COMPLETED":
            return time.perf_counter() - started
        assert status["status"] != "FAILED", status["errors"][:3]
        time.sleep(POLL_SECONDS)


def family(root: int) -> Iterator[tuple[int, str]]:
    """A process and its descendants, each with its command."""
    lines = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,comm="], capture_output=True, text=True, check=True
    ).stdout
    processes = [line.split(None, 2) for line in lines.splitlines()]
    wanted = {root}
    for pid, parent, command in sorted(processes, key=lambda process: int(process[0])):
        if int(pid) == root or int(parent) in wanted:
            wanted.add(int(pid))
            yield int(pid), command


def peak_mebibytes(server: Server) -> str:
    """The peak memory of the server's Python processes, where the system tells it (Linux)."""
    if not Path("/proc/self/status").exists():
        return "not told by this system"
    peaks = []
    for pid, command in family(server.process.pid):
        if "postgres" not in command:
            facts = dict(
                line.split(":", 1)
                for line in Path(f"/proc/{pid}/status").read_text().splitlines()
                if ":" in line
            )
            peaks.append(int(facts["VmHWM"].split()[0]) / 1024)
    return " + ".join(f"{peak:.0f}" for peak in peaks) + " MiB"


def many(server: Server) -> Figure:
    """Upload the small files."""
    headers = signed_in(server)
    contents = [small_file(number) for number in range(FILES)]
    with httpx.Client(base_url=server.url, timeout=60) as client, ThreadPoolExecutor(CLIENTS) as clients:
        started = time.perf_counter()
        seconds = list(clients.map(lambda content: upload(client, headers, content), contents))
        total = time.perf_counter() - started
    started = time.perf_counter()
    for content in contents:
        assert not read(content, ReadOptions(rules=Rules(from_file=True))).errors
    alone = time.perf_counter() - started
    half, most = (quantile(seconds, part) * 1000 for part in (0.5, 0.95))
    return Figure(
        f"{FILES:,} uploads of 50 rows, {CLIENTS} clients",
        f"{FILES / total:.0f} uploads/s; PUT to `COMPLETED` p50 {half:.0f} ms, p95 {most:.0f} ms;"
        f" peak {peak_mebibytes(server)}",
        f"reader alone {FILES / alone:,.0f} files/s",
        "p95 < 1 s",
    )


def one_large(server: Server) -> Figure:
    """Check a file of 10 MB."""
    content = ten_megabytes()
    with httpx.Client(base_url=server.url, timeout=60) as client:
        seconds = upload(client, signed_in(server), content, validateOnly=True, overrideRules=True)
    started = time.perf_counter()
    read(content, ReadOptions(rules=Rules(max_holdings=ROWS, override_business_rules=True, from_file=True)))
    alone = time.perf_counter() - started
    return Figure(
        f"dry run of {len(content) / 1e6:.0f} MB, {ROWS:,} rows, through HTTP",
        f"{seconds:.1f} s from PUT to `COMPLETED`, {ROWS / seconds:,.0f} rows/s;"
        f" peak {peak_mebibytes(server)}",
        f"reader alone {alone:.1f} s, {ROWS / alone:,.0f} rows/s",
    )


def main() -> list[Figure]:
    """Measure both, each on a server of its own, whose peak memory it is."""
    settings = {"auto_confirm": "true", "max_portfolios": str(FILES), "max_holdings": str(ROWS)}
    figures = []
    for measure in (many, one_large):
        with running_server(**settings) as server:
            figures.append(measure(server))
    return figures


if __name__ == "__main__":
    print(*main(), sep=os.linesep)
