"""The sentiment function, run as Lambda runs it, answers what the local server answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import Server
from tests.emf import assert_follows_the_specification, facts_of_lines, written
from tests.gateway_events import rest_post
from tests.lambda_runtime import LambdaFunction, running

from .parity import assert_same_answer
from .sides import documented

_SENTENCES = ["Profit rose to 12 million from 8 million.", "The shares fell 9% after the warning.", "Hello."]

QUESTIONS: tuple[tuple[str, str, dict[str, str] | None], ...] = (
    ("/sentiment", json.dumps({"text": _SENTENCES, "hash": "abc"}), None),
    ("/sentiment", '{"text": ["Profit rose."], "hash": 1.50}', {"detail": "true"}),
    ("/sentiment", '{"text": []}', None),
    ("/sentiment", '{"text": "one"}', None),
    ("/sentiment", "{}", None),
    ("/sentiment", '{"text": ["Up."]}', {"detail": "perhaps"}),
    ("/sentiment/batch", json.dumps({"articles": [{"id": "a", "text": " ".join(_SENTENCES)}]}), None),
    ("/sentiment/batch", '{"articles": [{"id": "a"}]}', None),
)


@pytest.fixture(scope="module")
def function(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LambdaFunction]:
    handler = "foliolens.entrypoints.lambda_sentiment.handler"
    environment = {"FOLIOLENS_DATA": "/tmp/foliolens"}
    folder = tmp_path_factory.mktemp("sentiment")
    with running(built / "sentiment.zip", handler, folder, environment) as started:
        yield started


@pytest.mark.parametrize(("path", "content", "query"), QUESTIONS)
def test_its_answer_is_the_local_servers(
    function: LambdaFunction, server: Server, path: str, content: str, query: dict[str, str] | None
) -> None:
    assert_same_answer(function, server, path, content, query)


def test_every_route_of_the_function_is_compared() -> None:
    assert documented("sentiment") == {("POST", f"/v1{path}") for path, _, _ in QUESTIONS}


def test_a_repeated_hash_comes_back_to_the_letter(function: LambdaFunction, server: Server) -> None:
    for number in ("1.50", "1e3", "12345678901234567890", '"1.50"', "null"):
        assert_same_answer(function, server, "/sentiment", f'{{"text": ["Up."], "hash": {number}}}', None)


def test_an_invocation_leaves_one_line_of_metrics(function: LambdaFunction) -> None:
    news = json.dumps({"text": ["Sales of lamps doubled.", "Lamps break."]})
    function.invoke(rest_post("/sentiment", '{"text": ["Up."]}'))  # from now on the model is known

    with written(function.log) as first:
        function.invoke(rest_post("/sentiment", news))
    with written(function.log) as again:
        function.invoke(rest_post("/sentiment", news))

    for lines in (first, again):
        (line,) = lines
        assert_follows_the_specification(line)
    facts = facts_of_lines(first)
    assert facts["requests", "POST", "/v1/sentiment", "200"] == 1
    assert facts["models", "embedded"] == 1
    assert facts["caches", "sentiment", "miss"] == 2
    assert first[0]["CacheHitPercent"] == [0]
    assert again[0]["CacheHitPercent"] == [100]
    assert "models" not in again[0]
