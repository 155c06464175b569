"""The function that signs people in and out and lets them go: it speaks to Cognito.

It has no way to the database, and calls the function `api` for what stands there. Lambda imports an entry
point to start it; so this module, unlike others, is ready when it is imported.
"""

from foliolens.entrypoints.starting import models_on_demand, start, started

start()
models_on_demand()

from starlette.types import ASGIApp

from foliolens.accounts.admission import Admission
from foliolens.accounts.auth_routes import router as auth_router
from foliolens.accounts.deletion_routes import router as deletion_router
from foliolens.accounts.web_session_routes import router as web_session_router
from foliolens.bootstrap_aws import AuthServices, auth_services, function_metrics, function_tracing, log_key
from foliolens.entrypoints.gateway_asgi import asgi_handler, guarded
from foliolens.entrypoints.routing import with_routes
from foliolens.kit.logging import configure_logging

__all__ = ["ROUTERS", "handler"]

ROUTERS = (auth_router, web_session_router, deletion_router)


def _application(services: AuthServices) -> ASGIApp:
    app = with_routes(ROUTERS)
    app.state.access = Admission(services.auth.identity)
    app.state.auth = services.auth
    app.state.web_sessions = services.web_sessions
    app.state.account_deletion = services.account_deletion
    app.state.public_url = services.settings.http.public_url
    return guarded(
        app,
        services.settings,
        services.rate_counter,
        services.auth.identity,
        function_metrics(),
        function_tracing(),
    )


configure_logging("json", user_key=log_key())
handler = function_metrics().reported(asgi_handler(_application(auth_services())))
started()
