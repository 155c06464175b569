"""ASGI middleware: request ids, security headers, the access log, body limits, the last line of defence."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foliolens.errors import BodyTooSlow, InternalError, PayloadTooLarge
from foliolens.kit.contract import SECURITY_HEADERS, request_id_of
from foliolens.kit.http import error_response
from foliolens.kit.logging import log_answer, request_id, user_id
from foliolens.ports.metrics import NO_METRICS, Metrics
from foliolens.ports.tracing import NO_TRACING, Span, Tracing

__all__ = ["BodyLimit", "RequestEnvelope"]

_log = logging.getLogger("foliolens.access")

_DISCARDED_LIMITS = 4
"""How many times the limit is read and dropped of a body that is over it."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})

_API_HEADERS = {"Cache-Control": "no-store"}

_Fields = list[tuple[bytes, bytes]]


def _fields(headers: Mapping[str, str]) -> _Fields:
    """The security headers, changed and extended by others, as they go over the wire."""
    together = {**SECURITY_HEADERS, **headers}
    return [(name.lower().encode(), value.encode()) for name, value in together.items()]


_SECURITY_FIELDS = _fields({})


class RequestEnvelope:
    """Wraps everything: gives the request its id, the response its headers, the log its line.

    A client's own `X-Request-Id` is taken over where it is harmless. An exception that nothing else caught
    becomes a 500 that says nothing but the request id; the log has the rest.

    Args:
        app: What is called.
        below: Headers of every response below a path, refusals too.
        metrics: Count what was answered.
        tracing: Makes each request a span.
    """

    def __init__(
        self,
        app: ASGIApp,
        below: Mapping[str, Mapping[str, str]] | None = None,
        metrics: Metrics = NO_METRICS,
        tracing: Tracing = NO_TRACING,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing
        self._below = [
            (prefix, _fields({**_API_HEADERS, **headers})) for prefix, headers in (below or {}).items()
        ]
        self._below.append(("/v1/", _fields(_API_HEADERS)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        with self._tracing.span("request", "server", {}, parent=headers.get("traceparent")) as span:
            await self._serve(scope, receive, send, request_id_of(headers.get("x-request-id")), span)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, identifier: str, span: Span) -> None:
        token, nobody = request_id.set(identifier), user_id.set(None)
        outcome: MutableMapping[str, Any] = {"status": None}
        started = time.perf_counter()

        async def send_enveloped(message: Message) -> None:
            if message["type"] == "http.response.start":
                outcome["status"] = message["status"]
                message["headers"] = _enveloped(message.get("headers", ()), identifier, self._added(scope))
            await send(message)

        try:
            await self._app(scope, receive, send_enveloped)
        except Exception:
            _log.exception("unhandled error", extra={"route": _route(scope)})
            if outcome["status"] is None:
                await error_response(InternalError(), identifier)(scope, receive, send_enveloped)
        finally:
            method, route = _method(scope), _route(scope)
            seconds, status = time.perf_counter() - started, outcome["status"]
            about = {"http.request.method": method, "http.route": route}
            if status is not None:
                self._metrics.served(method, route, status, seconds)
                about["http.response.status_code"] = status
            span.told(f"{method} {route}", about, failed=status is None or status >= 500)
            log_answer(method, route, status, seconds)
            user_id.reset(nobody)
            request_id.reset(token)

    def _added(self, scope: Scope) -> _Fields:
        path: str = scope["path"]
        return next((fields for prefix, fields in self._below if path.startswith(prefix)), _SECURITY_FIELDS)


def _enveloped(headers: Iterable[tuple[bytes, bytes]], identifier: str, ours: _Fields) -> _Fields:
    """The headers of a response with ours; what the response says itself stays as it is."""
    complete = [*headers, (b"x-request-id", identifier.encode())]
    said = {name for name, _ in complete}
    return complete + [field for field in ours if field[0] not in said]


class BodyLimit:
    """Refuses request bodies over a limit: announced ones by their length, others while they arrive.

    A body that does not arrive in time is refused too: it would hold a place for ever.

    What is still on its way is read and dropped, within bounds: a client that sends everything before it
    reads would otherwise find its connection closed instead of the answer. Starlette has a limit too, which
    answers in plain text.

    Args:
        app: What is called with the rest.
        max_bytes: The largest body.
        seconds: How long a body may take to arrive: by default, the largest must come with 35 kB/s.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, seconds: float = 30.0) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["method"] == "GET":  # no route reads the body of a GET
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and (len(announced) > 15 or int(announced) > self._max_bytes):
            await self._discard(receive)
            await error_response(PayloadTooLarge(), request_id.get())(scope, receive, send)
            return
        received, is_complete = 0, False
        deadline = asyncio.get_running_loop().time() + self._seconds

        async def receive_counted() -> Message:
            nonlocal received, is_complete
            message = await (receive() if is_complete else _within(deadline, receive))
            received += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            if received > self._max_bytes:
                if not is_complete:
                    await self._discard(receive)
                raise PayloadTooLarge  # whoever reads the body is inside the error handlers
            return message

        await self._app(scope, receive_counted, send)

    async def _discard(self, receive: Receive) -> None:
        """Read on to the end of the body, or as far as a patient server goes."""
        discarded = 0
        deadline = asyncio.get_running_loop().time() + self._seconds
        while discarded <= _DISCARDED_LIMITS * self._max_bytes:
            try:
                message = await _within(deadline, receive)
            except BodyTooSlow:
                return
            discarded += len(message.get("body", b""))
            if not message.get("more_body", False):
                return


async def _within(deadline: float, receive: Receive) -> Message:
    try:
        async with asyncio.timeout_at(deadline):
            return await receive()
    except TimeoutError:
        raise BodyTooSlow from None


def _method(scope: Scope) -> str:
    """The method, where it is one: clients may send any word, and as many as they like."""
    method: str = scope["method"]
    return method if method in _METHODS else "OTHER"


def _route(scope: Scope) -> str:
    """The route's template, never the path itself: a path can hold ids and tokens."""
    template: str | None = getattr(scope.get("route"), "path_format", None)
    return template or "(no route)"
