"""Requests for computations begin in the gaps between other requests."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from foliolens.entrypoints.giving_way import GivingWay

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class _App:
    """Notes what begins; what `hold` names goes on until it is let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.hold: dict[str, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else scope["type"]
        self.begun.append(path)
        if path in self.hold:
            await self.hold[path].wait()
        if path == "/v1/broken":
            raise RuntimeError(path)


async def _nothing() -> Message:
    raise AssertionError("no body is read")


async def _nowhere(_: Message) -> None:
    raise AssertionError("nothing is sent")


class _Server:
    def __init__(self) -> None:
        self.app = _App()
        self._giving_way = GivingWay(self.app)

    def request(self, path: str) -> asyncio.Task[None]:
        return asyncio.create_task(self._call({"type": "http", "path": path}))

    async def lifespan(self) -> None:
        await self._call({"type": "lifespan"})

    async def _call(self, scope: Scope) -> None:
        await self._giving_way(scope, _nothing, _nowhere)


async def _rounds(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_alone_it_begins_at_once() -> None:
    server = _Server()
    await server.lifespan()
    await server.request("/v1/predict")
    await server.request("/v1/sentiment/batch")
    assert server.app.begun == ["lifespan", "/v1/predict", "/v1/sentiment/batch"]


async def test_it_waits_until_the_others_are_answered() -> None:
    server = _Server()
    held = server.app.hold["/v1/portfolios"] = asyncio.Event()
    other = server.request("/v1/portfolios")
    await _rounds(1)
    computed = server.request("/v1/predict")
    await _rounds(10)
    assert server.app.begun == ["/v1/portfolios"]
    held.set()
    await asyncio.gather(other, computed)
    assert server.app.begun == ["/v1/portfolios", "/v1/predict"]


async def test_it_does_not_wait_for_what_hangs() -> None:
    server = _Server()
    held = server.app.hold["/v1/portfolios"] = asyncio.Event()
    other = server.request("/v1/portfolios")
    await _rounds(1)
    async with asyncio.timeout(30):
        await server.request("/v1/predict")
    assert not other.done()
    held.set()
    await other


@pytest.mark.parametrize("path", ["/v1/news", "/v1/market/AAPL/outlook", "/v1/predict"])
async def test_open_routes_are_not_given_way_to(path: str) -> None:
    server = _Server()
    held = server.app.hold[path] = asyncio.Event()
    other = server.request(path)
    await _rounds(10)
    computed = server.request("/v1/sentiment")
    await _rounds(10)
    assert computed.done()
    held.set()
    await other


async def test_of_many_one_begins_in_a_round() -> None:
    server = _Server()
    computed = [server.request("/v1/predict") for _ in range(5)]
    await _rounds(3)
    assert 0 < server.app.begun.count("/v1/predict") < len(computed)
    await server.request("/v1/portfolios")
    await asyncio.gather(*computed)
    # It came last, and had to wait for those that had begun only.
    assert server.app.begun[-1] == "/v1/predict"
    assert server.app.begun.count("/v1/predict") == len(computed)


async def test_who_hangs_up_takes_nobodys_turn() -> None:
    server = _Server()
    held = server.app.hold["/v1/portfolios"] = asyncio.Event()
    other = server.request("/v1/portfolios")
    await _rounds(1)
    given_up, computed = server.request("/v1/sentiment"), server.request("/v1/predict")
    await _rounds(1)
    given_up.cancel()
    held.set()
    await asyncio.gather(other, computed)
    assert given_up.cancelled()
    assert server.app.begun == ["/v1/portfolios", "/v1/predict"]


async def test_a_request_that_fails_is_under_way_no_more() -> None:
    server = _Server()
    with pytest.raises(RuntimeError):
        await server.request("/v1/broken")
    computed = server.request("/v1/predict")
    await _rounds(10)
    assert computed.done()
