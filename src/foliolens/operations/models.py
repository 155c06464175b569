"""What the operations page shows."""

from datetime import datetime

from pydantic import Field

from foliolens.kit.schema import ResponseModel

__all__ = ["DeadLetterView", "OpsSummary", "QueueSummary", "Redriven", "RouteSummary"]


class RouteSummary(ResponseModel):
    """One route since the server started."""

    method: str
    route: str
    requests: int
    errors: int = Field(description="Answered with 500 and above, but for 503.")
    refused: int = Field(description="Answered with 429 or 503.")
    p95_ms: float | None = Field(description="Milliseconds that 95% did not exceed, within a bucket's width.")


class QueueSummary(ResponseModel):
    """One queue now."""

    name: str
    waiting: int
    oldest_seconds: float | None = Field(description="Since the oldest job was due; null without any.")
    dead: int


class DeadLetterView(ResponseModel):
    """A job that was given up."""

    id: str
    queue: str
    kind: str
    attempts: int
    reason: str


class OpsSummary(ResponseModel):
    """The state of a server, without anything of its users."""

    since: datetime = Field(description="When counting began.")
    at: datetime
    requests: int
    errors: int
    refused: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    routes: list[RouteSummary] = Field(description="Those asked for most often first.")
    queues: list[QueueSummary]
    dead_letters: list[DeadLetterView] = Field(description="The oldest hundred of each queue.")


class Redriven(ResponseModel):
    """What was put back."""

    jobs: int
