"""Sentiment and predictions give way: their requests begin in the gaps between the other routes' requests.

Reading, checking and answering one costs the event loop a millisecond or two, as much as a portfolio route's
whole request. Several that arrive together would hold up everybody else for as long as all of them take.
"""

import asyncio
from collections import deque

from starlette.types import ASGIApp, Receive, Scope, Send

from foliolens.entrypoints.open_routes import OPEN_ROUTES

__all__ = ["GivingWay"]

_COMPUTED = ("/v1/predict", "/v1/sentiment")
_PATIENCE = 0.05
"""Seconds: the routes given way to take a few milliseconds, and those that hang are not waited for."""


class GivingWay:
    """ASGI middleware that lets requests for computations begin one by one, while no other is under way.

    They wait 0.05 seconds at most. Open routes are not given way to: they may wait for a provider for long.
    For one event loop.

    Args:
        app: What is called.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._calling = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, in its turn."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.startswith(_COMPUTED):
            await self._turn()
            await self._app(scope, receive, send)
        elif not path or path.startswith(OPEN_ROUTES):
            await self._app(scope, receive, send)
        else:
            self._under_way += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._under_way -= 1
                self._call()

    async def _turn(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        patience = asyncio.get_running_loop().call_later(_PATIENCE, _begin, turn)
        self._waiting.append(turn)
        self._call()
        try:
            await turn
        finally:
            patience.cancel()

    def _call(self) -> None:
        """Let the next one begin in the event loop's next round, where other requests come in too."""
        if self._waiting and not self._under_way and not self._calling:
            self._calling = True
            asyncio.get_running_loop().call_soon(self._begin_next)

    def _begin_next(self) -> None:
        self._calling = False
        while self._waiting and not self._under_way:
            if _begin(self._waiting.popleft()):
                break
        self._call()


def _begin(turn: asyncio.Future[None]) -> bool:
    """Whether it was still waiting: not given up, nor out of patience."""
    if turn.done():
        return False
    turn.set_result(None)
    return True
