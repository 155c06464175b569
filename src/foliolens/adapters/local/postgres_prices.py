"""Daily prices in PostgreSQL: a row for each symbol and day, exact; read as packed arrays.

Five years of 50 symbols are 63,000 rows. As rows they cost more to hand over than to find, so the database
packs each symbol's days and prices into two strings of bytes, which numpy takes as they are.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, LiteralString

from foliolens.kit.database import Database, Transaction
from foliolens.ports.prices import DailyPrice, FetchFailure, PriceSeries, SymbolState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PostgresPriceStore"]

# For each symbol by itself: sorting all rows at once takes twice as long.
_READ = """
SELECT stored.symbol, stored.version, stored.source, packed.days, packed.adjusted, newest.close
FROM price_symbols stored,
LATERAL (
    SELECT string_agg(date_send(day), '') AS days, string_agg(float8send(adjusted), '') AS adjusted
    FROM (SELECT day, adjusted_close::float8 AS adjusted FROM daily_prices
          WHERE symbol = stored.symbol AND day BETWEEN %(start)s AND %(end)s ORDER BY day) ordered
) packed,
LATERAL (
    SELECT close FROM daily_prices WHERE symbol = stored.symbol AND day BETWEEN %(start)s AND %(end)s
    ORDER BY day DESC LIMIT 1
) newest
WHERE stored.symbol = ANY(%(symbols)s) AND stored.version > 0
"""
# Leaves a row alone that would not change, so that a version stands for what was read.
_WRITE = """
INSERT INTO daily_prices AS stored (symbol, day, open, high, low, close, adjusted_close, volume)
SELECT %(symbol)s, * FROM unnest(
    %(day)s::date[], %(open)s::numeric[], %(high)s::numeric[], %(low)s::numeric[], %(close)s::numeric[],
    %(adjusted_close)s::numeric[], %(volume)s::bigint[])
ON CONFLICT (symbol, day) DO UPDATE
SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
    adjusted_close = excluded.adjusted_close, volume = excluded.volume
WHERE (stored.open, stored.high, stored.low, stored.close, stored.adjusted_close, stored.volume)
    IS DISTINCT FROM (excluded.open, excluded.high, excluded.low, excluded.close, excluded.adjusted_close,
                      excluded.volume)
"""
_STAMP = """
UPDATE price_symbols SET version = nextval('price_versions'), source = %(source)s,
    last_day = (SELECT max(day) FROM daily_prices WHERE symbol = %(symbol)s)
WHERE symbol = %(symbol)s AND (%(changed)s OR source IS DISTINCT FROM %(source)s)
"""
_CLAIM = """
INSERT INTO price_symbols AS stored (symbol, queued_at)
SELECT DISTINCT symbol, %(now)s FROM unnest(%(symbols)s::text[]) symbol ORDER BY symbol
ON CONFLICT (symbol) DO UPDATE SET queued_at = excluded.queued_at
WHERE stored.queued_at IS NULL OR stored.queued_at <= %(now)s - %(lease)s
RETURNING symbol
"""
_DUE = """
SELECT symbol FROM price_symbols
WHERE held_at = (SELECT max(held_at) FROM price_symbols)
    AND (asked_at IS NULL OR asked_at < %(asked_before)s OR retry_at <= %(now)s)
    AND (retry_at IS NULL OR retry_at <= %(now)s)
    AND (queued_at IS NULL OR queued_at <= %(now)s - %(lease)s)
ORDER BY asked_at NULLS FIRST, symbol LIMIT %(limit)s
"""
_STATES = """
SELECT symbol, version, last_day, source, queued_at, asked_of, asked_at, failure, failures, retry_at
FROM price_symbols WHERE symbol = ANY(%(symbols)s)
"""
_END = """
INSERT INTO price_symbols AS stored (symbol, asked_of, asked_at, failure, failures, retry_at)
VALUES (%(symbol)s, %(provider)s, %(now)s, %(failure)s, (%(failure)s::text IS NOT NULL)::int, %(retry_at)s)
ON CONFLICT (symbol) DO UPDATE
SET asked_of = excluded.asked_of, asked_at = excluded.asked_at, failure = excluded.failure,
    failures = CASE excluded.failures WHEN 0 THEN 0 ELSE stored.failures + 1 END,
    retry_at = excluded.retry_at, queued_at = NULL
