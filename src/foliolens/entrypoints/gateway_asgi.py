"""API Gateway's events answered by an ASGI application, as the local server answers requests."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from mangum import Mangum
from starlette.types import ASGIApp

from foliolens.accounts.api_keys import ApiKeys
from foliolens.entrypoints.answer_limit import AnswerLimit
from foliolens.entrypoints.routing import enveloped, limited
from foliolens.ports.identity import TokenVerifier
from foliolens.ports.metrics import Metrics
from foliolens.ports.rate_counter import RateCounter
from foliolens.ports.tracing import Tracing
from foliolens.settings import AwsEdgeSettings, Settings

if TYPE_CHECKING:
    from mangum.types import ASGI

__all__ = ["asgi_handler", "guarded"]


def guarded(
    app: ASGIApp,
    settings: Settings,
    counter: RateCounter,
    identity: TokenVerifier,
    metrics: Metrics,
    tracing: Tracing,
) -> ASGIApp:
    """The application behind its limits and in its envelope; API keys are the gateway's own business."""
    behind = limited(app, settings, counter=counter, identity=identity, api_keys=ApiKeys(()))
    return enveloped(AnswerLimit(behind), metrics, tracing)


def asgi_handler(application: ASGIApp) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """The handler of a function whose routes are those of this application."""
    address_header = AwsEdgeSettings.read().viewer_address_header
    mangum = Mangum(cast("ASGI", application), lifespan="off")
    loop = asyncio.new_event_loop()

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one request, whose stage is the `/v1` that its path leaves out."""
        headers = {name.lower(): value for name, value in (event["headers"] or {}).items()}
        if "x-viewer-host" in headers:  # of whoever came through CloudFront, which addresses the gateway
            headers["host"] = headers["x-viewer-host"]
        as_served = {**event, "path": f"/v1{event['path']}", "headers": headers, "multiValueHeaders": None}
        if address_header is not None and address_header in headers:
            # The gateway's own word for it is an address of CloudFront's, which thousands come through.
            asked = event["requestContext"]
            identity = {**asked["identity"], "sourceIp": headers[address_header]}
            as_served["requestContext"] = {**asked, "identity": identity}
        asyncio.set_event_loop(loop)  # Mangum takes the present one, and a job before may have ended its own
        return mangum(as_served, context)

    return handler
