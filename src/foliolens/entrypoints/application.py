"""The web application: routes, middleware and error handling around a set of services."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from foliolens import __version__
from foliolens.accounts.api_keys import ApiKeys
from foliolens.accounts.routes import auth_router, user_router, web_session_router, well_known_router
from foliolens.bootstrap import Services
from foliolens.comparison.routes import router as comparison_router
from foliolens.entrypoints.api_document import DocumentedApi
from foliolens.entrypoints.cross_origin import CrossOrigin
from foliolens.entrypoints.health import router as health_router
from foliolens.entrypoints.load_shedding import LoadShedding
from foliolens.entrypoints.open_routes import CloseOpenRoutes
from foliolens.entrypoints.rate_limits import RateLimit
from foliolens.entrypoints.web_app import WebApp, is_built
from foliolens.errors import (
    FolioLensError,
    InternalError,
    MethodNotAllowed,
    NotFound,
    ValidationFailed,
)
from foliolens.kit.http import error_response
from foliolens.kit.logging import request_id
from foliolens.kit.middleware import BodyLimit, RequestEnvelope
from foliolens.market.outlook_routes import router as outlook_router
from foliolens.market.routes import router as market_router
from foliolens.portfolios.routes import router as portfolios_router
from foliolens.prediction.routes import router as prediction_router
from foliolens.rebalancing.routes import router as rebalancing_router
from foliolens.sentiment.routes import router as sentiment_router
from foliolens.sharing.routes import router as sharing_router
from foliolens.uploads.routes import router as uploads_router

__all__ = ["api_document", "api_document_text", "create_application", "create_fastapi"]

_LINKS = ("/v1/shared/", "/shared")  # the answers, and the page that shows them
_LINK_HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
"""What the holder of a link is answered with, also where it is a refusal."""

_MARKET_THREADS = 64
"""Requests that may wait for a provider of market data at once; others wait for these, in no thread."""

_DESCRIPTION = """
Portfolio intelligence: register, upload a broker's CSV, read an honest risk report.

Every error has the form `{"error", "message", "details"?, "requestId"}`. Numbers of money are exact
decimals. Send `Idempotency-Key` with a POST that creates something, and repeating it is safe. Market data,
sentiment and prediction are open to anybody, unless the server asks for an API key (`x-api-key`) or a bearer
token.
"""


def create_application(services: Services, on_shutdown: Callable[[], None]) -> ASGIApp:
    """The complete ASGI application of one process.

    Args:
        services: What the routes use.
        on_shutdown: Called once the last request was answered.
    """
    services.access.identity.jwks()  # reads the signing keys now, not in the event loop at the first request
    app = create_fastapi(on_shutdown)
    app.state.access = services.access
    app.state.auth = services.auth
    app.state.web_sessions = services.web_sessions
    app.state.accounts = services.accounts
    app.state.portfolios = services.portfolios
    app.state.rebalancing = services.rebalancing
    app.state.comparison = services.comparison
    app.state.uploads = services.uploads
    app.state.sharing = services.sharing
    app.state.link_viewer = services.link_viewer
    app.state.sentiment = services.sentiment
    app.state.prediction = services.prediction
    app.state.market = services.market
    app.state.outlook = services.outlook
    app.state.news = services.news
    app.state.market_threads = CapacityLimiter(_MARKET_THREADS)
    app.state.public_url = services.settings.http.public_url
    app.state.readiness = services.readiness
    identity, chosen = services.access.identity, services.settings
    api_keys = ApiKeys(chosen.access.api_keys)
    application: ASGIApp = app
    if chosen.access.anonymous_access == "off":
        application = CloseOpenRoutes(application, identity, api_keys)
    application = RateLimit(
        LoadShedding(BodyLimit(application, chosen.http.max_body_bytes), chosen.http.max_in_flight),
        limits=chosen.limits,
        counter=services.rate_counter,
        identity=identity,
        api_keys=api_keys,
    )
    if services.object_receiver is not None:
        application = _Storage(application, services.object_receiver)
    if is_built():
        application = WebApp(application, partial(_has_route, app))
    if services.settings.http.cors_origins:
        application = CrossOrigin(application, services.settings.http.cors_origins)
    return RequestEnvelope(application, below=dict.fromkeys(_LINKS, _LINK_HEADERS))


def create_fastapi(on_shutdown: Callable[[], None] = lambda: None) -> FastAPI:
    """The routes and error handlers, without services: enough to emit the API document."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        on_shutdown()

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
    # Not included, which would match every path once more for each router: the routes themselves, in the
    # order in which a path is compared with them.
    for router in (
        portfolios_router,
        rebalancing_router,
        comparison_router,
        uploads_router,
        health_router,
        auth_router,
        web_session_router,
        user_router,
        sharing_router,
        sentiment_router,
        prediction_router,
        market_router,
        outlook_router,
        well_known_router,
    ):
        app.router.routes.extend(router.routes)
    app.add_exception_handler(FolioLensError, _render(lambda error: error))
    app.add_exception_handler(HTTPException, _render(_from_framework))
    app.add_exception_handler(Exception, _render(lambda _: InternalError()))
    _add_documentation(app)
    return app


def api_document() -> dict[str, Any]:
    """The OpenAPI document that `openapi.json` is committed from."""
    return create_fastapi().openapi()


def api_document_text() -> str:
    """The document as it is committed: indented, keys in the order of the code."""
    return json.dumps(api_document(), indent=2, ensure_ascii=False) + "\n"


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


def _has_route(app: FastAPI, scope: Scope) -> bool:
    return any(route.matches(scope)[0] is not Match.NONE for route in app.router.routes)


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


class _Storage:
    """Hands what is addressed to the local object store to it, past the API's body limit."""

    def __init__(self, app: ASGIApp, receiver: ASGIApp) -> None:
        self._app = app
        self._receiver = receiver

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        to_store = scope["type"] == "http" and scope["path"].startswith("/objects/")
        await (self._receiver if to_store else self._app)(scope, receive, send)


_DOCS_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>FolioLens API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

# A file of its own, since the content security policy allows no inline script.
_DOCS_START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, persistAuthorization: false,
  validatorUrl: null
});
"""


def _add_documentation(app: FastAPI) -> None:
    import fastapi_offline  # noqa: PLC0415 - brings Swagger UI's files, of no use elsewhere

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return Response(_DOCS_PAGE, media_type="text/html")

    @app.get("/docs/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_DOCS_START, media_type="text/javascript")

    assets = Path(fastapi_offline.__file__).parent / "static"
    app.mount("/docs/assets", StaticFiles(directory=assets))
