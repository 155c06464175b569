"""The function behind everything on user data: the same FastAPI routes as on one machine, through Mangum.

Lambda imports an entry point to start it; so this module, unlike others, is ready when it is imported.
"""

from foliolens.entrypoints.starting import models_on_demand, start, started

start()
models_on_demand()

from concurrent.futures import ThreadPoolExecutor

from foliolens.bootstrap_aws import (
    ApiServices,
    api_services,
    function_metrics,
    function_tracing,
    log_key,
    starts_from_snapshot,
)

# Before the routes are imported, so that the database and the table answer meanwhile.
_services = api_services()
_beside = ThreadPoolExecutor(1)
_log_key = _beside.submit(log_key)
_beside.shutdown(wait=False)

import importlib
from itertools import chain
from typing import Any
from uuid import UUID

from starlette.types import ASGIApp

from foliolens.accounts.remote_records import CALL, answer_call
from foliolens.accounts.user_routes import router as user_router
from foliolens.comparison.routes import router as comparison_router
from foliolens.entrypoints.gateway_asgi import asgi_handler, guarded
from foliolens.entrypoints.health import router as health_router
from foliolens.entrypoints.routing import with_routes
from foliolens.kit.http import ContractRoute
from foliolens.kit.logging import configure_logging
from foliolens.portfolios.routes import router as portfolios_router
from foliolens.rebalancing.routes import router as rebalancing_router
from foliolens.sharing.routes import router as sharing_router
from foliolens.uploads.routes import router as uploads_router

__all__ = ["ROUTERS", "handler"]

ROUTERS = (
    portfolios_router,
    rebalancing_router,
    comparison_router,
    uploads_router,
    health_router,
    user_router,
    sharing_router,
)


def _application(services: ApiServices) -> ASGIApp:
    app = with_routes(ROUTERS)
    app.state.access = services.access
    app.state.accounts = services.accounts
    app.state.portfolios = services.portfolios
    app.state.rebalancing = services.rebalancing
    app.state.comparison = services.comparison
    app.state.uploads = services.uploads
    app.state.sharing = services.sharing
    app.state.link_viewer = services.link_viewer
    app.state.public_url = services.settings.http.public_url
    app.state.readiness = services.readiness
    return guarded(
        app,
        services.settings,
        services.rate_counter,
        services.identity,
        function_metrics(),
        function_tracing(),
    )


configure_logging("json", user_key=_log_key.result())
_answer = asgi_handler(_application(_services))


def _handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of API Gateway's, or a call of the function that signs people in."""
    if CALL in event:
        return answer_call(_services.records, event)
    with _services.identity.serving(event):
        return _answer(event, context)


def _rehearse() -> None:
    """Answer a request of nobody's, so that nobody's first request loads what is loaded at first use."""
    claims = {"sub": str(UUID(int=0)), "iat": "0", "exp": "0"}
    context = {"authorizer": {"claims": claims}, "identity": {"sourceIp": "127.0.0.1"}, "stage": "v1"}
    event = {
        "resource": "/portfolios",
        "path": "/portfolios",
        "httpMethod": "GET",
        "headers": {"authorization": "Bearer rehearsal", "host": "localhost"},
        "multiValueQueryStringParameters": None,
        "queryStringParameters": None,
        "requestContext": context,
        "body": None,
        "isBase64Encoded": False,
    }
    _handle(event, None)


_rehearse()
function_metrics().forget()
handler = function_metrics().reported(_handle)
if starts_from_snapshot():
    # A snapshot is taken once: then nobody waits for what most requests do without either.
    importlib.import_module("numpy")
    for route in chain.from_iterable(router.routes for router in ROUTERS):
        if isinstance(route, ContractRoute):
            route.prepare()
started()
