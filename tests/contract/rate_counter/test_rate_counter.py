"""The contract of rate counters."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from foliolens.adapters.aws.dynamodb_rate_counter import DynamoDbRateCounter
from foliolens.adapters.local.memory_rate_counter import MemoryRateCounter
from foliolens.adapters.local.postgres_rate_counter import PostgresRateCounter
from foliolens.ports.rate_counter import RateCounter
from tests.aws import create_table


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=["memory", "postgres", "dynamodb"])
def counter(request: pytest.FixtureRequest, clock: SetClock) -> RateCounter:
    if request.param == "memory":
        return MemoryRateCounter(clock)
    if request.param == "postgres":
        return PostgresRateCounter(request.getfixturevalue("database"), clock)
    request.getfixturevalue("aws")
    return DynamoDbRateCounter(create_table(), clock)


def test_hits_are_counted_by_key(counter: RateCounter) -> None:
    counts = [counter.hit(key, 60).count for key in ("ada", "eve", "ada", "ada")]

    assert counts == [1, 1, 2, 3]


def test_a_new_window_begins_at_one(counter: RateCounter, clock: SetClock) -> None:
    counter.hit("ada", 60)
    counter.hit("ada", 60)
    clock.advance(60)

    assert counter.hit("ada", 60).count == 1


def test_the_window_tells_when_it_ends(counter: RateCounter, clock: SetClock) -> None:
    remaining = counter.hit("ada", 60).resets_in
    assert 1 <= remaining <= 60
    clock.advance(remaining)

    assert counter.hit("ada", 60).count == 1


def test_windows_of_different_length_are_counted_apart(counter: RateCounter) -> None:
    counter.hit("ada", 60)

    assert counter.hit("ada", 3600).count == 1


def test_no_hit_is_lost_among_threads(counter: RateCounter) -> None:
    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda _: counter.hit("ada", 60).count, range(400)))

    assert sorted(counts) == list(range(1, 401))


def test_looking_counts_nothing(counter: RateCounter, clock: SetClock) -> None:
    before = counter.peek("ada", 60)
    counter.hit("ada", 60)
    remaining = counter.hit("ada", 60).resets_in
    looks = [
        counter.peek(key, seconds) for key, seconds in (("ada", 60), ("ada", 60), ("ada", 30), ("eve", 60))
    ]
    clock.advance(remaining)

    assert before == 0
    assert looks == [2, 2, 0, 0]
    assert counter.peek("ada", 60) == 0


class TestMemory:
    def test_no_more_than_its_capacity_is_held(self, clock: SetClock) -> None:
        counter = MemoryRateCounter(clock, capacity=10)
        for number in range(1000):
            counter.hit(f"stranger {number}", 60)

        assert len(counter) == 10

    def test_the_busiest_are_remembered(self, clock: SetClock) -> None:
        counter = MemoryRateCounter(clock, capacity=10)
        for number in range(100):
            counter.hit("ada", 60)
            counter.hit(f"stranger {number}", 60)

        assert counter.hit("ada", 60).count == 101

    def test_the_end_of_a_window_is_rounded_up(self, clock: SetClock) -> None:
        counter = MemoryRateCounter(clock)
        counter.hit("ada", 60)
        clock.advance(59.5)

        assert counter.hit("ada", 60).resets_in == 1
