"""Rate limits of a server with two HTTP processes, some of its callers behind a trusted proxy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.api.conftest import Server, running_server

_LIMIT = 20


@pytest.fixture(scope="module")
def busy_server() -> Iterator[Server]:
    with running_server(
        "--processes",
        "2",
        rate_limits="on",
        rate_anonymous_per_minute=str(_LIMIT),
        trusted_proxies="127.0.4.0/24, 10.0.0.9",
    ) as started:
        yield started


def ask(server: Server, address: str, *forwarded: str) -> httpx.Response:
    """One request over a connection of its own, so that either process may get it."""
    headers = [("X-Forwarded-For", line) for line in forwarded]
    with httpx.Client(transport=httpx.HTTPTransport(local_address=address), timeout=30) as client:
        return client.get(f"{server.url}/v1/portfolios", headers=headers)


def statuses(server: Server, requests: list[tuple[str, ...]]) -> Counter[int]:
    with ThreadPoolExecutor(8) as threads:
        return Counter(
            answer.status_code for answer in threads.map(lambda each: ask(server, *each), requests)
        )


def test_processes_count_together(busy_server: Server) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: ask(busy_server, "127.0.3.1"), range(3 * _LIMIT)))

    assert Counter(answer.status_code for answer in answers) == {401: _LIMIT, 429: 2 * _LIMIT}
    remaining = sorted(
        int(answer.headers["x-ratelimit-remaining"]) for answer in answers if answer.status_code == 401
    )
    assert remaining == list(range(_LIMIT))


def test_callers_behind_a_trusted_proxy_are_counted_apart(busy_server: Server) -> None:
    for caller in ("203.0.113.1", "203.0.113.2"):
        assert statuses(busy_server, [("127.0.4.1", caller)] * _LIMIT) == {401: _LIMIT}

    assert ask(busy_server, "127.0.4.2", "203.0.113.1").status_code == 429


def test_what_a_caller_writes_before_the_proxy_counts_for_nothing(busy_server: Server) -> None:
    forged: list[tuple[str, ...]] = [
        ("127.0.4.1", f"198.51.100.{number}, 203.0.113.3") for number in range(_LIMIT)
    ]
    forged += [("127.0.4.1", f"198.51.100.{number}", "203.0.113.3, 10.0.0.9") for number in range(_LIMIT)]

    assert statuses(busy_server, forged) == {401: _LIMIT, 429: _LIMIT}


def test_nobody_else_is_believed(busy_server: Server) -> None:
    forged: list[tuple[str, ...]] = [("127.0.3.2", f"198.51.100.{number}") for number in range(2 * _LIMIT)]

    assert statuses(busy_server, forged) == {401: _LIMIT, 429: _LIMIT}


def test_the_addresses_of_one_ipv6_network_are_one_caller(busy_server: Server) -> None:
    neighbours: list[tuple[str, ...]] = [
        ("127.0.4.1", f"2001:db8:1:2::{number:x}") for number in range(2 * _LIMIT)
    ]

    assert statuses(busy_server, neighbours) == {401: _LIMIT, 429: _LIMIT}
    assert ask(busy_server, "127.0.4.1", "2001:db8:1:3::1").status_code == 401


def test_what_is_no_address_is_one_caller(busy_server: Server) -> None:
    nonsense: list[tuple[str, ...]] = [("127.0.4.1", f"203.0.113.4:{number}") for number in range(2 * _LIMIT)]

    assert statuses(busy_server, nonsense) == {401: _LIMIT, 429: _LIMIT}
