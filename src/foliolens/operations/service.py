"""The state of a server for whoever runs it: requests, queues, dead letters."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from foliolens.errors import ServiceUnavailable
from foliolens.operations.models import DeadLetterView, OpsSummary, QueueSummary, RouteSummary
from foliolens.ports.clock import Clock
from foliolens.ports.job_queue import Depth, JobQueue
from foliolens.ports.metrics import RouteTotals, ServerMetrics

__all__ = ["OperationsService", "quantile"]

_MOST_ROUTES = 50


class OperationsService(Struct, frozen=True):
    """What the `ops` routes do.

    Attributes:
        metrics: Of all processes.
        queues: By the name that the page shows.
        clock: Tells the time.
    """

    metrics: ServerMetrics
    queues: Mapping[str, JobQueue]
    clock: Clock

    def summary(self) -> OpsSummary:
        """Everything that the page shows."""
        totals = sorted(self.metrics.totals(), key=lambda route: (-route.requests, route.route, route.method))
        together = _together([route.within for route in totals])
        letters = {name: queue.dead() for name, queue in self.queues.items()}
        return OpsSummary(
            since=self.metrics.since,
            at=self.clock.now(),
            requests=sum(route.requests for route in totals),
            errors=sum(route.errors for route in totals),
            refused=sum(route.refused for route in totals),
            p50_ms=quantile(together, 0.5),
            p95_ms=quantile(together, 0.95),
            p99_ms=quantile(together, 0.99),
            routes=[_route(route) for route in totals[:_MOST_ROUTES]],
            queues=[self._queue(name, len(letters[name])) for name in self.queues],
            dead_letters=[
                DeadLetterView(
                    id=letter.job.id,
                    queue=name,
                    kind=letter.job.kind,
                    attempts=letter.job.attempts,
                    reason=letter.reason,
                )
                for name, found in letters.items()
                for letter in found
            ],
        )

    def redrive(self) -> int:
        """Put every dead letter back into its queue, as new; returns how many."""
        return sum(queue.redrive() for queue in self.queues.values())

    def exposition(self) -> bytes:
        """Everything that was counted, and how much waits now, as Prometheus reads it."""
        depths = self._depths()
        for name in self.queues:
            self.metrics.queued(name, depths.get(name))
        return self.metrics.text()

    def _depths(self) -> dict[str, Depth]:
        """What waits in each queue; nothing while the database does not answer, which is asked once then."""
        try:
            return {name: queue.depth() for name, queue in self.queues.items()}
        except ServiceUnavailable:
            return {}

    def _queue(self, name: str, dead: int) -> QueueSummary:
        depth = self.queues[name].depth()
        oldest = None if depth.oldest is None else depth.oldest.total_seconds()
        return QueueSummary(name=name, waiting=depth.waiting, oldest_seconds=oldest, dead=dead)


def quantile(within: Sequence[tuple[float, int]], part: float) -> float | None:
    """Milliseconds that a part of the requests did not exceed.

    Between the bounds of a bucket its requests are taken to lie evenly; beyond the last finite bound, that
    bound stands. None without any request.

    Args:
        within: See `RouteTotals`.
        part: Between 0 and 1.
    """
    if not within or not within[-1][1]:
        return None
    wanted = part * within[-1][1]
    lower, before = 0.0, 0
    for upper, count in within:
        if count >= wanted:
            inside = (wanted - before) / (count - before) if count > before else 0.0
            return 1000 * (lower if upper == float("inf") else lower + (upper - lower) * inside)
        lower, before = upper, count
    return 1000 * lower


def _together(routes: Sequence[Sequence[tuple[float, int]]]) -> list[tuple[float, int]]:
    """The buckets of all routes as one; all have the same bounds."""
    return [(bounds[0][0], sum(count for _, count in bounds)) for bounds in zip(*routes, strict=True)]


def _route(route: RouteTotals) -> RouteSummary:
    return RouteSummary(
        method=route.method,
        route=route.route,
        requests=route.requests,
        errors=route.errors,
        refused=route.refused,
        p95_ms=quantile(route.within, 0.95),
    )
