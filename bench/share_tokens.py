"""Whether the time of an answer tells a token that never was from one that expired or was taken back.

One keep-alive connection, all kinds of tokens in random order, fresh links in every round. Two figures for
each kind: its median time, and in how many of all pairs a request of this kind took longer than one with a
guessed token: 50% means that time tells nothing. Guessed tokens are compared with other guessed ones as well,
which shows how far chance alone goes; and with a link that works, which has to be told apart, or nothing is
measured.

The second part opens one link over 64 connections, and 64 links over one connection each: views of one link
must not wait for each other.
"""

import bisect
import http.client
import random
import secrets
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
import psycopg
from tests.api.conftest import Server, User, running_server, signed_up
from tests.api.exchanges import create_portfolio

from bench.figures import Figure, quantile
from bench.load import Load, described, load
from foliolens.adapters.local.postgres import running_url

__all__ = ["main"]

ROUNDS = 40
REQUESTS_A_ROUND = 50
CONNECTIONS = 64
LOAD_ROUNDS = 5
SECONDS = 3.0


def main() -> list[Figure]:
    """Measure both."""
    with running_server(auto_confirm="true", max_shares=str(10**6)) as server, signed_up(server) as owner:
        return [*_timing(server, owner), _one_link_beside_many(server, owner)]


def _timing(server: Server, owner: User) -> Iterator[Figure]:
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    portfolio_id = create_portfolio(owner.client)["id"]
    url = running_url(server.data / "postgres")
    assert url is not None
    with psycopg.connect(url, autocommit=True) as database, _connection(server) as connection:
        for _ in range(ROUNDS):
            kinds = _kinds(owner, portfolio_id, database)
            visits = [(kind, token) for kind, token in kinds.items()] * REQUESTS_A_ROUND
            random.shuffle(visits)
            for kind, token in visits:
                seconds[kind].append(
                    _timed(connection, token if token else "fls_" + secrets.token_urlsafe(32))
                )
    guessed = sorted(seconds.pop("guessed"))
    chance = _longer(seconds["guessed (others)"], guessed)
    for kind, times in seconds.items():
        yield Figure(
            f"a token that is {kind}",
            f"median {statistics.median(times) * 1000:.2f} ms, p95 {quantile(times, 0.95) * 1000:.2f} ms;"
            f" longer than a guessed one in {_longer(times, guessed):.1%} of the pairs",
            f"guessed median {statistics.median(guessed) * 1000:.2f} ms, p95"
            f" {quantile(guessed, 0.95) * 1000:.2f} ms; by chance {chance:.1%}",
            "" if kind in {"live", "10 kB long", "guessed (others)"} else "50% ± 3%",
        )


def _kinds(owner: User, portfolio_id: str, database: psycopg.Connection) -> Mapping[str, str | None]:
    """A token of every kind; None for one that is guessed anew each time."""
    live, gone, late = (_link(owner, portfolio_id) for _ in range(3))
    owner.client.delete(f"/portfolios/{portfolio_id}/shares/{gone['shareId']}").raise_for_status()
    database.execute(
        "UPDATE shares SET expires_at = now() - interval '1 second' WHERE id = %s", (late["shareId"],)
    )
    token = live["shareToken"]
    return {
        "guessed": None,
        "guessed (others)": None,
        "expired": late["shareToken"],
        "taken back": gone["shareToken"],
        "altered": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "malformed": "x",
        "10 kB long": "A" * 10_000,
        "live": token,
    }


def _link(owner: User, portfolio_id: str) -> dict[str, str]:
    made: dict[str, str] = (
        owner.client.post(f"/portfolios/{portfolio_id}/share", json={}).raise_for_status().json()
    )
    return made


@contextmanager
def _connection(server: Server) -> Iterator[http.client.HTTPConnection]:
    url = httpx.URL(server.url)
    connection = http.client.HTTPConnection(url.host, url.port, timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def _timed(connection: http.client.HTTPConnection, token: str) -> float:
    started = time.perf_counter()
    connection.request("GET", f"/v1/shared/{token}")
    connection.getresponse().read()
    return time.perf_counter() - started


def _longer(times: list[float], ordered: list[float]) -> float:
    """In how many of all pairs the first takes longer: the statistic U of Mann and Whitney over all pairs."""
    return statistics.fmean(bisect.bisect_left(ordered, seconds) for seconds in times) / len(ordered)


def _one_link_beside_many(server: Server, owner: User) -> Figure:
    portfolio_id = create_portfolio(owner.client)["id"]
    urls = [f"{server.url}/v1/shared/{_link(owner, portfolio_id)['shareToken']}" for _ in range(CONNECTIONS)]
    one: list[Load] = []
    many: list[Load] = []
    for _ in range(LOAD_ROUNDS):
        one.append(load(urls[0], {}, connections=CONNECTIONS, seconds=SECONDS))
        many.append(load(urls, {}, connections=CONNECTIONS, seconds=SECONDS))
    assert sum(done.failures for done in (*one, *many)) == 0
    ratio = statistics.median(hot.rate / cold.rate for hot, cold in zip(one, many, strict=True))
    return Figure(
        f"one link opened over {CONNECTIONS} connections",
        f"{described(one)}; {ratio:.2f} of many links",
        f"{CONNECTIONS} links {described(many)}",
        "≥ 0.9 of many links",
    )


if __name__ == "__main__":
    print(*main(), sep="\n")
