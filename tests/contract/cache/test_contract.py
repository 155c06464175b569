"""The contract of the shared cache."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from foliolens.adapters.aws.dynamodb_cache import DynamoDbCache
from foliolens.adapters.local.postgres_cache import PostgresCache
from foliolens.kit.database import Database
from foliolens.ports.cache import Cache, CacheEntry
from tests.aws import create_table
from tests.clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC))


@pytest.fixture
def postgres(database: Database, clock: SetClock) -> PostgresCache:
    return PostgresCache(database, clock)


@pytest.fixture
def dynamodb(aws: str, clock: SetClock) -> DynamoDbCache:
    return DynamoDbCache(create_table(), clock)


@pytest.fixture(params=["postgres", "dynamodb"])
def cache(request: pytest.FixtureRequest) -> Cache:
    chosen: Cache = request.getfixturevalue(request.param)
    return chosen


def put(cache: Cache, clock: SetClock, key: str, value: bytes, fresh: float = 60, kept: float = 600) -> None:
    now = clock.now()
    cache.put(
        key, value, fresh_until=now + timedelta(seconds=fresh), keep_until=now + timedelta(seconds=kept)
    )


def test_there_is_nothing_at_first(cache: Cache) -> None:
    assert cache.get("a") is None


@pytest.mark.parametrize("value", [b"", b"\x00\xff", b"price" * 50_000])
def test_a_value_comes_back_as_it_was(cache: Cache, clock: SetClock, value: bytes) -> None:
    put(cache, clock, "a", value)

    assert cache.get("a") == CacheEntry(value, clock.now(), clock.now() + timedelta(seconds=60))


def test_a_value_replaces_the_one_before(cache: Cache, clock: SetClock) -> None:
    put(cache, clock, "a", b"old")
    clock.advance(seconds=30)
    put(cache, clock, "a", b"new", fresh=5)

    assert cache.get("a") == CacheEntry(b"new", clock.now(), clock.now() + timedelta(seconds=5))


def test_keys_are_told_apart(cache: Cache, clock: SetClock) -> None:
    for key in ("a", "A", "a ", "a/b", "ä"):
        put(cache, clock, key, key.encode())

    for key in ("a", "A", "a ", "a/b", "ä"):
        entry = cache.get(key)
        assert entry is not None
        assert entry.value == key.encode()


def test_a_value_is_kept_beyond_its_freshness_and_no_longer(cache: Cache, clock: SetClock) -> None:
    put(cache, clock, "a", b"1", fresh=60, kept=600)
    clock.advance(seconds=599)
    kept = cache.get("a")
    clock.advance(seconds=1)

    assert kept is not None
    assert kept.fresh_until < clock.now()
    assert cache.get("a") is None


class TestClaims:
    def test_one_of_many_wins(self, cache: Cache) -> None:
        with ThreadPoolExecutor(8) as threads:
            won = list(threads.map(lambda _: cache.claim("a", 10), range(32)))

        assert won.count(True) == 1

    def test_are_by_key(self, cache: Cache) -> None:
        assert [cache.claim(key, 10) for key in ("a", "b", "a")] == [True, True, False]

    def test_end_when_given_back(self, cache: Cache) -> None:
        cache.claim("a", 10)
        cache.release("a")

        assert cache.claim("a", 10)

    def test_end_by_themselves(self, cache: Cache, clock: SetClock) -> None:
        cache.claim("a", 10)
        clock.advance(seconds=9.9)
        held = cache.claim("a", 10)
        clock.advance(seconds=0.1)

        assert (held, cache.claim("a", 10)) == (False, True)

    def test_giving_back_what_nobody_holds_is_harmless(self, cache: Cache) -> None:
        cache.release("a")

    def test_say_nothing_about_values(self, cache: Cache, clock: SetClock) -> None:
        cache.claim("a", 10)
        assert cache.get("a") is None
        put(cache, clock, "a", b"1")
        cache.release("a")

        assert cache.get("a") is not None


class TestPostgres:
    def test_what_is_past_its_time_is_removed(self, postgres: PostgresCache, clock: SetClock) -> None:
        for number in range(5):
            put(postgres, clock, f"{number}", b"1", kept=600 + number)
        postgres.claim("a", 600)
        clock.advance(seconds=602)

        assert postgres.forget_old(max_bytes=1000) == 3
        assert postgres.get("4") is not None

    def test_beyond_its_size_what_was_stored_first_goes(
        self, postgres: PostgresCache, clock: SetClock
    ) -> None:
        for number in range(5):
            put(postgres, clock, f"{number}", b"x" * 100)
            clock.advance(seconds=1)

        assert postgres.forget_old(max_bytes=250) == 3
        assert [postgres.get(f"{number}") is not None for number in range(5)] == [False] * 3 + [True] * 2


def test_what_no_item_holds_is_not_kept(dynamodb: DynamoDbCache, clock: SetClock) -> None:
    put(dynamodb, clock, "a", os.urandom(400_000))

    assert dynamodb.get("a") is None
