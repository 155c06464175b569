"""HTTP to a provider, bounded in time and size whatever it does.

httpx bounds each read, so a provider that sends a byte now and then would never be cut off. Requests
therefore run in an event loop, which ends them on time, in whatever state they are.
"""

import ssl
import threading
import zlib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache

import anyio
import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from foliolens import __version__

__all__ = ["Answer", "Unanswered", "Wire"]

_MAX_BYTES = 16 * 1024 * 1024
"""The largest body: 60 years of daily prices are 4 MB."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that arrived whole.

    Attributes:
        status: HTTP status.
        retry_after: The header of that name.
        body: Decoded; not shown, since a provider may repeat our key in it.
    """

    status: int
    retry_after: str | None
    body: bytes = field(repr=False)


class Unanswered(Exception):
    """There was no whole response.

    Args:
        kind: What went wrong, a word or two for people: "timeout", "connection failed", ...
        transient: Whether trying again at once may help.
    """

    def __init__(self, kind: str, *, transient: bool) -> None:
        super().__init__(kind)
        self.kind = kind
        self.transient = transient


class Wire:
    """GET requests to one host; safe to use from any thread.

    Args:
        base_url: Scheme, host and perhaps a path.
        headers: Sent with each request: where the key is.
        connect_seconds: The part of the time that connecting may take.
    """

    def __init__(self, base_url: str, headers: Mapping[str, str], connect_seconds: float) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": f"foliolens/{__version__}",
            **headers,
        }
        self._connect_seconds = connect_seconds
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._open: tuple[BlockingPortal, httpx.AsyncClient] | None = None

    def get(self, path: str, params: Mapping[str, str], within: float) -> Answer:
        """Ask for a path and wait at most `within` seconds for all of the answer.

        Raises:
            Unanswered: It did not arrive whole, in time and within the largest size.
        """
        portal, client = self._opened()
        outcome = portal.call(self._fetch, client, path, dict(params), within)
        # Raised here rather than where httpx's error is known, for that holds the request with the key.
        if isinstance(outcome, Unanswered):
            raise outcome
        return outcome

    def close(self) -> None:
        """End the connections and the event loop; the next request would begin anew."""
        with self._lock:
            self._open = None
            self._stack.close()

    def _opened(self) -> tuple[BlockingPortal, httpx.AsyncClient]:
        """The event loop and the client; begun with the first request, which many processes never make."""
        with self._lock:
            if self._open is None:
                portal = self._stack.enter_context(start_blocking_portal())
                client = httpx.AsyncClient(
                    headers=self._headers,
                    timeout=httpx.Timeout(None, connect=self._connect_seconds),
                    follow_redirects=False,
                    verify=_authorities(),
                )
                self._stack.callback(portal.call, client.aclose)
                self._open = portal, client
            return self._open

    async def _fetch(
        self, client: httpx.AsyncClient, path: str, params: dict[str, str], within: float
    ) -> Answer | Unanswered:
        try:
            with anyio.fail_after(within):
                async with client.stream("GET", self._base_url + path, params=params) as response:
                    body = await _received(response)
        except TimeoutError:
            return Unanswered("timeout", transient=False)
        except httpx.ConnectTimeout:
            return Unanswered("connection timed out", transient=True)
        except httpx.ConnectError:
            return Unanswered("connection failed", transient=True)
        except httpx.TransportError:
            return Unanswered("connection broken", transient=True)
        if body is None:
            return Unanswered("unreadable body", transient=False)
        return Answer(response.status_code, response.headers.get("retry-after"), body)


@cache
def _authorities() -> ssl.SSLContext:
    """Whom to trust; read once for all providers, for it takes 20 ms."""
    return httpx.create_ssl_context()


async def _received(response: httpx.Response) -> bytes | None:
    """The body, decoded here to bound what a few compressed bytes may become; None if it cannot be."""
    parts, size = [], 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > _MAX_BYTES:
            return None
        parts.append(part)
    body = b"".join(parts)
    match response.headers.get("content-encoding", "identity").lower():
        case "identity":
            return body
        case "gzip":
            return _inflated(body)
        case _:
            return None


def _inflated(body: bytes) -> bytes | None:
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = unzip.decompress(body, _MAX_BYTES)
    except zlib.error:
        return None
    return plain if unzip.eof else None
