"""Metrics of requests: what was served, how fast, and how it went, over all processes of a server."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

__all__ = ["RequestMetrics", "RouteTotals"]


@dataclass(frozen=True, slots=True)
class RouteTotals:
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


class RequestMetrics(Protocol):
    """Counts requests."""

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        ...

    @property
    def since(self) -> datetime:
        """When counting began."""
        ...

    def totals(self) -> list[RouteTotals]:
        """What all processes counted, by route, in no order."""
        ...
