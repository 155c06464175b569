"""What happened within a request or a job, span by span, for whoever looks for where its time went.

Names and attributes come out of our own code: nothing of a user, no amount, no token, no text of a query.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Literal, Protocol

__all__ = ["NO_TRACING", "Attributes", "Span", "SpanKind", "Tracing", "TracingUnavailable"]

SpanKind = Literal["server", "client", "consumer"]
"""Of a request we answer, of a question we ask, of a job."""

Attributes = Mapping[str, str | int]
"""By the names of OpenTelemetry's semantic conventions, where there are any."""


class TracingUnavailable(Exception):
    """Traces are asked for, and what sends them is not installed."""


class Span(Protocol):
    """One span that is under way."""

    def told(self, name: str, attributes: Attributes, *, failed: bool = False) -> None:
        """Name it, and say how it went."""
        ...


class Tracing(Protocol):
    """Makes spans, which lie within each other as the blocks do."""

    def span(
        self, name: str, kind: SpanKind, attributes: Attributes, *, parent: str | None = None
    ) -> AbstractContextManager[Span]:
        """A span that lasts as long as the block; an exception that leaves it makes it a failed one.

        Args:
            name: What is done.
            kind: See `SpanKind`.
            attributes: About it.
            parent: Where it belongs, as another process told by `context`; else within the present span.
        """
        ...

    def context(self) -> str | None:
        """The present span as W3C's `traceparent`, to be passed on; None outside of any."""
        ...


class _NoSpan:
    def told(self, name: str, attributes: Attributes, *, failed: bool = False) -> None: ...


class _NoTracing:
    """See `NO_TRACING`."""

    def __init__(self) -> None:
        self._block = nullcontext(_NoSpan())

    def span(self, *_: object, **__: object) -> AbstractContextManager[Span]:
        return self._block

    def context(self) -> str | None:
        return None


NO_TRACING: Final[Tracing] = _NoTracing()
"""For everybody who did not ask for traces."""
