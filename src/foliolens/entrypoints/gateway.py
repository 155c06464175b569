"""API Gateway's events answered without a web framework, for functions with a route or two.

FastAPI costs a cold start 0.4 s, which a function of one route need not pay. Bodies, query parameters, errors
and headers are the contract's: the same pydantic models read them, and the same code words what is wrong.
"""

import base64
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import Struct, field
from pydantic import TypeAdapter, ValidationError

from foliolens.errors import FolioLensError, InternalError, PayloadTooLarge
from foliolens.kit.contract import (
    SECURITY_HEADERS,
    decode_body,
    error_body,
    request_id_of,
    validation_failed,
)
from foliolens.kit.logging import log_answer, request_id
from foliolens.ports.metrics import Metrics

__all__ = ["Answer", "Call", "gateway_handler"]

_log = logging.getLogger("foliolens.access")

_MOST_BYTES = 1024 * 1024
_FLAG = TypeAdapter(bool)

Body = TypeVar("Body")


class Call(Struct, frozen=True):
    """One request.

    Attributes:
        path: The route, `/v1` included.
        query: Parameters, the last value of each.
        content: The body, as it was sent.
        content_type: Of the body.
    """

    path: str
    query: Mapping[str, str]
    content: bytes
    content_type: str | None

    def body(self, model: TypeAdapter[Body]) -> Body:
        """The body, read by a model as FastAPI reads it.

        Raises:
            ValidationFailed: It is missing, no JSON, or not what the model asks for.
            UnsupportedMediaType: It is not said to be JSON.
        """
        decoded = decode_body(self.content, self.content_type)
        if decoded is None:
            raise validation_failed([{"type": "missing", "loc": ("body",), "msg": ""}])
        try:
            return model.validate_python(decoded, from_attributes=True)
        except ValidationError as error:
            raise validation_failed(_placed(error, "body")) from error

    def flag(self, name: str) -> bool:
        """A query parameter that is true or false, and false where it is missing.

        Raises:
            ValidationFailed: It is neither.
        """
        if name not in self.query:
            return False
        try:
            return _FLAG.validate_python(self.query[name])
        except ValidationError as error:
            raise validation_failed(_placed(error, "query", name)) from error


class Answer(Struct, frozen=True):
    """A response with JSON in it."""

    content: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def gateway_handler(
    routes: Mapping[str, Callable[[Call], Answer]], metrics: Metrics
) -> Callable[[Mapping[str, Any], object], dict[str, Any]]:
    """The handler of a function whose routes are these.

    Args:
        routes: By path. The gateway sends nothing else here.
        metrics: Count what was answered.
    """

    def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
        started = time.perf_counter()
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        identifier = request_id_of(headers.get("x-request-id"))
        token = request_id.set(identifier)
        path = f"/v1{event['path']}"
        try:
            answer = _answered(routes, event, path, headers, identifier)
        finally:
            request_id.reset(token)
        seconds = time.perf_counter() - started
        metrics.served(event["httpMethod"], path, answer.status, seconds)
        log_answer(event["httpMethod"], path, answer.status, seconds)
        return {
            "statusCode": answer.status,
            "headers": {
                **SECURITY_HEADERS,
                "Cache-Control": "no-store",
                "Content-Type": "application/json",
                "X-Request-Id": identifier,
                **answer.headers,
            },
            "body": answer.content.decode(),
            "isBase64Encoded": False,
        }

    return handler


def _answered(
    routes: Mapping[str, Callable[[Call], Answer]],
    event: Mapping[str, Any],
    path: str,
    headers: Mapping[str, str],
    identifier: str,
) -> Answer:
    try:
        call = Call(
            path=path,
            query=event.get("queryStringParameters") or {},
            content=_content(event),
            content_type=headers.get("content-type"),
        )
        return routes[path](call)
    except FolioLensError as error:
        return Answer(error_body(error, identifier), error.status, error.headers)
    except Exception:
        _log.exception("unhandled error", extra={"route": path})
        return Answer(error_body(InternalError(), identifier), InternalError.status)


def _content(event: Mapping[str, Any]) -> bytes:
    body: str = event.get("body") or ""
    content = (
        base64.b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass")
    )
    if len(content) > _MOST_BYTES:
        raise PayloadTooLarge
    return content


def _placed(error: ValidationError, *place: str) -> list[dict[str, Any]]:
    return [{**problem, "loc": (*place, *problem["loc"])} for problem in error.errors()]
