"""A FastAPI application of some of our routers, and what stands around it: limits, envelope, errors.

The local server takes all routers, a Lambda function those that it answers.
"""

from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Lifespan

from foliolens import __version__
from foliolens.accounts.api_keys import ApiKeys
from foliolens.entrypoints.api_document import DocumentedApi
from foliolens.entrypoints.load_shedding import LoadShedding
from foliolens.entrypoints.rate_limits import RateLimit
from foliolens.errors import FolioLensError, InternalError, MethodNotAllowed, NotFound, ValidationFailed
from foliolens.kit.http import error_response
from foliolens.kit.logging import request_id
from foliolens.kit.middleware import BodyLimit, RequestEnvelope
from foliolens.ports.identity import TokenVerifier
from foliolens.ports.metrics import Metrics
from foliolens.ports.rate_counter import RateCounter
from foliolens.ports.tracing import NO_TRACING, Tracing
from foliolens.settings import Settings

__all__ = ["enveloped", "limited", "with_routes"]

_LINKS = ("/v1/shared/", "/shared")  # the answers, and the page that shows them
_LINK_HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
"""What the holder of a link is answered with, also where it is a refusal."""

_DESCRIPTION = """
Portfolio intelligence: register, upload a broker's CSV, read an honest risk report.

Every error has the form `{"error", "message", "details"?, "requestId"}`. Numbers of money are exact
decimals. Send `Idempotency-Key` with a POST that creates something, and repeating it is safe. Market data,
sentiment and prediction are open to anybody, unless the server asks for an API key (`x-api-key`) or a bearer
token.
"""


def with_routes(routers: Iterable[APIRouter], lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """An application that knows these routes and the contract's errors.

    Args:
        routers: In the order in which a path is compared with their routes.
        lifespan: What is done before the first request and after the last.
    """
    app = DocumentedApi(
        title="FolioLens",
        version=__version__,
        description=_DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        separate_input_output_schemas=False,
    )
    # Not included, which would match every path once more for each router: the routes themselves.
    for router in routers:
        app.router.routes.extend(router.routes)
    app.add_exception_handler(FolioLensError, _render(lambda error: error))
    app.add_exception_handler(HTTPException, _render(_from_framework))
    app.add_exception_handler(Exception, _render(lambda _: InternalError()))
    return app


def limited(
    app: ASGIApp, settings: Settings, *, counter: RateCounter, identity: TokenVerifier, api_keys: ApiKeys
) -> ASGIApp:
    """The application behind its limits: of rates, of requests under way, of bodies."""
    return RateLimit(
        LoadShedding(BodyLimit(app, settings.http.max_body_bytes), settings.http.max_in_flight),
        limits=settings.limits,
        counter=counter,
        identity=identity,
        api_keys=api_keys,
    )


def enveloped(app: ASGIApp, metrics: Metrics, tracing: Tracing = NO_TRACING) -> ASGIApp:
    """The application in its envelope: ids, headers, log, metrics, traces, the last line of defence."""
    return RequestEnvelope(app, dict.fromkeys(_LINKS, _LINK_HEADERS), metrics, tracing)


def _render(translate: Callable[[Any], FolioLensError]) -> Callable[[Request, Any], Awaitable[Response]]:
    async def handler(request: Request, error: Any) -> Response:
        translated = translate(error)
        if isinstance(translated, MethodNotAllowed):
            translated.headers["Allow"] = ", ".join(_methods_of(request))
        return error_response(translated, request_id.get())

    return handler


def _methods_of(request: Request) -> list[str]:
    """What the path supports; the framework names the methods of its first route only."""
    routes = request.app.router.routes
    return [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


def _from_framework(error: HTTPException) -> FolioLensError:
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return NotFound("There is no such path.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return MethodNotAllowed()
        case status if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return ValidationFailed("The request could not be read.")
        case _:
            return InternalError()
