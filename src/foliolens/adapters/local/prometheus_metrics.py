"""Metrics in Prometheus' form, shared by the processes of a server through files.

The library reads the folder's name from the environment when it is imported, so `share` comes first, in the
process that starts the others; one that is started beside them calls `join`.
"""

import os
import shutil
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from foliolens.ports.metrics import EVENTS, REFUSALS, Event, JobOutcome, Lookup, ProviderOutcome, RouteTotals

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from foliolens.ports.job_queue import Depth
    from foliolens.ports.market import BreakerState

__all__ = ["PrometheusMetrics", "join", "share"]

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_NAME = "metrics"
_BEGINNING = "since"
_FILE_BYTES = 1 << 20
_LATEST: Final = "mostrecent"
"""How the values of a gauge from several processes become one."""
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_REQUESTS = "foliolens_http_requests"
_SECONDS = "foliolens_http_request_seconds"
_BREAKER_STATES: "tuple[BreakerState, ...]" = ("closed", "open", "half-open")


def share(data: Path) -> None:
    """Let this process and those it starts count together, from zero; in a folder of the data folder."""
    folder = data / _NAME
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    (folder / _BEGINNING).touch()
    os.environ[_FOLDER] = str(folder)


def join(data: Path) -> None:
    """Let this process count with a server that runs already; without one it counts for itself."""
    folder = data / _NAME
    if folder.is_dir():
        os.environ[_FOLDER] = str(folder)


def _take_space() -> None:
    """Write this process's files out before the library maps them, if it does.

    It makes them with holes, and a hole that is written to on a full disk ends the process with SIGBUS.

    Raises:
        OSError: There is no space; nothing is left that whoever adds up would stumble over.
    """
    folder = os.environ.get(_FOLDER)
    for kind in ("counter", "histogram", f"gauge_{_LATEST}") if folder else ():
        path = Path(str(folder), f"{kind}_{os.getpid()}.db")
        with suppress(FileExistsError), path.open("xb") as file:
            try:
                file.write(bytes(_FILE_BYTES))
                file.flush()
            except OSError:
                path.unlink()
                raise


class _Counted(Struct):
    requests: int = 0
    errors: int = 0
    refused: int = 0
    within: dict[float, int] = field(default_factory=dict)


class PrometheusMetrics:
    """See `ServerMetrics`; one for each process, after `share` or `join`."""

    def __init__(self) -> None:
        # Not at the top: see the module.
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram  # noqa: PLC0415

        _take_space()
        own = CollectorRegistry()

        def counter(name: str, help_text: str, *labels: str) -> Counter:
            return Counter(name, help_text, labels, registry=own)

        def histogram(name: str, help_text: str, *labels: str) -> Histogram:
            return Histogram(name, help_text, labels, registry=own, buckets=_BOUNDS)

        def gauge(name: str, help_text: str, *labels: str) -> Gauge:
            return Gauge(name, help_text, labels, registry=own, multiprocess_mode=_LATEST)

        self._requests = counter(_REQUESTS, "Requests answered.", "method", "route", "status")
        self._seconds = histogram(_SECONDS, "Seconds until a request was answered.", "method", "route")
        self._jobs = counter("foliolens_jobs", "Attempts of jobs.", "kind", "outcome")
        self._job_seconds = histogram("foliolens_job_seconds", "Seconds of an attempt of a job.", "kind")
        self._questions = counter(
            "foliolens_provider_calls", "Questions to providers.", "provider", "outcome"
        )
        self._provider_seconds = histogram(
            "foliolens_provider_seconds",
            "Seconds until a provider was done with, retries included.",
            "provider",
        )
        self._breakers = gauge(
            "foliolens_provider_breaker", "1 for where a provider's breaker stands.", "provider", "state"
        )
        self._lookups = counter("foliolens_cache_lookups", "Lookups in caches.", "cache", "outcome")
        self._model_seconds = histogram("foliolens_model_seconds", "Seconds of a run of a model.", "engine")
        self._events = counter("foliolens_events", "What the business is about.", "event")
        self._waiting = gauge("foliolens_queue_waiting", "Jobs that are due and not begun.", "queue")
        self._oldest = gauge(
            "foliolens_queue_oldest_seconds", "Seconds since the oldest of them was due.", "queue"
        )
        for event in EVENTS:  # so that the first of a kind is an increase
            self._events.labels(event)

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """See `Metrics.served`."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def worked(self, kind: str, outcome: JobOutcome, seconds: float) -> None:
        """See `Metrics.worked`."""
        self._jobs.labels(kind, outcome).inc()
        self._job_seconds.labels(kind).observe(seconds)

    def asked(self, provider: str, outcome: ProviderOutcome, seconds: float) -> None:
        """See `Metrics.asked`; whoever was not asked has no seconds."""
        self._questions.labels(provider, outcome).inc()
        if outcome != "paused":
            self._provider_seconds.labels(provider).observe(seconds)

    def breaker(self, provider: str, state: "BreakerState") -> None:
        """See `Metrics.breaker`."""
        for each in _BREAKER_STATES:
            self._breakers.labels(provider, each).set(each == state)

    def looked_up(self, cache: str, outcome: Lookup, times: int = 1) -> None:
        """See `Metrics.looked_up`."""
        self._lookups.labels(cache, outcome).inc(times)

    def inferred(self, engine: str, seconds: float) -> None:
        """See `Metrics.inferred`."""
        self._model_seconds.labels(engine).observe(seconds)

    def happened(self, event: Event) -> None:
        """See `Metrics.happened`."""
        self._events.labels(event).inc()

    def queued(self, queue: str, depth: "Depth | None") -> None:
        """See `ServerMetrics.queued`."""
        oldest = None if depth is None else depth.oldest
        self._waiting.labels(queue).set(nan if depth is None else depth.waiting)
        self._oldest.labels(queue).set(nan if depth is None else oldest.total_seconds() if oldest else 0)

    @property
    def since(self) -> datetime:
        """When counting began."""
        return datetime.fromtimestamp(Path(os.environ[_FOLDER], _BEGINNING).stat().st_mtime, UTC)

    def text(self) -> bytes:
        """See `ServerMetrics.text`."""
        from prometheus_client import generate_latest  # noqa: PLC0415

        return generate_latest(_of_all_processes())

    def totals(self) -> list[RouteTotals]:
        """See `ServerMetrics.totals`."""
        counted: defaultdict[tuple[str, str], _Counted] = defaultdict(_Counted)
        for metric in _of_all_processes().collect():
            if metric.name not in {_REQUESTS, _SECONDS}:
                continue
            for sample in metric.samples:
                route = counted[sample.labels["method"], sample.labels["route"]]
                if sample.name == f"{_REQUESTS}_total":
                    _count(route, int(sample.labels["status"]), int(sample.value))
                elif sample.name == f"{_SECONDS}_bucket":
                    route.within[float(sample.labels["le"])] = int(sample.value)
        return [
            RouteTotals(method, route, each.requests, each.errors, each.refused, sorted(each.within.items()))
            for (method, route), each in counted.items()
        ]


def _of_all_processes() -> "CollectorRegistry":
    from prometheus_client import CollectorRegistry  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _count(route: _Counted, status: int, times: int) -> None:
    route.requests += times
    if status in REFUSALS:
        route.refused += times
    elif status >= 500:
        route.errors += times
