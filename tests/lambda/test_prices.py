"""Prices on AWS: `api` orders what it misses, the table's stream wakes `market`, the next report measures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.dynamodb_prices import DynamoDbPriceStore
from foliolens.adapters.aws.streamed_jobs import StreamedJobs
from foliolens.market.price_orders import FETCH_PRICES
from foliolens.ports.clock import SystemClock
from tests import providers
from tests.api.conftest import running_server, signed_up
from tests.api.exchanges import STANDARD_CSV, holding, portfolio
from tests.emf import facts_of_lines, written
from tests.lambda_runtime import LambdaFunction, running

from .sides import Cloud, Local, Side, comparable, differing, functions

HELD = ("AAPL", "BND", "VTI")
BENCHMARK = "SPY"


@pytest.fixture(scope="module")
def fakes() -> Iterator[providers.Fakes]:
    with providers.running_both(providers.walking) as started:
        yield started


@pytest.fixture(scope="module")
def local(fakes: providers.Fakes) -> Iterator[Local]:
    with running_server(**providers.settings_for(*fakes)) as server, signed_up(server) as user:
        yield Local(server, user.client)


@pytest.fixture(scope="module")
def cloud(
    built: Path,
    aws: str,
    template_url: str,
    fakes: providers.Fakes,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cloud]:
    with functions(built, aws, template_url, fakes, tmp_path_factory.mktemp("functions")) as side:
        yield side


@pytest.fixture
def store(cloud: Cloud) -> DynamoDbPriceStore:
    return DynamoDbPriceStore(cloud.jobs.table, SystemClock())


@contextmanager
def schedule(built: Path, cloud: Cloud, folder: Path) -> Iterator[LambdaFunction]:
    handler = "foliolens.entrypoints.lambda_schedule.handler"
    with running(built / "schedule.zip", handler, folder, cloud.environment) as function:
        yield function


def reports(side: Side, portfolio_id: str) -> list[Any]:
    """What rests on prices: the risk of a portfolio, a plan of trades, a comparison and a link."""
    shared = {"expiresIn": "7d", "permissions": ["view", "analyze"]}
    token = side.call("POST", f"/portfolios/{portfolio_id}/share", shared).json["shareToken"]
    body = portfolio("Another", holding("VTI", 500), holding("AAPL", 500))
    other = side.call("POST", "/portfolios", body).json["id"]
    asked = (
        side.call("GET", f"/portfolios/{portfolio_id}/risk"),
        side.call(
            "POST", f"/portfolios/{portfolio_id}/rebalance", {"targets": {"method": "minimum_variance"}}
        ),
        side.call("POST", "/portfolios/compare", {"portfolioIds": [portfolio_id, other]}),
        side.call("GET", f"/shared/{token}/risk", signed_in=False),
    )
    assert [answer.status for answer in asked] == [200] * len(asked), asked
    return list(comparable(list(asked)))


def test_what_a_report_misses_is_fetched_and_the_next_one_measures(
    local: Local, cloud: Cloud, fakes: providers.Fakes
) -> None:
    prices, _ = fakes
    sides: tuple[Side, Side] = (cloud, local)
    uploads = [side.upload(STANDARD_CSV, portfolioName="Imported") for side in sides]
    imported = [
        str(side.call("GET", f"/upload/{upload}/status").json["portfolioId"])
        for side, upload in zip(sides, uploads, strict=True)
    ]

    with prices.held():
        ours, theirs = (
            side.call("GET", f"/portfolios/{made}/risk") for side, made in zip(sides, imported, strict=True)
        )
        assert {missing["reason"] for missing in ours.json["market"]["prices"]["missing"]} == {"PENDING"}
        assert differing(*([*comparable([answer])] for answer in (ours, theirs))) == []
    cloud.call("GET", f"/portfolios/{imported[0]}/risk")
    assert cloud.jobs.deliver(cloud.market) == 1  # what is ordered is not ordered again
    local.fetch_prices((*HELD, BENCHMARK))

    ours, theirs = (reports(side, made) for side, made in zip(sides, imported, strict=True))
    market = ours[0][1]["market"]
    assert market["volatility"]["value"] > 0
    assert market["benchmark"]["beta"]["value"] is not None
    assert market["prices"]["missing"] == []
    assert differing(ours, theirs) == []
    assert cloud.jobs.deliver(cloud.market) == 0


def test_fifty_symbols_are_five_jobs_which_the_provider_is_asked_for_once(
    cloud: Cloud, fakes: providers.Fakes
) -> None:
    prices, _ = fakes
    symbols = [f"S{number}" for number in range(49)]
    body = portfolio("Fifty", *(holding(symbol, 100) for symbol in symbols))
    made = cloud.call("POST", "/portfolios", body).json["id"]
    prices.asked.clear()

    for _ in range(3):
        cloud.call("GET", f"/portfolios/{made}/risk")
    records = list(cloud.jobs.records())
    assert len(records) == 5
    for record in (*records, *records):  # each told of twice
        assert cloud.market.invoke({"Records": [record]}) == {"batchItemFailures": []}

    assert sorted(asked.path.split("/")[3] for asked in prices.asked) == sorted(symbols)
    report = cloud.call("GET", f"/portfolios/{made}/risk").json
    assert report["market"]["prices"]["missing"] == []


def test_a_job_that_fails_each_time_is_given_up_and_holds_up_no_other(
    cloud: Cloud, store: DynamoDbPriceStore
) -> None:
    clock = SystemClock()
    jobs, now = StreamedJobs(cloud.jobs.table, clock), clock.now()
    cloud.fetch_prices(["BROKEN"])
    clients.dynamodb().put_item(
        TableName=cloud.jobs.table,
        Item={"pk": {"S": "price#BROKEN"}, "sk": {"S": "rows"}, "rows": {"B": b"nothing compressed"}},
    )
    ordered = (now + timedelta(minutes=1)).isoformat()
    for symbol in ("BROKEN", "WHOLE"):
        jobs.send(FETCH_PRICES, {"symbols": [symbol], "orderedAt": ordered}, "a-request")

    with written(cloud.market.log) as lines:
        assert cloud.jobs.deliver(cloud.market) == 2

    facts = facts_of_lines(lines)
    assert {fact: count for fact, count in facts.items() if fact[0] == "jobs"} == {
        ("jobs", FETCH_PRICES, "completed"): 1,
        ("jobs", FETCH_PRICES, "failed"): 2,
        ("jobs", FETCH_PRICES, "given-up"): 1,
    }
    (lost,) = cloud.jobs.lost
    assert jobs.take(lost) is not None
    states = store.states(["BROKEN", "WHOLE"])
    assert (states["BROKEN"].failure, states["WHOLE"].failure) == ("PROVIDER_ERROR", None)
    assert states["WHOLE"].version > 0
    retry_at = states["BROKEN"].retry_at
    assert retry_at is not None
    assert timedelta(minutes=50) < retry_at - now < timedelta(minutes=70)
    assert cloud.market.log.read_text().count("job failed") == 3


def test_the_night_orders_what_is_held_and_forgets_what_nobody_wants(
    built: Path, cloud: Cloud, store: DynamoDbPriceStore, tmp_path: Path
) -> None:
    cloud.call("POST", "/portfolios", portfolio("Held", holding("NIGHT", 500), holding("VTI", 500)))
    long_ago = datetime.now(UTC) - timedelta(days=61)
    for symbol in ("NIGHT", "UNHELD"):
        store.succeeded(symbol, "Tiingo", long_ago)

    with schedule(built, cloud, tmp_path) as function:
        assert function.invoke({"task": "refresh_prices"})["orderPrices"] >= 1
        assert cloud.jobs.deliver(cloud.market) >= 1
        assert function.invoke({"task": "refresh_prices"}) == {"orderPrices": 0}
        assert function.invoke({"task": "forget_prices"}) == {"forgetPrices": 1}

    assert store.states(["NIGHT"])["NIGHT"].version > 0
    assert store.states(["UNHELD"]) == {}
