"""The function behind the routes of market data: it speaks to the providers, with keys of the server's.

Lambda imports an entry point to start it; so this module, unlike others, is ready when it is imported.
"""

from typing import Any

from anyio import CapacityLimiter
from starlette.types import ASGIApp

from foliolens.bootstrap_aws import MarketServices, market_services
from foliolens.entrypoints.gateway_asgi import asgi_handler, guarded
from foliolens.entrypoints.routing import with_routes
from foliolens.kit.logging import configure_logging
from foliolens.market.routes import router as market_router

__all__ = ["ROUTERS", "handler"]

ROUTERS = (market_router,)


def _application(services: MarketServices) -> ASGIApp:
    app = with_routes(ROUTERS)
    app.state.market = services.market
    app.state.news = services.news
    app.state.market_threads = CapacityLimiter(1)  # Lambda sends an environment one request at a time
    app.state.public_url = services.settings.http.public_url
    return guarded(app, services.settings, services.rate_counter, services.identity)


configure_logging("json")
_services = market_services()
_answer = asgi_handler(_application(_services))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of API Gateway's."""
    with _services.identity.serving(event):
        return _answer(event, context)
