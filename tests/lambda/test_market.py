"""Market data from a Lambda function, answer for answer what the local server says of the same providers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import providers
from tests.api.conftest import Server, running_server
from tests.aws import create_table
from tests.emf import assert_follows_the_specification, facts_of_lines, written
from tests.gateway_events import rest_call
from tests.lambda_runtime import LambdaFunction

from .sides import documented, market_function, operation_of

COUNTS = frozenset({"x-ratelimit-remaining", "x-ratelimit-reset"})
OF_THE_SERVER = frozenset({"server", "date", "content-length"})

QUESTIONS = (
    "/tiingo/daily/AAPL",
    "/tiingo/daily/AAPL/prices",
    "/tiingo/daily/AAPL/prices?startDate=2025-01-02&endDate=2025-01-31",
    "/tiingo/daily/AAPL/prices?startDate=2025-01-31&endDate=2025-01-02",
    "/tiingo/daily/NOSUCH",
    "/tiingo/utilities/search?query=apple",
    "/v2/reference/news?ticker=AAPL&limit=5",
    "/v2/reference/news?ticker=AAPL&limit=much",
    "/stocks?ticker=MSFT&startDate=2025-01-02&endDate=2025-01-31",
    "/stocks?ticker=MSFT&type=metadata",
    "/search?query=micro",
    "/search",
    "/news?ticker=AAPL&from=2025-01-02&to=2025-01-05",
)
"""Every route of the function but the outlook, and what it refuses."""


@pytest.fixture(scope="module")
def tiingo_and_polygon() -> Iterator[providers.Fakes]:
    with providers.running_both() as started:
        yield started


@pytest.fixture(scope="module")
def local(tiingo_and_polygon: providers.Fakes) -> Iterator[Server]:
    limits = {"rate_limits": "on", "rate_anonymous_per_minute": "1000"}
    with running_server(**providers.settings_for(*tiingo_and_polygon), **limits) as started:
        yield started


@pytest.fixture(scope="module")
def function(
    built: Path,
    aws: str,
    tiingo_and_polygon: providers.Fakes,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LambdaFunction]:
    folder = tmp_path_factory.mktemp("market")
    with market_function(built, aws, folder, tiingo_and_polygon, create_table()) as opened:
        yield opened


def asked(function: LambdaFunction, question: str, host: str) -> dict[str, Any]:
    path, _, query = question.partition("?")
    event = rest_call(
        "GET",
        path,
        None,
        dict(pair.split("=") for pair in query.split("&")) if query else None,
        **{"X-Request-Id": "a-request", "x-viewer-host": host, "X-Forwarded-Proto": "http"},
    )
    answer: dict[str, Any] = function.invoke(event)
    return answer


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_is_the_local_servers(local: Server, function: LambdaFunction, question: str) -> None:
    host = local.url.removeprefix("http://")
    # Twice: the second answer comes from the cache.
    for _ in range(2):
        ours = asked(function, question, host)
        theirs = httpx.get(f"{local.url}/v1{question}", headers={"X-Request-Id": "a-request"}, timeout=30)

        assert ours["body"] == theirs.text
        assert ours["statusCode"] == theirs.status_code
        assert comparable(ours["headers"]) == comparable(theirs.headers)


def test_every_route_of_the_function_is_compared() -> None:
    asked = {operation_of("GET", question) for question in QUESTIONS}

    assert documented("market") - asked == {("GET", "/v1/market/{ticker}/outlook")}  # in `test_outlook`


def test_an_invocation_leaves_one_line_of_metrics(function: LambdaFunction) -> None:
    with written(function.log) as first:
        asked(function, "/tiingo/utilities/search?query=lamps", "example.com")
    with written(function.log) as again:
        asked(function, "/tiingo/utilities/search?query=lamps", "example.com")

    for lines in (first, again):
        (line,) = lines
        assert_follows_the_specification(line)
    facts = facts_of_lines(first)
    assert facts["requests", "GET", "/v1/tiingo/utilities/search", "200"] == 1
    assert facts["providers", "Tiingo", "answered"] == 1
    assert facts["breakers", "Tiingo", "closed"] == 1
    assert facts["caches", "market", "miss"] == 1
    assert first[0]["ProviderFailures"] == [0]
    assert facts_of_lines(again)["caches", "market", "hit"] == 1
    assert "ProviderFailures" not in again[0]


def test_a_provider_that_is_down_is_stood_in_for_by_what_is_known(
    function: LambdaFunction, tiingo_and_polygon: providers.Fakes
) -> None:
    tiingo, _ = tiingo_and_polygon
    tiingo.down = providers.Reply(500)
    try:
        with written(function.log) as lines:
            unknown = asked(function, "/search?query=unheard", "example.com")
    finally:
        tiingo.recover()

    assert unknown["statusCode"] == 502
    assert json.loads(unknown["body"])["error"] == "PROVIDER_ERROR"
    assert lines[0]["ProviderFailures"] == [1]


def test_without_keys_it_says_where_they_go(
    built: Path, aws: str, tiingo_and_polygon: providers.Fakes, tmp_path: Path
) -> None:
    none = {"tiingo": "", "polygon": ""}
    with market_function(built, aws, tmp_path, tiingo_and_polygon, create_table(), **none) as function:
        prices = asked(function, "/stocks?ticker=AAPL", "example.com")
        news = asked(function, "/news?ticker=AAPL", "example.com")
        outlook = asked(function, "/market/AAPL/outlook", "example.com")

    for answer, provider in ((prices, "tiingo"), (news, "polygon")):
        assert answer["statusCode"] == 503
        assert f"the key `{provider}` of the secret" in json.loads(answer["body"])["message"]
    judged = json.loads(outlook["body"])["missing"]["sentiment"]
    assert judged["reason"] == "NO_PROVIDER"
    assert "the key `polygon` of the secret" in judged["message"]


def test_no_key_is_in_its_log(function: LambdaFunction) -> None:
    written = function.log.read_text()

    assert providers.TIINGO_KEY not in written
    assert providers.POLYGON_KEY not in written


def comparable(headers: Any) -> dict[str, str | None]:
    """The headers without counts, and without what belongs to the server itself."""
    named = {name.lower(): value for name, value in headers.items()}
    return {
        name: None if name in COUNTS else value for name, value in named.items() if name not in OF_THE_SERVER
    }
