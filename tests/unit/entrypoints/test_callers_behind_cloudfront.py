"""Whom a function behind API Gateway counts a request to: all of them come from CloudFront's addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from foliolens.adapters.local.shared_rate_counter import SharedRateCounter
from foliolens.entrypoints.gateway_asgi import asgi_handler, guarded
from foliolens.entrypoints.routing import with_routes
from foliolens.errors import AuthenticationFailed
from foliolens.ports.clock import SystemClock
from foliolens.ports.identity import Claims
from foliolens.ports.metrics import NO_METRICS
from foliolens.ports.tracing import NO_TRACING
from foliolens.settings import load_settings
from tests.gateway_events import rest_call

EDGE, ADA, EVE = "64.252.0.1", "198.51.100.7", "203.0.113.9"
HEADER = "FOLIOLENS_AWS_VIEWER_ADDRESS_HEADER"
LIMIT = 3


class Nobody:
    """Knows no token."""

    def verify(self, access_token: str) -> Claims:
        raise AuthenticationFailed


Statuses = Callable[[str | None, int], list[int]]


@pytest.fixture
def loops() -> Iterator[None]:
    """An event loop for Mangum to find, and the end of the one that the handler puts in its place."""
    with closing(asyncio.new_event_loop()) as found:
        asyncio.set_event_loop(found)
        yield
        asyncio.get_event_loop().close()
        asyncio.set_event_loop(None)


@pytest.fixture
def statuses(
    loops: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Statuses]]:
    """Starts a function, which answers so many requests that state this address with these statuses."""
    monkeypatch.setenv("FOLIOLENS_RATE_ANONYMOUS_PER_MINUTE", str(LIMIT))
    with closing(SharedRateCounter(tmp_path / "windows", SystemClock())) as counter:

        def start() -> Statuses:
            app = guarded(with_routes(()), load_settings(), counter, Nobody(), NO_METRICS, NO_TRACING)
            handler = asgi_handler(app)

            def ask(address: str | None, times: int) -> list[int]:
                event: dict[str, Any] = rest_call("GET", "/nothing-here")
                event["requestContext"]["identity"]["sourceIp"] = EDGE
                if address is not None:
                    event["headers"]["X-Viewer-Address"] = address
                return [handler(event, None)["statusCode"] for _ in range(times)]

            return ask

        yield start


def test_two_callers_behind_one_edge_are_counted_apart(
    statuses: Callable[[], Statuses], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HEADER, "x-viewer-address")
    ask = statuses()

    assert ask(ADA, LIMIT + 1) == [404] * LIMIT + [429]
    assert ask(EVE, LIMIT) == [404] * LIMIT


def test_stating_addresses_gains_nothing_where_nobody_replaces_them(
    statuses: Callable[[], Statuses], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(HEADER, raising=False)
    ask = statuses()

    assert ask(ADA, LIMIT) == [404] * LIMIT
    assert ask(EVE, 1) == [429]


@pytest.mark.parametrize("stated", ["", "nobody", "1.2.3.4, 5.6.7.8"])
def test_what_is_no_address_is_one_caller(
    statuses: Callable[[], Statuses], monkeypatch: pytest.MonkeyPatch, stated: str
) -> None:
    monkeypatch.setenv(HEADER, "x-viewer-address")
    ask = statuses()
    ask("no address", LIMIT)

    assert ask(stated, 1) == [429]
