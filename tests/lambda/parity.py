"""The same request to a function and to the local server."""

from __future__ import annotations

import httpx

from tests.api.conftest import Server
from tests.gateway_events import rest_post
from tests.lambda_runtime import LambdaFunction

__all__ = ["assert_same_answer"]


def assert_same_answer(
    function: LambdaFunction, server: Server, path: str, content: str | None, query: dict[str, str] | None
) -> None:
    """Status, body and headers of a function's answer to a POST are the local server's."""
    ours = function.invoke(rest_post(path, content, query, **{"X-Request-Id": "a-request-1"}))
    local = httpx.post(
        f"{server.url}/v1{path}",
        content=content,
        params=query,
        headers={"Content-Type": "application/json", "X-Request-Id": "a-request-1"},
    )

    assert ours["body"] == local.text
    assert ours["statusCode"] == local.status_code
    sent = {name.lower(): value for name, value in ours["headers"].items()}
    assert sent == {name: value for name, value in local.headers.items() if name in sent}
    assert {name for name in local.headers if name.startswith("x-")} <= set(sent)
