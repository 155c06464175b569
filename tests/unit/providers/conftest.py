"""The market data services on a real database, in front of fakes of both providers, with a clock to set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import SecretStr

from foliolens.adapters.local.postgres_cache import PostgresCache
from foliolens.adapters.local.postgres_rate_counter import PostgresRateCounter
from foliolens.adapters.providers.manners import Manners
from foliolens.adapters.providers.polygon import Polygon
from foliolens.adapters.providers.tiingo import Tiingo
from foliolens.kit.database import Database
from foliolens.market.news import NewsService
from foliolens.market.reading import Reader
from foliolens.market.service import MarketService
from foliolens.ports.clock import Pace
from tests import providers as fakes
from tests.providers import POLYGON_KEY, TIINGO_KEY, Fake

NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)  # a Monday, in New York
TODAY = NOON.date()

MANNERS = Manners(
    quota=500,
    quota_window=3600,
    attempts=3,
    backoff=0.1,
    breaker_failures=3,
    breaker_seconds=30,
    connect_seconds=1,
)


class SetClock:
    """Stands still until it is moved; sleeping moves it."""

    def __init__(self) -> None:
        self.time = NOON
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def advance(self, **time: float) -> None:
        self.time += timedelta(**time)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)

    def monotonic(self) -> float:
        return self.time.timestamp()

    @property
    def pace(self) -> Pace:
        return Pace(self.monotonic, self.sleep)


@dataclass
class Desk:
    """Everything a test of market data holds in its hands."""

    market: MarketService
    news: NewsService
    tiingo: Fake
    polygon: Fake
    clock: SetClock
    database: Database


MakeDesk = Callable[..., Desk]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def make_desk(database: Database, clock: SetClock) -> Iterator[MakeDesk]:
    """Makes the services of one process; several of them share the database and the fakes."""
    with ExitStack() as stack:
        tiingo = stack.enter_context(fakes.running(fakes.tiingo(TODAY)))
        polygon = stack.enter_context(fakes.running(lambda _: fakes.Reply(500)))
        polygon.answer = fakes.polygon()(polygon)

        def make(*, seconds: float = 5.0, **manners: float) -> Desk:
            chosen = replace(MANNERS, **manners)
            counter = PostgresRateCounter(database, clock)
            reader = Reader(PostgresCache(database, clock), clock, clock.pace)
            prices = Tiingo(tiingo.url, SecretStr(TIINGO_KEY), chosen, clock, counter, clock.pace)
            news = Polygon(polygon.url, SecretStr(POLYGON_KEY), chosen, clock, counter, clock.pace)
            stack.enter_context(prices)
            stack.enter_context(news)
            return Desk(
                market=MarketService(prices, reader, clock, seconds=seconds, background_seconds=seconds),
                news=NewsService(news, reader, clock, seconds=seconds, pace=clock.pace),
                tiingo=tiingo,
                polygon=polygon,
                clock=clock,
                database=database,
            )

        yield make


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk()


def march(number: int) -> date:
    return date(2026, 3, number)
