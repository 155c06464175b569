"""Requests a second and latencies of our list, get and risk routes, beside a bare route in the same run.

One HTTP process each, on one database, one after the other in several rounds; the median round counts. The
user has 10 portfolios of 20 holdings. Rate limits are off, the access log is on, as it is in production.

The bare list returns the rows of our list, the bare get those of our get: a portfolio and its holdings. Our
get and risk routes analyse the portfolio as well (the same holdings are analysed once), and risk counts the
analysis in a row that all requests of this benchmark share.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx
from tests.api.conftest import PASSWORD, Server, free_port, running_server

from bench.figures import Figure
from bench.load import Load, described, load
from foliolens.adapters.local.postgres import running_url

__all__ = ["main"]

CONNECTIONS = (64, 256)
ROUNDS = 5
SECONDS = 3.0
POOL_SIZE = 10
AIM = 0.6


@dataclass(frozen=True, slots=True)
class Target:
    """Something to ask for, and the name of the target it is compared with."""

    name: str
    url: str
    headers: dict[str, str]
    peer: str | None = None


@contextmanager
def bare_server(database_url: str) -> Iterator[str]:
    """Run the peer."""
    port = free_port()
    environment = os.environ | {"BENCH_DATABASE_URL": database_url, "BENCH_POOL_SIZE": str(POOL_SIZE)}
    process = subprocess.Popen([sys.executable, "-m", "bench.bare_app", str(port)], env=environment)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def filled(server: Server) -> tuple[str, dict[str, str], str]:
    """Make a user with 10 portfolios: the user's id, the headers that sign in, a portfolio's id."""
    with httpx.Client(base_url=f"{server.url}/v1", timeout=30) as client:
        person = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
        names = {"firstName": "Ada", "lastName": "Lovelace"}
        client.post("/auth/register", json=person | names).raise_for_status()
        signed_in = client.post("/auth/login", json=person).raise_for_status().json()
        headers = {"Authorization": f"Bearer {signed_in['accessToken']}"}
        assets = [{"symbol": f"S{n}", "type": "stock", "dollarAmount": 1000 + 37 * n} for n in range(20)]
        for number in range(10):
            body = {"name": f"Portfolio {number}", "assets": assets}
            saved = client.post("/portfolios", json=body, headers=headers).raise_for_status().json()
        return signed_in["user"]["id"], headers, saved["id"]


def measured(targets: list[Target], connections: int) -> dict[str, list[Load]]:
    """Load every target in turn, several times."""
    loads: dict[str, list[Load]] = {target.name: [] for target in targets}
    for _ in range(ROUNDS):
        for target in targets:
            result = load(target.url, target.headers, connections=connections, seconds=SECONDS)
            assert result.failures == 0, f"{target.name}: {result.failures} failures"
            loads[target.name].append(result)
    return loads


def main() -> list[Figure]:
    """Measure all routes at both numbers of connections."""
    figures = []
    with running_server(auto_confirm="true", database_pool_size=str(POOL_SIZE)) as server:
        user_id, headers, portfolio_id = filled(server)
        database_url = running_url(server.data / "postgres")
        assert database_url is not None
        with bare_server(database_url) as bare_url:
            targets = [
                Target("bare list", f"{bare_url}/users/{user_id}/portfolios", {}),
                Target("list", f"{server.url}/v1/portfolios", headers, "bare list"),
                Target("bare get", f"{bare_url}/users/{user_id}/portfolios/{portfolio_id}", {}),
                Target("get", f"{server.url}/v1/portfolios/{portfolio_id}", headers, "bare get"),
                Target("risk", f"{server.url}/v1/portfolios/{portfolio_id}/risk", headers, "bare get"),
            ]
            for connections in CONNECTIONS:
                loads = measured(targets, connections)
                figures += [_figure(target, connections, loads) for target in targets if target.peer]
    return figures


def _figure(target: Target, connections: int, loads: dict[str, list[Load]]) -> Figure:
    own, bare, bare_list = loads[target.name], loads[target.peer or ""], loads["bare list"]
    beyond = "" if bare is bare_list else f" ({_ratio(own, bare_list):.2f} of the bare list)"
    return Figure(
        f"`{target.name}`, {connections} connections",
        f"{described(own)}; {_ratio(own, bare):.2f} of the bare route{beyond}",
        f"{target.peer} {described(bare)}",
        f"≥ {AIM} of the bare route",
    )


def _ratio(own: list[Load], bare: list[Load]) -> float:
    return statistics.median(mine.rate / theirs.rate for mine, theirs in zip(own, bare, strict=True))


if __name__ == "__main__":
    print(*main(), sep="\n")