"""
_LIST = """
INSERT INTO price_symbols (symbol, held_at)
SELECT DISTINCT symbol, %(now)s FROM unnest(%(symbols)s::text[]) symbol ORDER BY symbol
ON CONFLICT (symbol) DO UPDATE SET held_at = excluded.held_at
"""

_FORGET = """
DELETE FROM price_symbols WHERE symbol IN (
    SELECT symbol FROM price_symbols
    WHERE asked_at < %(asked_before)s AND (queued_at IS NULL OR queued_at < %(asked_before)s)
        AND (held_at IS NULL OR held_at < (SELECT max(held_at) FROM price_symbols))
    LIMIT 100 FOR UPDATE SKIP LOCKED)
RETURNING symbol
"""


class PostgresPriceStore:
    """The price store in PostgreSQL.

    Args:
        database: A pool of its own: who reads prices may hold a connection of another pool meanwhile, and
            two connections of the same pool for one request would let requests wait for each other.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def states(self, symbols: Sequence[str]) -> Mapping[str, SymbolState]:
        """The state of each symbol; symbols never heard of are left out."""
        rows = self._rows(_STATES, {"symbols": list(symbols)})
        return {row.pop("symbol"): SymbolState(**row) for row in rows}

    def read(self, symbols: Sequence[str], start: date, end: date) -> Mapping[str, PriceSeries]:
        """The stored days from `start` to `end` of each symbol; symbols without any are left out."""
        calendars: dict[bytes, NDArray[np.datetime64]] = {}  # most symbols share their days
        parameters = {"symbols": list(symbols), "start": start, "end": end}
        return {row["symbol"]: _series(row, calendars) for row in self._rows(_READ, parameters)}

    def symbols(self) -> list[str]:
        """The symbols that have prices."""
        return [row["symbol"] for row in self._rows("SELECT symbol FROM price_symbols WHERE version > 0", {})]

    def days(self, symbol: str, start: date, end: date) -> list[DailyPrice]:
        """The stored days from `start` to `end` of one symbol in full, oldest first."""
        rows = self._rows(
            "SELECT day, open, high, low, close, adjusted_close, volume FROM daily_prices"
            " WHERE symbol = %(symbol)s AND day BETWEEN %(start)s AND %(end)s ORDER BY day",
            {"symbol": symbol, "start": start, "end": end},
        )
        return [DailyPrice(**row) for row in rows]

    def write(self, symbol: str, prices: Sequence[DailyPrice], source: str) -> None:
        """Store days of a symbol; a day that is there already is replaced."""
        with self._database.system() as transaction:
            _lock(transaction, symbol)
            written = _write(transaction, symbol, prices)
            _stamp(transaction, symbol, source, changed=written > 0)

    def replace(self, symbol: str, prices: Sequence[DailyPrice], source: str) -> None:
        """Store the whole history of a symbol in place of the one that is there."""
        with self._database.system() as transaction:
            _lock(transaction, symbol)
            removed = transaction.execute(
                "DELETE FROM daily_prices WHERE symbol = %s AND day <> ALL(%s)",
                (symbol, [price.day for price in prices]),
            ).rowcount
            written = _write(transaction, symbol, prices)
            _stamp(transaction, symbol, source, changed=removed + written > 0)

    def claim(self, symbols: Sequence[str], now: datetime, lease: timedelta) -> list[str]:
        """Note that fetches are queued; returns the symbols of which none was queued within `lease`."""
        rows = self._rows(_CLAIM, {"symbols": list(symbols), "now": now, "lease": lease})
        return [row["symbol"] for row in rows]

    def succeeded(self, symbol: str, provider: str, now: datetime) -> None:
        """Note that a fetch has ended, and the prices are stored."""
        self._ended(symbol, provider, None, now, None)

    def failed(
        self, symbol: str, provider: str, failure: FetchFailure, now: datetime, retry_at: datetime
    ) -> None:
        """Note that a fetch has ended without prices; what is stored stays."""
        self._ended(symbol, provider, failure, now, retry_at)

    def forget(self, asked_before: datetime) -> int:
        """Remove a hundred symbols, with their prices, that nobody wanted since; returns how many it were."""
        return len(self._rows(_FORGET, {"asked_before": asked_before}))

    def list_held(self, symbols: Sequence[str], now: datetime) -> None:
        """Name the symbols that are held now, at least one, for `due`; the newest list counts."""
        with self._database.system() as transaction:
            transaction.execute(_LIST, {"symbols": list(symbols), "now": now})

    def listed_at(self) -> datetime | None:
        """When `list_held` was last called."""
        (row,) = self._rows("SELECT max(held_at) AS listed_at FROM price_symbols", {})
        listed_at: datetime | None = row["listed_at"]
        return listed_at

    def due(self, asked_before: datetime, now: datetime, lease: timedelta, limit: int) -> list[str]:
        """Held symbols that want a fetch, those longest without one first."""
        rows = self._rows(_DUE, {"asked_before": asked_before, "now": now, "lease": lease, "limit": limit})
        return [row["symbol"] for row in rows]

    def _ended(
        self,
        symbol: str,
        provider: str,
        failure: FetchFailure | None,
        now: datetime,
        retry_at: datetime | None,
    ) -> None:
        with self._database.system() as transaction:
            transaction.execute(
                _END,
                {
                    "symbol": symbol,
                    "provider": provider,
                    "failure": failure,
                    "now": now,
                    "retry_at": retry_at,
                },
            )

    def _rows(self, query: LiteralString, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
        with self._database.system() as transaction:
            return transaction.cursor(binary=True).execute(query, parameters).fetchall()


def _lock(transaction: Transaction, symbol: str) -> None:
    """Let one writer at a time near a symbol's prices."""
    transaction.execute("INSERT INTO price_symbols (symbol) VALUES (%s) ON CONFLICT DO NOTHING", (symbol,))
    transaction.execute("SELECT FROM price_symbols WHERE symbol = %s FOR UPDATE", (symbol,))


def _write(transaction: Transaction, symbol: str, prices: Sequence[DailyPrice]) -> int:
    """Store days; how many were new or different."""
    columns = {name: [getattr(price, name) for price in prices] for name in DailyPrice.__struct_fields__}
    return transaction.execute(_WRITE, {"symbol": symbol, **columns}).rowcount


def _stamp(transaction: Transaction, symbol: str, source: str, *, changed: bool) -> None:
    transaction.execute(_STAMP, {"symbol": symbol, "source": source, "changed": changed})


def _series(row: Mapping[str, Any], calendars: dict[bytes, "NDArray[np.datetime64]"]) -> PriceSeries:
    import numpy as np  # noqa: PLC0415 - costs a cold start 0.1 s, and most requests read no prices

    packed: bytes = row["days"]
    if packed not in calendars:
        since = np.frombuffer(packed, dtype=">i4").astype("timedelta64[D]")
        calendars[packed] = np.datetime64("2000-01-01", "D") + since
        calendars[packed].flags.writeable = False
    adjusted = np.frombuffer(row["adjusted"], dtype=">f8").astype(np.float64)
    adjusted.flags.writeable = False  # who reads it shares it with others
    return PriceSeries(
        symbol=row["symbol"],
        days=calendars[packed],
        adjusted=adjusted,
        last_close=row["close"],
        source=row["source"],
        version=row["version"],
    )
