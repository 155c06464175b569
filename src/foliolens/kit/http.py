"""What every route shares: exact JSON in and out, error responses, and the declared errors of a route."""

import functools
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from foliolens.errors import (
    AuthenticationFailed,
    AuthenticationRequired,
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
from foliolens.kit.contract import decode_body, error_body, validation_failed
from foliolens.kit.schema import ResponseModel

__all__ = [
    "JSON_BODY",
    "PRIVATE",
    "ContractRoute",
    "ErrorBody",
    "error_response",
    "errors",
    "json_response",
]


PRIVATE: Final = (AuthenticationRequired, AuthenticationFailed, TokenExpired)
"""What a route that needs a caller may answer."""

JSON_BODY: Final = (PayloadTooLarge, UnsupportedMediaType)
"""What a route that takes a body may answer."""


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
    502: _RETRY_AFTER,
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
    return Response(
        error_body(error, request_id),
        status_code=error.status,
        media_type="application/json",
        headers=error.headers,
    )


class _ContractRequest(Request):
    """A request whose body was decoded before FastAPI asks, so that our error is not replaced by its own."""

    decoded: object = None

    async def json(self) -> Any:
        return self.decoded


async def _decoded(request: Request) -> Request:
    ours = _ContractRequest(request.scope, request.receive)
    ours.decoded = decode_body(await ours.body(), ours.headers.get("content-type"))
    return ours


class _JsonRoute(APIRoute):
    """FastAPI's route behind our way of reading the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def handler(request: Request) -> Response:
            try:
                return await handle(await _decoded(request) if takes_body else request)
            except RequestValidationError as error:
                raise validation_failed(error.errors()) from error

        return handler


class ContractRoute(APIRoute):
    """A route whose bodies are read and written by `kit.json`; its endpoint returns a model or a Response.

    FastAPI prepares it when it is first asked, and the models of its answers, which it writes itself, for the
    document alone: together that would be most of what a process does before it answers anything.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        status = options.get("status_code") or 200
        options["operation_id"] = to_camel(endpoint.__name__)  # generated clients name their methods so
        writing = _writing_json(endpoint, status)
        Route.__init__(self, path, writing, methods=options["methods"], name=options.get("name"))
        self.methods = set(options["methods"])  # without HEAD, which Starlette adds
        self.app = self._answer_first
        self._made = functools.partial(_JsonRoute, path, writing, **options)

    def prepare(self) -> None:
        """Do now what the first request would wait for."""
        self.app = self._made(response_model=None, responses=None).app

    async def _answer_first(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.prepare()
        await self.app(scope, receive, send)

    def documented(self) -> APIRoute:
        """The same route with what it may answer, as the document describes it."""
        return self._made()


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
