"""Traces by OpenTelemetry, sent over OTLP/HTTP from a thread of its own.

The packages are those of the extra `tracing`, loaded when the adapter is made. The standard variables that
begin with `OTEL_` say the rest: headers, sampling, how often is sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from foliolens import __version__
from foliolens.ports.tracing import Attributes, Span, SpanKind, TracingUnavailable

if TYPE_CHECKING:
    from opentelemetry.trace import Span as OpenTelemetrySpan
    from opentelemetry.trace import Status

__all__ = ["OtlpTracing"]

_SEND_SECONDS = 5
_TRACEPARENT = "traceparent"


class _Span:
    """See `Span`."""

    def __init__(self, started: "OpenTelemetrySpan", failed: "Status") -> None:
        self._started = started
        self._failed = failed

    def told(self, name: str, attributes: Attributes, *, failed: bool = False) -> None:
        """See `Span.told`."""
        self._started.update_name(name)
        self._started.set_attributes(attributes)
        if failed:
            self._started.set_status(self._failed)


class OtlpTracing:
    """See `Tracing`.

    Args:
        endpoint: Of the collector, as `http://localhost:4318`.

    Raises:
        TracingUnavailable: The extra is not installed.
    """

    def __init__(self, endpoint: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
            from opentelemetry.trace import SpanKind as Kind  # noqa: PLC0415
            from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415
            from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
                TraceContextTextMapPropagator,
            )
        except ImportError as error:
            raise TracingUnavailable(
                "FOLIOLENS_OTLP_ENDPOINT asks for traces, and the packages that send them are not installed."
            ) from error
        resource = Resource.create({"service.name": "foliolens", "service.version": __version__})
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=_SEND_SECONDS)
        # Ended by `close`, in the right order, not by the interpreter.
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("foliolens", __version__)
        self._propagator = TraceContextTextMapPropagator()
        self._kinds = {"server": Kind.SERVER, "client": Kind.CLIENT, "consumer": Kind.CONSUMER}
        self._failed = Status(StatusCode.ERROR)

    @contextmanager
    def span(
        self, name: str, kind: SpanKind, attributes: Attributes, *, parent: str | None = None
    ) -> Iterator[Span]:
        """See `Tracing.span`."""
        within = None if parent is None else self._propagator.extract({_TRACEPARENT: parent})
        # What an exception says may be of a user: its kind is all that is told of it.
        with self._tracer.start_as_current_span(
            name,
            context=within,
            kind=self._kinds[kind],
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as started:
            span = _Span(started, self._failed)
            try:
                yield span
            except BaseException as error:
                span.told(name, {"error.type": type(error).__name__}, failed=True)
                raise

    def context(self) -> str | None:
        """See `Tracing.context`."""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier.get(_TRACEPARENT)

    def close(self) -> None:
        """Send what is left, as far as the collector takes it in time."""
        self._provider.shutdown()
