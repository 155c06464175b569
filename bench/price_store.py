"""What reading prices costs: five years of 50 and 500 symbols, from the database and from memory.

Run with `python -m bench price_store`. The peer reads the same days as rows, which is what a store without
packing does. What a report makes of the prices is measured by `priced_report`.
"""

import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bench.figures import Figure
from foliolens.adapters.local.postgres import EmbeddedPostgres
from foliolens.adapters.local.postgres_prices import PostgresPriceStore
from foliolens.kit.database import Database
from foliolens.kit.migrations import migrate
from foliolens.market.series_cache import SeriesCache
from foliolens.market.stored_prices import StoredPrices
from foliolens.ports.clock import SystemClock
from foliolens.ports.prices import DailyPrice

DAYS = 1260
SYMBOLS = [f"SYM{number}" for number in range(500)]
FIRST = date(2021, 1, 4)
ROUNDS = 15

# A random walk for each symbol, as exact as closes are.
_FILL = """
INSERT INTO price_symbols (symbol, version, last_day, source)
SELECT 'SYM' || n, nextval('price_versions'), %(first)s::date + %(days)s - 1, 'bench'
FROM generate_series(0, 499) n;
"""
_FILL_DAYS = """
INSERT INTO daily_prices
SELECT 'SYM' || n, %(first)s::date + d, p, p, p, p, p, 1000000 FROM (
    SELECT n, d, round((100 * exp(sum(step) OVER (PARTITION BY n ORDER BY d)))::numeric, 4) p
    FROM (SELECT n, d, (random() - 0.49) * 0.03 step
          FROM generate_series(0, 499) n, generate_series(0, %(days)s - 1) d) steps) walk;
"""


def main() -> list[Figure]:
    """Measure reading and writing."""
    with TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder, "postgres"), durable=False) as server:
        migrate(server.url)
        with psycopg.connect(server.url, autocommit=True) as connection:
            parameters = {"first": FIRST, "days": DAYS}
            connection.execute(_FILL, parameters)
            connection.execute(_FILL_DAYS, parameters)
            connection.execute("VACUUM ANALYZE")
        database = Database(server.url, pool_size=2)
        database.open()
        try:
            return _figures(database, PostgresPriceStore(database))
        finally:
            database.close()


def _figures(database: Database, store: PostgresPriceStore) -> list[Figure]:
    figures = []
    for count in (50, 500):
        symbols = SYMBOLS[:count]
        warm = _reader(store)
        warm.read(symbols, date.min, date.max)
        rows = _median(lambda chosen=symbols: _as_rows(database, chosen))
        cold = _median(lambda chosen=symbols: _reader(store).read(chosen, date.min, date.max))
        held = _median(lambda chosen=symbols, reader=warm: reader.read(chosen, date.min, date.max))
        figures += [
            Figure(f"{count} symbols, five years, first read", f"{cold:.1f} ms", f"as rows {rows:.1f} ms"),
            Figure(f"{count} symbols, five years, read again", f"{held:.1f} ms", f"first read {cold:.1f} ms"),
        ]
    return [*figures, _write(store)]


def _reader(store: PostgresPriceStore) -> StoredPrices:
    """A reader with an empty memory, and nobody to ask."""
    return StoredPrices(store, None, lambda _: None, SystemClock(), SeriesCache(1000))


def _as_rows(database: Database, symbols: list[str]) -> None:
    with database.system() as transaction:
        transaction.execute(
            "SELECT symbol, day, adjusted_close::float8 FROM daily_prices"
            " WHERE symbol = ANY(%s) ORDER BY symbol, day",
            (symbols,),
            binary=True,
        ).fetchall()


def _write(store: PostgresPriceStore) -> Figure:
    """A whole history as a provider's answer brings it, then the same again, of which nothing is new."""
    prices = [
        DailyPrice(FIRST + timedelta(days=n), None, None, None, Decimal(n + 1), Decimal(n + 1), 1000)
        for n in range(DAYS)
    ]
    numbers = iter(range(ROUNDS))
    first = _median(lambda: store.replace(f"NEW{next(numbers)}", prices, "bench"))
    again = _median(lambda: store.replace("NEW0", prices, "bench"))
    return Figure("write five years of a symbol", f"{first:.1f} ms", f"the same again {again:.1f} ms", "")


def _median(work: Callable[[], object]) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


if __name__ == "__main__":
    main()
