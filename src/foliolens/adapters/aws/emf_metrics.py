"""Metrics in CloudWatch's embedded metric format: lines of JSON on standard output, which Lambda takes along.

Source: "Specification: Embedded metric format" of the CloudWatch user guide. Each name is paid for, and once
more for each value of a dimension; so there are few names and no dimensions. Everything else that was counted
stands in the same line as plain properties, for CloudWatch Logs Insights.

A writer of our own: Powertools' knows one value of a property for a line, and adds 45 ms to each start.
"""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from foliolens.kit import json
from foliolens.ports.metrics import Event, JobOutcome, Lookup, ProviderOutcome

if TYPE_CHECKING:
    from foliolens.ports.market import BreakerState

__all__ = ["NAMES", "EmfMetrics"]

_Event = ParamSpec("_Event")
_Answer = TypeVar("_Answer")

_EVENTS: Final[dict[Event, str]] = {
    "registration": "Registrations",
    "portfolio-created": "PortfoliosCreated",
    "portfolio-deleted": "PortfoliosDeleted",
    "upload-accepted": "UploadsAccepted",
}
_UPLOADS = "UploadFailures"
_UPLOADED: Final[dict[Event, int]] = {"upload-imported": 0, "upload-failed": 1}
_REQUESTS = "RequestMilliseconds"
_MODELS = "ModelMilliseconds"
_PROVIDERS = "ProviderFailures"
_CACHES = "CacheHitPercent"
_COLD = "ColdStart"

_UNITS: Final = {
    **dict.fromkeys(_EVENTS.values(), "Count"),
    _UPLOADS: "Count",
    _REQUESTS: "Milliseconds",
    _MODELS: "Milliseconds",
    _PROVIDERS: "Count",
    _CACHES: "Percent",
    _COLD: "Count",
}
NAMES: Final = frozenset(_UNITS)
"""All that CloudWatch makes metrics of."""

_MOST_VALUES = 100
"""Of one metric in one line."""


class EmfMetrics:
    """See `Metrics`; safe to use from any thread.

    `ProviderFailures` is 0 for an answer and 1 for a failure, so that its average is a share and its samples
    are the calls; `UploadFailures` likewise. `CacheHitPercent` is one value for each cache and line.

    Args:
        namespace: Of the metrics.
    """

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._lock = threading.Lock()
        self._is_cold = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "provisioned-concurrency"
        self.forget()

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """See `Metrics.served`."""
        taken = _milliseconds(seconds)
        fact = {"method": method, "route": route, "status": status, "milliseconds": taken}
        self._note("requests", fact, _REQUESTS, taken)

    def worked(self, kind: str, outcome: JobOutcome, seconds: float) -> None:
        """See `Metrics.worked`."""
        self._note("jobs", {"kind": kind, "outcome": outcome, "milliseconds": _milliseconds(seconds)})

    def asked(self, provider: str, outcome: ProviderOutcome, seconds: float) -> None:
        """See `Metrics.asked`."""
        fact = {"provider": provider, "outcome": outcome, "milliseconds": _milliseconds(seconds)}
        if outcome == "paused":
            self._note("providers", fact)
        else:
            self._note("providers", fact, _PROVIDERS, int(outcome == "failed"))

    def breaker(self, provider: str, state: "BreakerState") -> None:
        """See `Metrics.breaker`."""
        with self._lock:
            self._breakers[provider] = state

    def looked_up(self, cache: str, outcome: Lookup, times: int = 1) -> None:
        """See `Metrics.looked_up`."""
        with self._lock:
            self._lookups[cache][outcome] += times

    def inferred(self, engine: str, seconds: float) -> None:
        """See `Metrics.inferred`."""
        taken = _milliseconds(seconds)
        self._note("models", {"engine": engine, "milliseconds": taken}, _MODELS, taken)

    def happened(self, event: Event) -> None:
        """See `Metrics.happened`."""
        with self._lock:
            if event in _UPLOADED:
                self._values[_UPLOADS].append(_UPLOADED[event])
                if len(self._values[_UPLOADS]) == _MOST_VALUES:
                    self._write()
            else:
                name = _EVENTS[event]
                self._values[name] = [sum(self._values[name]) + 1]

    def reported(self, handler: Callable[_Event, _Answer]) -> Callable[_Event, _Answer]:
        """The handler of a function, which writes after each invocation what was counted in it."""

        def reporting(*args: _Event.args, **kwargs: _Event.kwargs) -> _Answer:
            try:
                return handler(*args, **kwargs)
            finally:
                self.flush()

        return reporting

    def forget(self) -> None:
        """Drop what was counted: it was a rehearsal."""
        self._values: defaultdict[str, list[float]] = defaultdict(list)
        self._facts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._lookups: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._breakers: dict[str, BreakerState] = {}

    def flush(self) -> None:
        """Write what was counted as one line, if anything was."""
        with self._lock:
            self._write()

    def _note(self, kind: str, fact: dict[str, Any], name: str | None = None, value: float = 0) -> None:
        with self._lock:
            self._facts[kind].append(fact)
            if name is not None:
                self._values[name].append(value)
            if len(self._facts[kind]) == _MOST_VALUES:
                self._write()

    def _write(self) -> None:
        if self._is_cold:
            self._values[_COLD] = [1]
            self._is_cold = False
        for lookups in self._lookups.values():
            hits, misses = lookups["hit"], lookups["miss"]
            if hits + misses:
                self._values[_CACHES].append(round(100 * hits / (hits + misses), 1))
        facts: dict[str, Any] = {
            **self._facts,
            **({"breakers": self._breakers} if self._breakers else {}),
            **({"caches": self._lookups} if self._lookups else {}),
        }
        line = self._directive() | self._values | facts
        if line:
            print(json.encode(line).decode(), flush=True)  # noqa: T201 - where Lambda reads it
        self.forget()

    def _directive(self) -> dict[str, Any]:
        """What makes metrics of the values; nothing where there are none, whose line is one of the log."""
        if not self._values:
            return {}
        directive = {
            "Namespace": self._namespace,
            "Dimensions": [[]],
            "Metrics": [{"Name": name, "Unit": _UNITS[name]} for name in self._values],
        }
        return {"_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]}}


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)
