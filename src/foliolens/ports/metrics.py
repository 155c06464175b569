"""What is counted and timed while the system works, by the same calls on one machine and on AWS.

No call may raise, wait, or be given anything of a user: labels are names out of our own code.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from foliolens.ports.job_queue import Depth
    from foliolens.ports.market import BreakerState

__all__ = [
    "EVENTS",
    "NO_METRICS",
    "REFUSALS",
    "Event",
    "JobOutcome",
    "Lookup",
    "Metrics",
    "ProviderOutcome",
    "RouteTotals",
    "ServerMetrics",
]

JobOutcome = Literal["completed", "failed", "given-up"]
"""A job that failed comes back; one that was given up lies among the dead letters."""

ProviderOutcome = Literal["answered", "failed", "paused"]
"""A provider that is paused was not asked."""

Lookup = Literal["hit", "miss", "stale"]
"""What a cache had; a miss is stale as well where an old value was served since no new one was to be had."""

Event = Literal[
    "registration",
    "portfolio-created",
    "portfolio-deleted",
    "upload-accepted",
    "upload-imported",
    "upload-failed",
]
EVENTS: Final[tuple[Event, ...]] = (
    "registration",
    "portfolio-created",
    "portfolio-deleted",
    "upload-accepted",
    "upload-imported",
    "upload-failed",
)
"""All of them."""

REFUSALS: Final = frozenset({429, 503})
"""Statuses with which a server says when to come again; they are no errors."""


class Metrics(Protocol):
    """Counts; seconds are those of a clock that only goes forward."""

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; the route is its template, never a path."""
        ...

    def worked(self, kind: str, outcome: JobOutcome, seconds: float) -> None:
        """Count one attempt of a job."""
        ...

    def asked(self, provider: str, outcome: ProviderOutcome, seconds: float) -> None:
        """Count one question to a provider, retries included."""
        ...

    def breaker(self, provider: str, state: "BreakerState") -> None:
        """Tell where a provider's circuit breaker stands, as this process sees it."""
        ...

    def looked_up(self, cache: str, outcome: Lookup, times: int = 1) -> None:
        """Count what was looked for in a cache."""
        ...

    def inferred(self, engine: str, seconds: float) -> None:
        """Count one run of a model, without what it waited for."""
        ...

    def happened(self, event: Event) -> None:
        """Count what the business is about; one that is undone with its transaction counts as well."""
        ...


class _NoMetrics:
    """See `NO_METRICS`."""

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """Nothing, as all others."""

    def worked(self, kind: str, outcome: JobOutcome, seconds: float) -> None: ...

    def asked(self, provider: str, outcome: ProviderOutcome, seconds: float) -> None: ...

    def breaker(self, provider: str, state: "BreakerState") -> None: ...

    def looked_up(self, cache: str, outcome: Lookup, times: int = 1) -> None: ...

    def inferred(self, engine: str, seconds: float) -> None: ...

    def happened(self, event: Event) -> None: ...


NO_METRICS: Final[Metrics] = _NoMetrics()
"""For commands, which nobody watches."""


class RouteTotals(Struct, frozen=True):
    """What was served on one route since the server started.

    Attributes:
        method: Of HTTP.
        route: Its template, never a path.
        requests: All of them.
        errors: Those answered with 500 and above, but for 503.
        refused: Those answered with 429 or 503: the server said when to come again.
        within: Upper bounds in seconds, ascending, the last infinite, and how many requests took no longer.
    """

    method: str
    route: str
    requests: int
    errors: int
    refused: int
    within: Sequence[tuple[float, int]]


class ServerMetrics(Metrics, Protocol):
    """Metrics that a server keeps itself; on AWS CloudWatch keeps them, and SQS measures its queues."""

    @property
    def since(self) -> datetime:
        """When counting began."""
        ...

    def queued(self, queue: str, depth: "Depth | None") -> None:
        """Tell how much waits in a queue; None where that is not to be had."""
        ...

    def totals(self) -> list[RouteTotals]:
        """What all processes served, by route, in no order."""
        ...

    def text(self) -> bytes:
        """Everything that all processes counted, as Prometheus reads it (text format 0.0.4)."""
        ...
