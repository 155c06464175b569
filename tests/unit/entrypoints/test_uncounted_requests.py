"""While nobody counts requests, they are served, except where passwords and codes can be tried."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse

from foliolens.accounts.api_keys import ApiKeys
from foliolens.entrypoints.rate_limits import RateLimit
from foliolens.errors import AuthenticationFailed, ServiceUnavailable
from foliolens.ports.identity import Claims
from foliolens.ports.rate_counter import Window
from foliolens.settings import LimitSettings


class Nobody:
    def verify(self, _access_token: str) -> Claims:
        raise AuthenticationFailed


class Silent:
    def hit(self, _key: str, _window_seconds: int) -> Window:
        raise ServiceUnavailable

    def peek(self, _key: str, _window_seconds: int) -> int:
        raise ServiceUnavailable


@pytest.mark.parametrize(("path", "status"), [("/v1/portfolios", 200), ("/v1/auth/login", 503)])
def test_only_passwords_wait_for_the_counter(path: str, status: int) -> None:
    app = RateLimit(
        PlainTextResponse("served"),
        limits=LimitSettings(),
        counter=Silent(),
        identity=Nobody(),
        api_keys=ApiKeys(()),
    )

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.post(path)

    answer = asyncio.run(ask())

    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (status == 503)
