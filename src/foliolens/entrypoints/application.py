"""The web application: routes, middleware and error handling around a set of services."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from foliolens.accounts.api_keys import ApiKeys
from foliolens.accounts.routes import (
    auth_router,
    deletion_router,
    user_router,
    web_session_router,
    well_known_router,
)
from foliolens.bootstrap import Services
from foliolens.comparison.routes import router as comparison_router
from foliolens.entrypoints.cross_origin import CrossOrigin
from foliolens.entrypoints.giving_way import GivingWay
from foliolens.entrypoints.health import router as health_router
from foliolens.entrypoints.open_routes import CloseOpenRoutes
from foliolens.entrypoints.routing import enveloped, limited, with_routes
from foliolens.entrypoints.web_app import WebApp, is_built
from foliolens.errors import NotFound
from foliolens.market.outlook_routes import router as outlook_router
from foliolens.market.routes import router as market_router
from foliolens.operations.routes import router as operations_router
from foliolens.operations.service import OperationsService
from foliolens.portfolios.routes import router as portfolios_router
from foliolens.prediction.routes import router as prediction_router
from foliolens.rebalancing.routes import router as rebalancing_router
from foliolens.sentiment.routes import router as sentiment_router
from foliolens.sharing.routes import router as sharing_router
from foliolens.uploads.routes import router as uploads_router

__all__ = ["api_document", "api_document_text", "create_application", "create_fastapi"]

_MARKET_THREADS = 64
"""Requests that may wait for a provider of market data at once; others wait for these, in no thread."""

_ROUTERS = (
    portfolios_router,
    rebalancing_router,
    comparison_router,
    uploads_router,
    health_router,
    operations_router,
    auth_router,
    web_session_router,
    user_router,
    deletion_router,
    sharing_router,
    sentiment_router,
    prediction_router,
    market_router,
    outlook_router,
    well_known_router,
)


def create_application(services: Services, on_shutdown: Callable[[], None]) -> ASGIApp:
    """The complete ASGI application of one process.

    Args:
        services: What the routes use.
        on_shutdown: Called once the last request was answered.
    """
    services.auth.jwks()  # reads the signing keys now, not in the event loop at the first request
    app = create_fastapi(on_shutdown)
    _add_metrics(app, services.operations)
    app.state.access = services.access
    app.state.auth = services.auth
    app.state.web_sessions = services.web_sessions
    app.state.accounts = services.accounts
    app.state.account_deletion = services.account_deletion
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
    app.state.operations = services.operations
    identity, chosen = services.access.identity, services.settings
    api_keys = ApiKeys(chosen.access.api_keys)
    application: ASGIApp = GivingWay(app)
    if chosen.access.anonymous_access == "off":
        application = CloseOpenRoutes(application, identity, api_keys)
    application = limited(
        application, chosen, counter=services.rate_counter, identity=identity, api_keys=api_keys
    )
    if services.object_receiver is not None:
        application = _Storage(application, services.object_receiver)
    if is_built():
        application = WebApp(application, partial(_has_route, app))
    if services.settings.http.cors_origins:
        application = CrossOrigin(application, services.settings.http.cors_origins)
    return enveloped(application, services.metrics, services.tracing)


def create_fastapi(on_shutdown: Callable[[], None] = lambda: None) -> FastAPI:
    """The routes and error handlers, without services: enough to emit the API document."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        on_shutdown()

    app = with_routes(_ROUTERS, lifespan)
    _add_documentation(app)
    return app


def api_document() -> dict[str, Any]:
    """The OpenAPI document that `openapi.json` is committed from."""
    return create_fastapi().openapi()


def api_document_text() -> str:
    """The document as it is committed: indented, keys in the order of the code."""
    return json.dumps(api_document(), indent=2, ensure_ascii=False) + "\n"


def _has_route(app: FastAPI, scope: Scope) -> bool:
    return any(route.matches(scope)[0] is not Match.NONE for route in app.router.routes)


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


_OF_PROXIES = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""What nginx, Caddy, Traefik, HAProxy, Apache or a tunnel adds to a request, one or the other by default."""


def _add_metrics(app: FastAPI, operations: OperationsService) -> None:
    """For a Prometheus on this machine; nobody else is told that there is such a path.

    A proxy on this machine calls from it, too, but not for itself: it says for whom.
    """

    @app.get("/metrics", include_in_schema=False)
    def read_metrics(request: Request) -> Response:
        forwarded = any(header in request.headers for header in _OF_PROXIES)
        if forwarded or request.client is None or not ip_address(request.client.host).is_loopback:
            raise NotFound("There is no such path.")
        return Response(operations.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


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
