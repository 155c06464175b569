"""The outlook from the function `market`, which has `sentiment` judge news, is the local server's."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import providers
from tests.api.conftest import Server, running_server
from tests.aws import create_table
from tests.gateway_events import rest_call
from tests.lambda_runtime import LambdaFunction, invocations, running
from tests.streams import JobStream

from .sides import differing, market_function

GOOD, BAD = "Profit rose to 12 million from 8 million.", "The shares fell 9% after the warning."


@dataclass
class Market:
    """The function, and what it is told to do."""

    function: LambdaFunction
    jobs: JobStream


@pytest.fixture(scope="module")
def fakes() -> Iterator[providers.Fakes]:
    with providers.running_both(providers.walking) as (prices, news):
        articles = [
            providers.article(
                number,
                title=title,
                description="" if title else BAD,
                published_utc=f"{datetime.now(UTC).date() - timedelta(days=number + 1)}T12:00:00Z",
            )
            for number, title in enumerate((GOOD, BAD, "", GOOD))
        ]
        news.answer = lambda _: providers.as_json(providers.news_page(news.url, articles))
        yield prices, news


@pytest.fixture(scope="module")
def local(fakes: providers.Fakes) -> Iterator[Server]:
    with running_server(**providers.settings_for(*fakes)) as started:
        yield started


@pytest.fixture(scope="module")
def market(
    built: Path, aws: str, fakes: providers.Fakes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Market]:
    table = create_table()
    folder = tmp_path_factory.mktemp("functions")
    for name in ("market", "sentiment"):
        (folder / name).mkdir()
    handler = "foliolens.entrypoints.lambda_sentiment.handler"
    data = {"FOLIOLENS_DATA": "/tmp/foliolens"}
    with (
        running(built / "sentiment.zip", handler, folder / "sentiment", data) as sentiment,
        invocations(sentiment) as address,
        market_function(built, aws, folder / "market", fakes, table, address) as function,
    ):
        yield Market(function, JobStream(table))


def outlook(function: LambdaFunction, ticker: str, **query: str) -> tuple[int, Any]:
    event = rest_call(
        "GET", f"/market/{ticker}/outlook", None, query or None, **{"X-Request-Id": "a-request"}
    )
    answer = function.invoke(event)
    return answer["statusCode"], json.loads(answer["body"])


def told_locally(server: Server, ticker: str, **query: str) -> tuple[int, Any]:
    url = f"{server.url}/v1/market/{ticker}/outlook"
    answer = httpx.get(url, params=query, headers={"X-Request-Id": "a-request"}, timeout=30)
    return answer.status_code, answer.json()


def waited_for(server: Server, ticker: str, **query: str) -> tuple[int, Any]:
    deadline = time.monotonic() + 60
    while True:
        status, body = told_locally(server, ticker, **query)
        parts = body.get("missing", {}).values()
        if not any(part is not None and part["reason"] == "PENDING" for part in parts):
            return status, body
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_it_fills_itself_and_is_the_local_servers(
    local: Server, market: Market, fakes: providers.Fakes
) -> None:
    prices, news = fakes
    with prices.held(), news.held():
        first = outlook(market.function, "aapl")
        assert {part["reason"] for part in first[1]["missing"].values()} == {"PENDING"}
        assert differing(first, told_locally(local, "aapl")) == []
    outlook(market.function, "AAPL")
    assert market.jobs.deliver(market.function) == 2  # prices and news, once each

    ours, theirs = outlook(market.function, "AAPL", days="90"), waited_for(local, "AAPL", days="90")

    body = ours[1]
    assert (body["prices"]["source"], body["sentiment"]["model"]) == ("Tiingo", "embedded")
    assert len(body["prices"]["days"]) > 60
    assert sum(day["articles"] for day in body["sentiment"]["days"]) == 4
    assert {"positive", "negative"} <= {each["label"] for each in body["sentiment"]["headlines"]}
    assert body["prediction"]["days"] == 1260
    assert body["missing"] == {"prices": None, "sentiment": None, "prediction": None}
    for answer in (ours, theirs):
        judged = datetime.fromisoformat(answer[1]["sentiment"].pop("asOf"))
        assert datetime.now(UTC) - judged < timedelta(minutes=5)
    assert differing(ours, theirs) == []
    assert market.jobs.deliver(market.function) == 0


def test_what_is_refused_is_refused_alike(local: Server, market: Market) -> None:
    outlook(market.function, "NOSUCH")
    told_locally(local, "NOSUCH")
    market.jobs.deliver(market.function)

    unknown = outlook(market.function, "NOSUCH")
    assert unknown[0] == 404
    assert unknown == waited_for(local, "NOSUCH")
    for ticker, query in (("A%20B", {}), ("AAPL", {"days": "0"})):
        refused = outlook(market.function, ticker, **query)
        assert refused[0] == 400
        assert refused == told_locally(local, ticker, **query)


def test_news_that_cannot_be_judged_are_given_up_and_the_prices_shown(
    built: Path, aws: str, fakes: providers.Fakes, tmp_path: Path
) -> None:
    table = create_table()
    with market_function(built, aws, tmp_path, fakes, table) as function:
        market = Market(function, JobStream(table))
        outlook(function, "AAPL")
        assert market.jobs.deliver(function) == 2
        _, body = outlook(function, "AAPL")

    assert len(market.jobs.lost) == 1
    assert body["missing"]["sentiment"]["reason"] == "PROVIDER_ERROR"
    assert body["prices"] is not None
    assert body["prediction"] is not None
