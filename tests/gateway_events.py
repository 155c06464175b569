"""API Gateway's events, from the canned one in `tests/events`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["rest_call", "rest_post"]

_CANNED = Path(__file__).parent / "events" / "rest_post.json"


def rest_post(
    path: str, body: str | None, query: dict[str, str] | None = None, **headers: str
) -> dict[str, Any]:
    """A POST through the REST API.

    Args:
        path: Below the stage, as in `/predict`.
        body: As sent.
        query: Its parameters.
        headers: Further headers.
    """
    event: dict[str, Any] = json.loads(_CANNED.read_text())
    event |= {"resource": path, "path": path, "body": body, "queryStringParameters": query}
    event["multiValueQueryStringParameters"] = query and {name: [value] for name, value in query.items()}
    event["requestContext"] |= {"resourcePath": path, "path": f"/v1{path}"}
    event["headers"] |= headers
    return event


def rest_call(
    method: str,
    path: str,
    body: str | None = None,
    query: dict[str, str] | None = None,
    *,
    claims: dict[str, str] | None = None,
    **headers: str,
) -> dict[str, Any]:
    """A request through the REST API.

    Args:
        method: Of HTTP.
        path: Below the stage.
        body: As sent.
        query: Its parameters.
        claims: What the authorizer found in the access token; None on a route without one.
        headers: Further headers.
    """
    event = rest_post(path, body, query, **headers)
    event["httpMethod"] = event["requestContext"]["httpMethod"] = method
    if claims is not None:
        event["requestContext"]["authorizer"] = {"claims": claims}
    return event
