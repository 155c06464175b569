"""The shared cache as a table: one row a key, for every process on the database."""

from datetime import datetime, timedelta

from foliolens.kit.database import Database
from foliolens.ports.cache import CacheEntry
from foliolens.ports.clock import Clock

__all__ = ["PostgresCache"]


class PostgresCache:
    """See `Cache`.

    Args:
        database: Where the tables are.
        clock: Tells what is past its time.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def get(self, key: str) -> CacheEntry | None:
        """See `Cache.get`."""
        with self._database.system() as transaction:
            row = transaction.execute(
                "SELECT value, stored_at, fresh_until FROM cache_entries WHERE key = %s AND keep_until > %s",
                (key, self._clock.now()),
                binary=True,  # values are bytes: as text they would be twice as long
            ).fetchone()
        return None if row is None else CacheEntry(row["value"], row["stored_at"], row["fresh_until"])

    def put(self, key: str, value: bytes, *, fresh_until: datetime, keep_until: datetime) -> None:
        """See `Cache.put`."""
        with self._database.system() as transaction:
            transaction.execute(
                "INSERT INTO cache_entries (key, value, stored_at, fresh_until, keep_until)"
                " VALUES (%s, %b, %s, %s, %s)"
                " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, stored_at = EXCLUDED.stored_at,"
                " fresh_until = EXCLUDED.fresh_until, keep_until = EXCLUDED.keep_until",
                (key, value, self._clock.now(), fresh_until, keep_until),
            )

    def claim(self, key: str, seconds: float) -> bool:
        """See `Cache.claim`."""
        now = self._clock.now()
        with self._database.system() as transaction:
            won = transaction.execute(
                "INSERT INTO cache_claims (key, ends_at) VALUES (%s, %s)"
                " ON CONFLICT (key) DO UPDATE SET ends_at = EXCLUDED.ends_at"
                " WHERE cache_claims.ends_at <= %s RETURNING key",
                (key, now + timedelta(seconds=seconds), now),
            ).fetchone()
        return won is not None

    def release(self, key: str) -> None:
        """See `Cache.release`."""
        with self._database.system() as transaction:
            transaction.execute("DELETE FROM cache_claims WHERE key = %s", (key,))

    def forget_old(self, max_bytes: int) -> int:
        """Remove what is past its time, and beyond `max_bytes` what was stored first; returns how many."""
        now = self._clock.now()
        with self._database.system() as transaction:
            old = transaction.execute("DELETE FROM cache_entries WHERE keep_until <= %s", (now,)).rowcount
            transaction.execute("DELETE FROM cache_claims WHERE ends_at <= %s", (now,))
            surplus = transaction.execute(
                "DELETE FROM cache_entries WHERE key IN (SELECT key FROM (SELECT key,"
                " sum(octet_length(value)) OVER (ORDER BY stored_at DESC, key) AS total FROM cache_entries)"
                " WHERE total > %s)",
                (max_bytes,),
            ).rowcount
        return old + surplus
