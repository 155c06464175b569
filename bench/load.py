"""A load client on bare asyncio: keep-alive connections that each send one request after the other.

It costs about a tenth of what the servers under test cost per request, and the same for all of them.
"""

import asyncio
import itertools
import random
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from bench.figures import quantile

__all__ = ["Client", "Load", "described", "load", "merged", "request", "run", "run_beside"]


@dataclass(slots=True)
class Load:
    """What a load produced.

    Attributes:
        seconds: How long it lasted.
        latencies: Seconds of each request answered with 200.
        refusals: Seconds of each request answered with 503.
        failures: Other answers, and broken connections.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    failures: int = 0

    @property
    def rate(self) -> float:
        """Requests a second that were answered with 200."""
        return len(self.latencies) / self.seconds

    def latency(self, part: float) -> float:
        """Milliseconds that this part of the requests did not exceed."""
        return quantile(self.latencies, part) * 1000


@dataclass(frozen=True, slots=True)
class Client:
    """Someone who sends requests over one connection, each when the one before it was answered.

    Attributes:
        requests: Whole requests, head and body, without end.
        think: Mean seconds between an answer and the next request, exponentially distributed.
        patient: Whether a refusal's `Retry-After` is waited for, as real clients do.
    """

    requests: Iterator[bytes]
    think: float = 0.0
    patient: bool = True


class _Connection(asyncio.Protocol):
    """One connection: a request, its whole answer, the next request."""

    def __init__(self, client: Client, outcome: Load) -> None:
        self._client = client
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
        if len(self._buffer) < end + 4 + _whole_number(head, b"content-length:"):
            return
        self._buffer.clear()
        took = time.perf_counter() - self._sent
        pause = random.expovariate(1 / self._client.think) if self._client.think else 0.0
        if head.startswith(b"http/1.1 200"):
            self._outcome.latencies.append(took)
        elif head.startswith(b"http/1.1 503"):
            self._outcome.refusals.append(took)
            pause += _whole_number(head, b"retry-after:") if self._client.patient else 0.0
        else:
            self._outcome.failures += 1
        if pause:
            asyncio.get_running_loop().call_later(pause, self._send)
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._outcome.failures += exc is not None

    def _send(self) -> None:
        assert self.transport is not None
        if not self.transport.is_closing():
            self._sent = time.perf_counter()
            self.transport.write(next(self._client.requests))


def _whole_number(head: bytes, field_name: bytes) -> int:
    return int(head.partition(field_name)[2].split(b"\r\n", 1)[0])


def request(url: str, headers: dict[str, str], body: bytes | None = None) -> bytes:
    """A GET, or a POST where there is a body, as it goes over the wire."""
    parts = urlsplit(url)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    lines = [
        f"{'GET' if body is None else 'POST'} {path} HTTP/1.1",
        f"Host: {parts.netloc}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


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
    asked = [request(urls[number % len(urls)], headers) for number in range(connections)]
    return run(urls[0], [Client(itertools.repeat(one)) for one in asked], seconds)


def run(url: str, clients: Sequence[Client], seconds: float) -> Load:
    """Let clients send what they have to a server, all at once; half a second before it does not count."""
    (load,) = asyncio.run(run_beside(url, [clients], seconds))
    return load


async def run_beside(url: str, groups: Sequence[Sequence[Client]], seconds: float) -> list[Load]:
    """As `run`, for several groups of clients at the same time: the load of each group."""
    parts = urlsplit(url)
    return await asyncio.gather(
        *(_run(parts.hostname or "", parts.port or 80, clients, seconds) for clients in groups)
    )


def merged(loads: Iterable[Load]) -> Load:
    """Several loads as if they were one."""
    whole = Load()
    for load in loads:
        whole.seconds += load.seconds
        whole.latencies += load.latencies
        whole.refusals += load.refusals
        whole.failures += load.failures
    return whole


async def _run(host: str, port: int, clients: Sequence[Client], seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    outcome = Load()
    opened = [
        await loop.create_connection(partial(_Connection, client, outcome), host, port) for client in clients
    ]
    await asyncio.sleep(0.5)
    begun = len(outcome.latencies), len(outcome.refusals)
    started = time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - started
    measured = Load(took, outcome.latencies[begun[0] :], outcome.refusals[begun[1] :], outcome.failures)
    for transport, _ in opened:
        transport.close()
    return measured


def described(loads: Sequence[Load]) -> str:
    """The median of several loads in one line."""
    rate, half, most = (
        statistics.median(values)
        for values in zip(*((one.rate, one.latency(0.5), one.latency(0.99)) for one in loads), strict=True)
    )
    return f"{rate:,.0f} requests/s, p50 {half:.0f} ms, p99 {most:.0f} ms"
