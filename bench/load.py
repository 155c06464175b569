"""A load client on bare asyncio: keep-alive connections that each send the same request again and again.

It costs about a tenth of what the servers under test cost per request, and the same for all of them.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from bench.figures import quantile

__all__ = ["Load", "described", "load"]


@dataclass(slots=True)
class Load:
    """What a load produced.

    Attributes:
        seconds: How long it lasted.
        latencies: Seconds of each answered request.
        failures: Answers other than 200, and broken connections.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    failures: int = 0

    @property
    def rate(self) -> float:
        """Answered requests a second."""
        return len(self.latencies) / self.seconds

    def latency(self, part: float) -> float:
        """Milliseconds that this part of the requests did not exceed."""
        return quantile(self.latencies, part) * 1000


class _Connection(asyncio.Protocol):
    """One connection: a request, its whole answer, the next request."""

    def __init__(self, request: bytes, outcome: Load) -> None:
        self._request = request
        self._outcome = outcome
        self._buffer = bytearray()
        self._sent = 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(self._buffer) < end + 4 + length:
            return
        self._buffer.clear()
        if head.startswith(b"http/1.1 200"):
            self._outcome.latencies.append(time.perf_counter() - self._sent)
        else:
            self._outcome.failures += 1
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._outcome.failures += exc is not None

    def _send(self) -> None:
        assert self.transport is not None
        if not self.transport.is_closing():
            self._sent = time.perf_counter()
            self.transport.write(self._request)


def load(url: str | Sequence[str], headers: dict[str, str], *, connections: int, seconds: float) -> Load:
    """Ask for a URL over many connections at once.

    Args:
        url: Of an `http` server that answers with `Content-Length`; of several, each connection has one.
        headers: Besides `Host`.
        connections: How many requests are under way at any moment.
        seconds: How long; half a second before it does not count.

    Returns:
        The load, without the requests of the beginning.
    """
    urls = [url] if isinstance(url, str) else url
    parts = urlsplit(urls[0])
    requests = [_request(one, headers) for one in urls]
    return asyncio.run(_run(requests, parts.hostname or "", parts.port or 80, connections, seconds))


def _request(url: str, headers: dict[str, str]) -> bytes:
    parts = urlsplit(url)
    lines = [
        f"GET {parts.path or '/'}{'?' if parts.query else ''}{parts.query} HTTP/1.1",
        f"Host: {parts.netloc}",
    ]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


async def _run(requests: Sequence[bytes], host: str, port: int, connections: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    outcome = Load()
    opened = [
        await loop.create_connection(
            partial(_Connection, requests[number % len(requests)], outcome), host, port
        )
        for number in range(connections)
    ]
    await asyncio.sleep(0.5)
    outcome.latencies.clear()
    started = time.perf_counter()
    await asyncio.sleep(seconds)
    outcome.seconds = time.perf_counter() - started
    latencies = outcome.latencies.copy()
    for transport, _ in opened:
        transport.close()
    outcome.latencies = latencies
    return outcome


def described(loads: Sequence[Load]) -> str:
    """The median of several loads in one line."""
    rate, half, most = (
        statistics.median(values)
        for values in zip(*((one.rate, one.latency(0.5), one.latency(0.99)) for one in loads), strict=True)
    )
    return f"{rate:,.0f} requests/s, p50 {half:.0f} ms, p99 {most:.0f} ms"
