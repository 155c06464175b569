"""How long a page of portfolios takes among a million of them, beside a database with one user's hundred.

Run with `python -m bench million_portfolios`. The statements are the product's own, through row-level
security, on one connection; the first figure is the peer of the second, in one run.
"""

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import psycopg

from foliolens.adapters.local.postgres import EmbeddedPostgres
from foliolens.kit.database import Database
from foliolens.kit.migrations import migrate
from foliolens.portfolios.store import SortKey, read_page

PORTFOLIOS_A_USER = 100
USERS = 10_000
PAGES = 200

_FILL = """
INSERT INTO users (id, email)
SELECT lpad(to_hex(n), 32, '0')::uuid, 'user' || n || '@example.com'
FROM generate_series(%(first)s::int, %(last)s::int) n;
"""
_FILL_PORTFOLIOS = """
INSERT INTO portfolios (id, user_id, name, total_value, holdings_count, created_at, updated_at)
SELECT gen_random_uuid(), lpad(to_hex(u), 32, '0')::uuid, 'Portfolio ' || p, 1000 + p, 10,
       now() - make_interval(mins => p), now() - make_interval(mins => p)
FROM generate_series(%(first)s::int, %(last)s::int) u, generate_series(1, %(each)s::int) p;
"""


def main() -> None:
    """Measure the page with one user's portfolios, then with a million of all users'."""
    with TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder, "postgres"), durable=False) as server:
        migrate(server.url)
        database = Database(server.url, pool_size=2)
        database.open()
        try:
            for first, last in ((1, 1), (2, USERS)):
                _fill(server.url, first, last)
                print(f"{last * PORTFOLIOS_A_USER:>9,} portfolios")
                for sort in ("created_at", "updated_at", "name", "total_value"):
                    print(f"    page sorted by {sort:12} median {_median_page(database, sort) * 1000:.2f} ms")
        finally:
            database.close()


def _fill(url: str, first: int, last: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        parameters = {"first": first, "last": last, "each": PORTFOLIOS_A_USER}
        connection.execute(_FILL, parameters)
        connection.execute(_FILL_PORTFOLIOS, parameters)
        connection.execute("ANALYZE")


def _median_page(database: Database, sort: SortKey) -> float:
    seconds = []
    for _ in range(PAGES):
        started = time.perf_counter()
        with database.user(UUID(int=1)) as transaction:
            rows, total = read_page(transaction, UUID(int=1), sort=sort, descending=True, limit=50, offset=0)
        seconds.append(time.perf_counter() - started)
        assert (len(rows), total) == (50, PORTFOLIOS_A_USER)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
