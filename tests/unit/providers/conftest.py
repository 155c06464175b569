"""The market data services on a real database, in front of fakes of both providers, with a clock to set."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from foliolens.adapters.local.postgres_cache import PostgresCache
from foliolens.adapters.local.postgres_rate_counter import PostgresRateCounter
from foliolens.adapters.providers.manners import Manners
from foliolens.adapters.providers.polygon import Polygon
from foliolens.adapters.providers.tiingo import Tiingo
from foliolens.environment import Secret
from foliolens.kit.database import Database
from foliolens.market.news import NewsService
from foliolens.market.reading import Reader
from foliolens.market.service import MarketService
from foliolens.ports.clock import Pace
from tests import providers as fakes
from tests.clock import SetClock
from tests.postgres import opened_clone
from tests.providers import POLYGON_KEY, TIINGO_KEY, Fake

NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)
"""Noon of a Monday in New York."""

TODAY = NOON.date()

_TABLES = (
    "cache_entries",
    "cache_claims",
    "rate_windows",
    "daily_prices",
    "price_symbols",
    "jobs",
    "dead_jobs",
)

MANNERS = Manners(
    quota=500,
    quota_window=3600,
    attempts=3,
    backoff=0.1,
    breaker_failures=3,
    breaker_seconds=30,
    connect_seconds=1,
)


class SleepingClock(SetClock):
    """Sleeping moves it."""

    def __init__(self) -> None:
        super().__init__(NOON)
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds=seconds)

    def monotonic(self) -> float:
        return self.time.timestamp()

    @property
    def pace(self) -> Pace:
        return Pace(self.monotonic, self.sleep)


@dataclass
class Desk:
    """The services of one process, and the world around them."""

    market: MarketService
    news: NewsService
    tiingo: Fake
    polygon: Fake
    clock: SleepingClock
    database: Database

    def kept(self) -> dict[str, bytes]:
        """Everything in the cache, as it was before it was compressed."""
        with self.database.system() as transaction:
            rows = transaction.execute("SELECT key, value FROM cache_entries").fetchall()
        return {row["key"]: row["value"] and zlib.decompress(row["value"]) for row in rows}


MakeDesk = Callable[..., Desk]


@pytest.fixture
def clock() -> SleepingClock:
    return SleepingClock()


@pytest.fixture(scope="module")
def shared_database(template_url: str) -> Iterator[Database]:
    with opened_clone(template_url, pool_size=4) as opened:
        yield opened


@pytest.fixture
def database(shared_database: Database) -> Database:
    """The module's database, its market data tables empty: a clone for each test would take longer."""
    with shared_database.system() as transaction:
        for table in _TABLES:
            transaction.execute(f"DELETE FROM {table}")
    return shared_database


@pytest.fixture
def make_desk(database: Database, clock: SleepingClock) -> Iterator[MakeDesk]:
    """Makes the services of a process; several share the database, the clock and the providers."""
    with ExitStack() as stack:
        tiingo = stack.enter_context(fakes.running(fakes.tiingo(TODAY)))
        polygon = stack.enter_context(fakes.running(lambda _: fakes.Reply(500)))
        polygon.answer = fakes.polygon()(polygon)

        def make(
            *,
            seconds: float = 5.0,
            background_seconds: float = 5.0,
            pace: Pace | None = None,
            **manners: float,
        ) -> Desk:
            chosen = replace(MANNERS, **manners)
            pace = pace or clock.pace
            counter = PostgresRateCounter(database, clock)
            reader = Reader(PostgresCache(database, clock), clock, pace)
            prices = Tiingo(tiingo.url, Secret(TIINGO_KEY), chosen, clock, counter, pace)
            news = Polygon(polygon.url, Secret(POLYGON_KEY), chosen, clock, counter, pace)
            return Desk(
                market=MarketService(
                    stack.enter_context(prices),
                    reader,
                    clock,
                    seconds=seconds,
                    background_seconds=background_seconds,
                ),
                news=NewsService(stack.enter_context(news), reader, clock, seconds=seconds, pace=pace),
                tiingo=tiingo,
                polygon=polygon,
                clock=clock,
                database=database,
            )

        yield make


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()
