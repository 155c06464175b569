"""What watching costs: processor time of a request with nothing of it, with metrics, with metrics and traces.

The whole application over a real database, called without a network, so that nothing else is in the figures.
The variants take turns; traces go to a collector in a process of its own.
"""

import asyncio
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from msgspec.structs import replace

from bench.figures import Figure
from foliolens.adapters.local.prometheus_metrics import share
from foliolens.bootstrap import Services, database_server, open_services
from foliolens.entrypoints.application import create_application
from foliolens.kit.logging import configure_logging
from foliolens.kit.migrations import migrate
from foliolens.ports.identity import Attributes
from foliolens.ports.metrics import NO_METRICS
from foliolens.settings import TracingSettings, load_settings

__all__ = ["main"]

ROUNDS = 30
REQUESTS = 200
PASSWORD = "Correct-Horse-7-Battery"

Ask = Callable[[], Awaitable[None]]


def main() -> list[Figure]:
    """Measure `GET /v1/portfolios` of somebody with one portfolio."""
    with tempfile.TemporaryDirectory(prefix="foliolens-bench-") as folder, ExitStack() as stack:
        os.environ.update(FOLIOLENS_AUTO_CONFIRM="true", FOLIOLENS_RATE_LIMITS="off")
        settings = load_settings(data=Path(folder))
        url = stack.enter_context(database_server(settings))
        migrate(url)
        share(settings.data)
        endpoint = stack.enter_context(_collector())
        traced = replace(settings, tracing=TracingSettings(otlp_endpoint=endpoint))
        plain = stack.enter_context(open_services(settings, url))
        with_traces = stack.enter_context(open_services(traced, url))
        log = stack.enter_context(Path(folder, "log").open("w", encoding="utf-8"))
        configure_logging("json")
        logging.getLogger().handlers[0].setStream(log)  # type: ignore[attr-defined]
        token = _signed_in(plain)
        variants = {
            "nothing": _asking(replace(plain, metrics=NO_METRICS), token),  # type: ignore[arg-type]
            "nothing, once more": _asking(replace(plain, metrics=NO_METRICS), token),  # type: ignore[arg-type]
            "metrics": _asking(plain, token),
            "metrics and traces": _asking(with_traces, token),
        }
        taken = asyncio.run(_measured(variants))
        configure_logging()
    nothing = taken.pop("nothing")
    return [
        Figure(
            f"a request with {name}",
            f"{statistics.median(times):.0f} µs ({_ratio(times, nothing):.2f}×)",
            f"with nothing {statistics.median(nothing):.0f} µs",
        )
        for name, times in taken.items()
    ]


def _ratio(times: list[float], others: list[float]) -> float:
    """The median of the rounds' ratios: what else the machine does changes from round to round."""
    return statistics.median(one / other for one, other in zip(times, others, strict=True))


async def _measured(variants: dict[str, Ask]) -> dict[str, list[float]]:
    """Microseconds of processor time a request, in each round."""
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(ROUNDS + 2):
        for name, ask in variants.items():
            started = time.process_time()
            for _ in range(REQUESTS):
                await ask()
            if number >= 2:  # else everything is loaded for the first time
                taken[name].append((time.process_time() - started) / REQUESTS * 1e6)
    return dict(taken)


def _asking(services: Services, token: str) -> Ask:
    application = create_application(services, on_shutdown=lambda: None)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/portfolios",
        "raw_path": b"/v1/portfolios",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"authorization", f"Bearer {token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200, message

    async def ask() -> None:
        await application(dict(scope), receive, send)

    return ask


def _signed_in(services: Services) -> str:
    email = f"{uuid4().hex}@example.com"
    identity = services.auth.identity
    identity.register(email, PASSWORD, Attributes("Ada", "Lovelace", "individual", "beginner", "moderate"))
    return str(identity.login(email, PASSWORD).access_token)  # type: ignore[union-attr]


@contextmanager
def _collector() -> Iterator[str]:
    """A collector that takes everything and keeps nothing of it."""
    program = "from bench.observability import take_everything; take_everything()"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def take_everything() -> None:
    """Be the collector; print where it is."""
    from tests.otlp import collecting  # noqa: PLC0415

    with collecting() as collector:
        print(collector.url, flush=True)
        while True:
            time.sleep(1)
            for kept in (collector.bodies, collector.spans, collector.resources):
                kept.clear()
