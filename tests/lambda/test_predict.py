"""The prediction function, run as Lambda runs it, answers what the local server answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Server
from tests.emf import assert_follows_the_specification, facts_of_lines, written
from tests.gateway_events import rest_post
from tests.lambda_runtime import LambdaFunction, running

from .parity import assert_same_answer
from .sides import documented

_VECTORS = json.loads((Path(__file__).parents[1] / "data" / "original-prediction-vectors.json").read_text())


@pytest.fixture(scope="module")
def function(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LambdaFunction]:
    handler = "foliolens.entrypoints.lambda_predict.handler"
    with running(built / "predict.zip", handler, tmp_path_factory.mktemp("predict")) as started:
        yield started


def body(**changes: Any) -> str:
    return json.dumps({**_VECTORS["vectors"][0]["request"], **changes})


@pytest.mark.parametrize(
    ("content", "query"),
    [
        (body(), None),
        (body(), {"detail": "true"}),
        (body(engine="original"), {"detail": "1"}),
        (body(), {"detail": "perhaps"}),
        (body(close=[1, 2]), None),
        (body(close="much"), None),
        (json.dumps({"ticker": "AAPL"}), None),
        ('{"ticker": ', None),
        ("[]", None),
        (None, None),
    ],
)
def test_its_answer_is_the_local_servers(
    function: LambdaFunction, server: Server, content: str | None, query: dict[str, str] | None
) -> None:
    assert_same_answer(function, server, "/predict", content, query)


def test_every_route_of_the_function_is_compared() -> None:
    assert documented("prediction") == {("POST", "/v1/predict")}


def test_no_line_of_its_log_holds_what_was_sent(function: LambdaFunction) -> None:
    function.invoke(rest_post("/predict", body(ticker="SECRETTICKER")))

    assert "SECRETTICKER" not in function.log.read_text()


def test_an_invocation_leaves_one_line_of_metrics(function: LambdaFunction) -> None:
    with written(function.log) as lines:
        function.invoke(rest_post("/predict", body(engine="original")))

    (line,) = lines
    assert_follows_the_specification(line)
    facts = facts_of_lines(lines)
    assert facts["requests", "POST", "/v1/predict", "200"] == 1
    assert facts["models", "original"] == 1
    assert facts["request seconds", "POST", "/v1/predict"] > facts["model seconds", "original"] > 0
