"""The function behind the routes of market data, and behind the jobs that ask providers.

It speaks to the providers, with keys of the server's. Lambda imports an entry point to start it; so this
module, unlike others, is ready when it is imported.
"""

from foliolens.entrypoints.starting import models_on_demand, start, started

start()
models_on_demand()

import logging
from collections.abc import Mapping
from typing import Any

from anyio import CapacityLimiter
from starlette.types import ASGIApp

from foliolens.bootstrap_aws import MarketServices, function_metrics, function_tracing, market_services
from foliolens.entrypoints.gateway_asgi import asgi_handler, guarded
from foliolens.entrypoints.routing import with_routes
from foliolens.kit.jobs import attempt
from foliolens.kit.logging import configure_logging, request_id
from foliolens.market.outlook_routes import router as outlook_router
from foliolens.market.routes import router as market_router

__all__ = ["ROUTERS", "handler"]

_log = logging.getLogger(__name__)

ROUTERS = (market_router, outlook_router)

_MOST_ATTEMPTS = 3  # as the event source in `infra/stacks/service.py` says: then a record is lost


def _application(services: MarketServices) -> ASGIApp:
    app = with_routes(ROUTERS)
    app.state.market = services.market
    app.state.news = services.news
    app.state.outlook = services.outlook
    app.state.market_threads = CapacityLimiter(1)  # Lambda sends an environment one request at a time
    app.state.public_url = services.settings.http.public_url
    return guarded(
        app,
        services.settings,
        services.rate_counter,
        services.identity,
        function_metrics(),
        function_tracing(),
    )


configure_logging("json")
_services = market_services()
_answer = asgi_handler(_application(_services))


@function_metrics().reported
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of API Gateway's, or do the jobs that the table's stream tells of."""
    if "Records" in event:
        return _worked(event["Records"])
    with _services.identity.serving(event):
        return _answer(event, context)


def _worked(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Deal with each record; what the stream is to deliver again, as Lambda reads it."""
    failed = [record["dynamodb"]["SequenceNumber"] for record in records if not _is_dealt_with(record)]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _is_dealt_with(record: Mapping[str, Any]) -> bool:
    job = _services.jobs.take(record)
    if job is None:  # delivered twice
        return True
    token = request_id.set(job.correlation_id)
    is_last = job.attempts >= _MOST_ATTEMPTS
    try:
        handler = _services.handlers[job.kind]
        attempt(handler, job.kind, job.payload, function_metrics(), function_tracing(), is_last=is_last)
    except Exception:
        _log.exception("job failed", extra={"jobKind": job.kind, "attempt": job.attempts})
        return False
    finally:
        request_id.reset(token)
    _services.jobs.complete(job)
    return True


started()
