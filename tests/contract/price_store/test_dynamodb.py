"""What the store in DynamoDB promises beyond the contract: no half writes, and a small bill."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.dynamodb_prices import DynamoDbPriceStore
from foliolens.operations.costs.bill import NIGHT_READS, NIGHT_WRITES
from foliolens.ports.clock import SystemClock
from foliolens.ports.prices import DailyPrice
from tests.aws import create_table

EVER = (date.min, date.max)
MONTH = timedelta(days=30)


def history(days: int) -> list[DailyPrice]:
    """Working days with prices as exact as a provider's."""
    random, price, found = Random(7), 100.0, list[DailyPrice]()
    when = date(2019, 1, 2)
    while len(found) < days:
        if when.weekday() < 5:
            price *= math.exp(random.gauss(0.0003, 0.015))
            close, high, low = (Decimal(f"{price * part:.2f}") for part in (1, 1.01, 0.99))
            adjusted = Decimal(f"{price * 0.973123:.9f}")
            found.append(DailyPrice(when, low, high, low, close, adjusted, random.randrange(9_000_000)))
        when += timedelta(days=1)
    return found


@dataclass
class Spent:
    """Units that requests take, as DynamoDB counts them: a write's by the kilobyte, a read's by four."""

    writes: int = 0
    reads: int = 0

    def asked(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        """Count what is written; a state that is updated has less than a kilobyte."""
        if model.name == "TransactWriteItems":
            for part in params["TransactItems"]:
                self.writes += 2 * math.ceil(_size(part["Put"]["Item"]) / 1024) if "Put" in part else 2
        elif model.name == "UpdateItem":
            self.writes += 1

    def answered(self, parsed: Mapping[str, Any], model: Any, **_: object) -> None:
        """Count what is read."""
        if model.name == "BatchGetItem":
            for items in parsed["Responses"].values():
                self.reads += sum(math.ceil(_size(item) / 4096) for item in items)


def _size(item: Mapping[str, Any]) -> int:
    return sum(
        len(name) + (len(value) if isinstance(value, (str, bytes)) else 0)
        for name, typed in item.items()
        for value in typed.values()
    )


@pytest.fixture
def store(aws: str) -> DynamoDbPriceStore:
    return DynamoDbPriceStore(create_table(), SystemClock())


@pytest.fixture
def spent(store: DynamoDbPriceStore) -> Iterator[Spent]:
    counted, events = Spent(), clients.dynamodb().meta.events
    events.register("provide-client-params.dynamodb", counted.asked)
    events.register("after-call.dynamodb", counted.answered)
    yield counted
    events.unregister("provide-client-params.dynamodb", counted.asked)
    events.unregister("after-call.dynamodb", counted.answered)


def test_nights_cost_what_the_bill_counts_with(store: DynamoDbPriceStore, spent: Spent) -> None:
    nights, before = 116, 1400
    known = history(before + nights)
    store.replace("VTI", known[:before], "Tiingo")
    store.list_held(["VTI"], datetime.now(UTC))
    spent.writes = spent.reads = 0

    for newest in range(before, before + nights):
        now = datetime.now(UTC)
        start = known[newest - 1].day - MONTH
        store.claim(store.due(now, now, MONTH, 1), now, MONTH)
        store.states(["VTI"])
        store.days("VTI", start, known[newest - 1].day)
        store.write("VTI", [price for price in known[: newest + 1] if price.day >= start], "Tiingo")
        store.succeeded("VTI", "Tiingo", now)

    assert store.days("VTI", *EVER) == known
    assert spent.writes / nights == pytest.approx(NIGHT_WRITES, rel=0.15)
    assert spent.reads / nights == pytest.approx(NIGHT_READS, rel=0.15)


def test_fifty_symbols_are_read_with_one_request(store: DynamoDbPriceStore) -> None:
    symbols = [f"S{number}" for number in range(50)]
    for symbol in symbols:
        store.replace(symbol, history(100), "Tiingo")
    asked: list[str] = []

    def note(model: Any, **_: object) -> None:
        asked.append(model.name)

    clients.dynamodb().meta.events.register("after-call.dynamodb", note)
    try:
        read = store.read(symbols, *EVER)
    finally:
        clients.dynamodb().meta.events.unregister("after-call.dynamodb", note)

    assert len(read) == 50
    assert asked == ["BatchGetItem"]


@pytest.mark.parametrize("older", ["recent", "series"])
def test_an_answer_of_two_writes_is_asked_for_again(store: DynamoDbPriceStore, older: str) -> None:
    """A request of several items may see one of before a write and another of after it."""
    before = history(200)
    after = [replace(price, adjusted_close=price.adjusted_close / 2) for price in before]
    store.replace("VTI", before, "Tiingo")
    stale: dict[str, Any] = {}
    answers = 0

    def mix(parsed: dict[str, Any], model: Any, **_: object) -> None:
        nonlocal answers
        if model.name != "BatchGetItem":
            return
        answers += 1
        for items in parsed["Responses"].values():
            for place, item in enumerate(items):
                if answers == 1:
                    stale[item["sk"]["S"]] = item
                elif answers == 2 and item["sk"]["S"] == older:
                    items[place] = stale[older]

    events = clients.dynamodb().meta.events
    events.register("after-call.dynamodb", mix)
    try:
        store.read(["VTI"], *EVER)
        events.unregister("after-call.dynamodb", mix)
        store.replace("VTI", after, "Tiingo")
        events.register("after-call.dynamodb", mix)
        series = store.read(["VTI"], *EVER)["VTI"]
    finally:
        events.unregister("after-call.dynamodb", mix)

    assert answers == 3
    assert series.adjusted.tolist() == [float(price.adjusted_close) for price in after]


def test_what_somebody_asks_for_meanwhile_is_not_forgotten(store: DynamoDbPriceStore) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    for symbol in ("VTI", "OLD"):
        store.write(symbol, history(3), "Tiingo")
        store.succeeded(symbol, "Tiingo", now - timedelta(days=90))
    store.list_held(["NONE"], now)

    def ask(model: Any, **_: object) -> None:
        if model.name == "Scan":
            store.claim(["VTI"], now, timedelta(0))

    clients.dynamodb().meta.events.register("after-call.dynamodb", ask)
    try:
        forgotten = store.forget(now - timedelta(days=60))
    finally:
        clients.dynamodb().meta.events.unregister("after-call.dynamodb", ask)

    assert forgotten == 1
    assert store.days("VTI", *EVER) == history(3)
    assert store.days("OLD", *EVER) == []
