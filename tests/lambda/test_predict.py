"""The prediction function, run as Lambda runs it, answers what the local server answers."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import Server
from tests.lambda_runtime import LambdaFunction, running

_EVENTS = Path(__file__).parents[1] / "events"
_VECTORS = json.loads((Path(__file__).parents[1] / "data" / "original-prediction-vectors.json").read_text())


@pytest.fixture(scope="module")
def function(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LambdaFunction]:
    handler = "foliolens.entrypoints.lambda_predict.handler"
    with running(built / "predict.zip", handler, tmp_path_factory.mktemp("predict")) as started:
        yield started


def post(body: str | None, query: dict[str, str] | None = None, **headers: str) -> dict[str, Any]:
    event: dict[str, Any] = copy.deepcopy(json.loads((_EVENTS / "rest_post.json").read_text()))
    event["body"] = body
    event["queryStringParameters"] = query
    event["headers"] |= headers
    return event


def body(**changes: Any) -> dict[str, Any]:
    request: dict[str, Any] = {**_VECTORS["vectors"][0]["request"], **changes}
    return request


@pytest.mark.parametrize(
    ("content", "query"),
    [
        (json.dumps(body()), None),
        (json.dumps(body()), {"detail": "true"}),
        (json.dumps(body(engine="original")), {"detail": "1"}),
        (json.dumps(body()), {"detail": "perhaps"}),
        (json.dumps(body(close=[1, 2])), None),
        (json.dumps(body(close="much")), None),
        (json.dumps({"ticker": "AAPL"}), None),
        ('{"ticker": ', None),
        ("[]", None),
        (None, None),
    ],
)
def test_its_answer_is_the_local_servers(
    function: LambdaFunction, server: Server, content: str | None, query: dict[str, str] | None
) -> None:
    ours = function.invoke(post(content, query, **{"X-Request-Id": "a-request-1"}))
    local = httpx.post(
        f"{server.url}/v1/predict",
        content=content,
        params=query,
        headers={"Content-Type": "application/json", "X-Request-Id": "a-request-1"},
    )

    assert (ours["statusCode"], json.loads(ours["body"])) == (local.status_code, local.json())
    sent = {name.lower(): value for name, value in ours["headers"].items()}
    assert sent == {name: value for name, value in local.headers.items() if name in sent}
    assert {name for name in local.headers if name.startswith("x-")} <= set(sent)


def test_no_line_of_its_log_holds_what_was_sent(function: LambdaFunction) -> None:
    function.invoke(post(json.dumps(body(ticker="SECRETTICKER"))))

    assert "SECRETTICKER" not in function.log.read_text()
