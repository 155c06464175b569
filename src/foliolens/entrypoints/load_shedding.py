"""Refusing at once what could not be answered soon, so that what was accepted is."""

import random

from starlette.types import ASGIApp, Receive, Scope, Send

from foliolens.entrypoints.open_routes import OPEN_ROUTES
from foliolens.errors import ServiceUnavailable
from foliolens.kit.http import error_response
from foliolens.kit.logging import request_id

__all__ = ["LoadShedding"]

_ALWAYS_ANSWERED = ("/v1/health", "/v1/ready")
_LONGEST_PAUSE = 3


class LoadShedding:
    """ASGI middleware that bounds how many requests are under way in this process.

    The open routes may wait for providers and models: they have a bound of their own, so that a provider that
    hangs takes no place from anybody's portfolio.

    Args:
        app: What is called.
        limit: Requests under way at once, of the open routes and of the others each.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._free = {True: limit, False: limit}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in _ALWAYS_ANSWERED:
            await self._app(scope, receive, send)
            return
        is_open = scope["path"].startswith(OPEN_ROUTES)
        if not self._free[is_open]:
            await error_response(_refusal(), request_id.get())(scope, receive, send)
            return
        self._free[is_open] -= 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._free[is_open] += 1


def _refusal() -> ServiceUnavailable:
    # Not all at the same time: who is refused together would come back together.
    pause = random.randint(1, _LONGEST_PAUSE)  # noqa: S311 - jitter, not a secret
    return ServiceUnavailable("Too many requests are under way: try again shortly.", retry_after=pause)
