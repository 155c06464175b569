"""A database for tests of prices: emptied of them before each test, which is quicker than a new one.

Import both fixtures into the conftest of such tests.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from foliolens.kit.database import Database
from tests.postgres import opened_clone

__all__ = ["database", "price_database"]


@pytest.fixture(scope="module")
def price_database(template_url: str) -> Iterator[Database]:
    with opened_clone(template_url, pool_size=4) as opened:
        yield opened


@pytest.fixture
def database(price_database: Database) -> Database:
    with psycopg.connect(price_database.url, autocommit=True) as owner:
        owner.execute("TRUNCATE price_symbols, daily_prices, jobs, dead_jobs")
    return price_database
