"""Request metrics in Prometheus' form, shared by the processes of a server through files.

The library reads the folder's name from the environment when it is imported, so `share` comes first, in the
process that starts the others.
"""

import os
import shutil
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from foliolens.ports.metrics import RouteTotals

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

__all__ = ["PrometheusMetrics", "share"]

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_BEGINNING = "since"
_FILE_BYTES = 1 << 20
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_REQUESTS = "foliolens_http_requests"
_SECONDS = "foliolens_http_request_seconds"
_REFUSALS = frozenset({"429", "503"})


def share(folder: Path) -> None:
    """Let this process and those it starts count together, from zero."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    (folder / _BEGINNING).touch()
    os.environ[_FOLDER] = str(folder)


def _take_space() -> None:
    """Write this process's files out before the library maps them, if it does.

    It makes them with holes, and a hole that is written to on a full disk ends the process with SIGBUS.
    """
    folder = os.environ.get(_FOLDER)
    for kind in ("counter", "histogram") if folder else ():
        path = Path(str(folder), f"{kind}_{os.getpid()}.db")
        with suppress(FileExistsError), path.open("xb") as file:
            file.write(bytes(_FILE_BYTES))


@dataclass
class _Counted:
    requests: int = 0
    errors: int = 0
    refused: int = 0
    within: dict[float, int] = field(default_factory=dict)


class PrometheusMetrics:
    """See `RequestMetrics`; one for each process, after `share`."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: PLC0415 - see the module

        _take_space()
        own = CollectorRegistry()
        self._requests = Counter(_REQUESTS, "Requests answered.", ["method", "route", "status"], registry=own)
        self._seconds = Histogram(
            _SECONDS,
            "Seconds until a request was answered.",
            ["method", "route"],
            registry=own,
            buckets=_BOUNDS,
        )

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """See `RequestMetrics.served`."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    @property
    def since(self) -> datetime:
        """When counting began."""
        return datetime.fromtimestamp(Path(os.environ[_FOLDER], _BEGINNING).stat().st_mtime, UTC)

    def text(self) -> bytes:
        """Everything that all processes counted, as Prometheus reads it (text format 0.0.4)."""
        from prometheus_client import generate_latest  # noqa: PLC0415

        return generate_latest(_of_all_processes())

    def totals(self) -> list[RouteTotals]:
        """See `RequestMetrics.totals`."""
        counted: defaultdict[tuple[str, str], _Counted] = defaultdict(_Counted)
        for metric in _of_all_processes().collect():
            for sample in metric.samples:
                route = counted[sample.labels["method"], sample.labels["route"]]
                if sample.name == f"{_REQUESTS}_total":
                    _count(route, sample.labels["status"], int(sample.value))
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


def _count(route: _Counted, status: str, times: int) -> None:
    route.requests += times
    if status in _REFUSALS:
        route.refused += times
    elif status >= "500":
        route.errors += times
