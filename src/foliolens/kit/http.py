"""What every route shares: exact JSON in and out, error responses, and the declared errors of a route."""

import functools
import inspect
import re
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from starlette.concurrency import run_in_threadpool

from foliolens.errors import (
    AuthenticationFailed,
    AuthenticationRequired,
    FieldProblem,
    FolioLensError,
    InternalError,
    PayloadTooLarge,
    RateLimited,
    ServiceUnavailable,
    TokenExpired,
    UnsupportedMediaType,
    ValidationFailed,
)
from foliolens.kit import json
from foliolens.kit.schema import ResponseModel

__all__ = [
    "JSON_BODY",
    "PRIVATE",
    "ContractRoute",
    "ErrorBody",
    "error_response",
    "errors",
    "json_response",
    "problems_of",
]


PRIVATE: Final = (AuthenticationRequired, AuthenticationFailed, TokenExpired)
"""What a route that needs a caller may answer."""

JSON_BODY: Final = (PayloadTooLarge, UnsupportedMediaType)
"""What a route that takes a body may answer."""


_DECIMAL = re.compile(r"Decimal\('([^']*)'\)")
_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds until trying again makes sense.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    }
}
_ERROR_HEADERS: Final[dict[int, dict[str, Any]]] = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"const": "Bearer"}}},
    429: _RETRY_AFTER,
    503: _RETRY_AFTER,
}


class Problem(ResponseModel):
    """One entry of a validation error's details."""

    field: str
    code: str
    message: str


class ErrorBody(ResponseModel):
    """The body of every non-2xx response."""

    error: str
    message: str
    details: list[Problem] | dict[str, Any] | None = None
    request_id: str


def errors(*kinds: type[FolioLensError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` argument of a route that may answer with these errors.

    Every route may also answer 400, 429, 500 and 503, so those are always declared.
    """
    by_status: dict[int, set[str]] = {}
    every: tuple[type[FolioLensError], ...] = (
        *kinds,
        ValidationFailed,
        RateLimited,
        InternalError,
        ServiceUnavailable,
    )
    for kind in every:
        by_status.setdefault(kind.status, set()).add(kind.code)
    return {
        status: {
            "model": ErrorBody,
            "description": " or ".join(f"`{code}`" for code in sorted(codes)),
            "headers": _ERROR_HEADERS.get(status, {}),
        }
        for status, codes in sorted(by_status.items())
    }


def json_response(model: BaseModel, status: int = 200) -> Response:
    """Write a model as the contract's JSON, decimals exact."""
    return Response(
        json.encode(model.model_dump(by_alias=True)), status_code=status, media_type="application/json"
    )


def error_response(error: FolioLensError, request_id: str) -> Response:
    """Write an error as the contract's body."""
    body: dict[str, object] = {"error": error.code, "message": error.message}
    if error.details is not None:
        body["details"] = error.details
    body["requestId"] = request_id
    return Response(
        json.encode(body), status_code=error.status, media_type="application/json", headers=error.headers
    )


def problems_of(error: RequestValidationError) -> ValidationFailed:
    """Turn FastAPI's list of problems into the contract's."""
    problems = [
        FieldProblem(
            field=".".join(str(part) for part in problem["loc"][1:]) or str(problem["loc"][0]),
            code=_code_of(problem["type"]),
            message=_message_of(problem),
        )
        for problem in error.errors()
    ]
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return ValidationFailed(f"{first['field']}: {first['message']}{more}", details=problems)


def _code_of(kind: str) -> str:
    if kind == "missing":
        return "MISSING_REQUIRED_FIELD"
    if kind == "extra_forbidden":
        return "UNKNOWN_FIELD"
    if kind.endswith(("_type", "_parsing")):
        return "INVALID_TYPE"
    if kind.isupper():  # a validator of ours that brings its own code
        return kind
    return "INVALID_VALUE"


def _message_of(problem: dict[str, Any]) -> str:
    if problem["type"] == "missing":
        return "This field is required."
    if problem["type"] == "extra_forbidden":
        return "There is no such field: check the spelling or leave it out."
    if problem["type"] == "string_pattern_mismatch":
        return "The text has characters or a form that is not allowed here."
    message = _DECIMAL.sub(r"\1", str(problem["msg"]).removeprefix("Value error, "))
    return message[:1].upper() + message[1:] + "."


class _ContractRequest(Request):
    """A request whose body was decoded before FastAPI asks, so that our error is not replaced by its own."""

    decoded: object = None

    async def json(self) -> Any:
        return self.decoded


async def _decoded(request: Request) -> Request:
    ours = _ContractRequest(request.scope, request.receive)
    body = await ours.body()
    if body and not _is_json(ours):
        raise UnsupportedMediaType
    try:
        ours.decoded = json.decode(body) if body else None
    except json.JsonError as error:
        message = f"The body is not valid JSON: {error}"
        raise ValidationFailed.of("body", "INVALID_JSON", message) from error
    return ours


class ContractRoute(APIRoute):
    """A route whose bodies are read and written by `kit.json`; its endpoint returns a model or a Response."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        status = options.get("status_code") or 200
        options["operation_id"] = to_camel(endpoint.__name__)  # generated clients name their methods so
        super().__init__(path, _writing_json(endpoint, status), **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind our way of reading the body."""
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def handler(request: Request) -> Response:
            try:
                return await handle(await _decoded(request) if takes_body else request)
            except RequestValidationError as error:
                raise problems_of(error) from error

        return handler


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )


def _writing_json(endpoint: Callable[..., Any], status: int) -> Callable[..., Any]:
    def write(result: object) -> object:
        return json_response(result, status) if isinstance(result, BaseModel) else result

    if inspect.iscoroutinefunction(endpoint):

        @functools.wraps(endpoint)
        async def wrapped(*args: Any, **kwargs: Any) -> object:
            return write(await endpoint(*args, **kwargs))

    else:

        @functools.wraps(endpoint)
        async def wrapped(*args: Any, **kwargs: Any) -> object:
            return await run_in_threadpool(lambda: write(endpoint(*args, **kwargs)))

    return wrapped
