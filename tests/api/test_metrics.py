"""A server counts what its processes do: those that answer, the one that works, the one that infers."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from foliolens.ports.metrics import EVENTS
from tests import providers
from tests.prometheus import Facts, facts_of_page
from tests.providers import Fake, Reply

from .conftest import Server, command, environment, running_server, signed_up
from .exchanges import STANDARD_CSV, upload


@dataclass(frozen=True)
class World:
    """A server of two HTTP processes, and the providers it asks."""

    server: Server
    client: httpx.Client
    tiingo: Fake

    def facts(self) -> Facts:
        return facts_of_page(httpx.get(f"{self.server.url}/metrics", timeout=30).text)

    def counted(self, work: Callable[[], object]) -> Facts:
        """What the work adds."""
        before = Counter(self.facts())
        work()
        after = Counter(self.facts())
        after.subtract(before)
        return {fact: value for fact, value in after.items() if value}


def eventually(holds: Callable[[], bool]) -> None:
    """What a worker counts comes after what it answers."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def added(before: Facts, after: Facts, *fact: str) -> float:
    return after.get(fact, 0) - before.get(fact, 0)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with (
        providers.running_both() as (tiingo, polygon),
        running_server(
            "--processes",
            "2",
            **providers.settings_for(tiingo, polygon),
            auto_confirm="true",
            sentiment_model="embedded",
            provider_breaker_failures="1",
        ) as server,
        httpx.Client(base_url=f"{server.url}/v1", timeout=60) as client,
    ):
        yield World(server, client, tiingo)


def test_who_registers(world: World) -> None:
    def register() -> None:
        with signed_up(world.server):
            pass

    assert world.counted(register)["events", "registration"] == 1


def test_portfolios_and_each_only_once(world: World) -> None:
    with signed_up(world.server) as user:

        def create_and_delete() -> None:
            body: Any = {"name": "Once", "assets": [{"symbol": "VTI", "dollarAmount": 100}]}
            for _ in range(3):
                answer = user.client.post("/portfolios", json=body, headers={"Idempotency-Key": "once"})
            user.client.delete(f"/portfolios/{answer.json()['id']}")
            user.client.delete(f"/portfolios/{answer.json()['id']}")

        counted = world.counted(create_and_delete)

    assert counted["events", "portfolio-created"] == 1
    assert counted["events", "portfolio-deleted"] == 1
    assert counted["requests", "POST", "/v1/portfolios", "201"] == 3
    assert counted["requests", "DELETE", "/v1/portfolios/{portfolioId}", "404"] == 1
    assert counted["request seconds", "POST", "/v1/portfolios"] > 0


def test_words_that_are_no_methods_are_one(world: World) -> None:
    counted = world.counted(lambda: [world.client.request(f"WORD{n}", "/health") for n in range(3)])

    assert counted["requests", "OTHER", "/v1/health", "405"] == 3


def test_uploads_and_the_jobs_behind_them(world: World) -> None:
    with signed_up(world.server) as user:
        before = world.facts()
        upload(user.client, STANDARD_CSV)
        upload(user.client, b"no,holdings\n1,2\n")
        eventually(lambda: added(before, world.facts(), "jobs", "object_created", "completed") == 2)
        after = world.facts()

    assert {event: added(before, after, "events", event) for event in EVENTS} == {
        "registration": 0,
        "portfolio-created": 1,
        "portfolio-deleted": 0,
        "upload-accepted": 2,
        "upload-imported": 1,
        "upload-failed": 1,
    }
    assert added(before, after, "job seconds", "object_created") > 0


def test_a_worker_that_is_started_beside_the_server(world: World) -> None:
    """What it counts is on the server's page, though it is no process of the server's."""
    worker = subprocess.Popen(
        command("worker", "--data", str(world.server.data)),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    counts = world.server.data / "metrics" / f"counter_{worker.pid}.db"
    uploads = 0
    try:
        with signed_up(world.server) as user:
            before = world.facts()
            deadline = time.monotonic() + 60
            while not (counts.exists() and b"object_created" in counts.read_bytes()):
                assert time.monotonic() < deadline, "it took no job"
                upload(user.client, STANDARD_CSV)
                uploads += 1
            eventually(lambda: added(before, world.facts(), "jobs", "object_created", "completed") == uploads)
    finally:
        worker.terminate()
        worker.wait(timeout=60)


def test_models_where_they_run(world: World) -> None:
    text = {"text": ["Profits rose sharply.", "The outlook is weak."], "hash": "a"}

    def infer() -> None:
        for _ in range(2):
            assert world.client.post("/sentiment", json=text).status_code == 200

    counted = world.counted(infer)

    assert counted["models", "embedded"] >= 1
    assert counted["model seconds", "embedded"] > 0
    found = counted.get(("caches", "sentiment", "hit"), 0), counted["caches", "sentiment", "miss"]
    assert sum(found) == 4  # two sentences, twice; either process has a cache of its own


def test_providers_their_breaker_and_the_cache_before_them(world: World) -> None:
    def look() -> None:
        for _ in range(2):
            world.client.get("/tiingo/daily/MSFT/prices", params={"startDate": "2026-02-23"})
        world.tiingo.script(Reply(403))
        world.client.get("/tiingo/daily/KO/prices", params={"startDate": "2026-02-23"})

    counted = world.counted(look)

    assert counted["providers", "Tiingo", "answered"] == 1
    assert counted["providers", "Tiingo", "failed"] == 1
    assert counted["caches", "market", "hit"] == 1
    assert counted["caches", "market", "miss"] == 2
    assert counted["breakers", "Tiingo", "open"] == 1


def test_the_depth_of_every_queue(world: World) -> None:
    page = httpx.get(f"{world.server.url}/metrics").text

    for queue in ("uploads", "prices", "news"):
        assert f'foliolens_queue_waiting{{queue="{queue}"}} ' in page
        assert f'foliolens_queue_oldest_seconds{{queue="{queue}"}} ' in page
