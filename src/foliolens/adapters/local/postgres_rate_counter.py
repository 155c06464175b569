"""Rate counters shared by every process on the database."""

from datetime import timedelta
from math import ceil

from foliolens.kit.database import Database
from foliolens.ports.clock import Clock
from foliolens.ports.rate_counter import Window

__all__ = ["PostgresRateCounter"]


class PostgresRateCounter:
    """Fixed windows that begin with their first hit; a round trip a hit, so for what is seldom counted.

    Args:
        database: Where the table is.
        clock: Tells when windows end.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def hit(self, key: str, window_seconds: int) -> Window:
        """See `RateCounter.hit`."""
        now = self._clock.now()
        with self._database.system() as transaction:
            row = transaction.execute(
                "INSERT INTO rate_windows AS present (key, seconds, hits, ends_at) VALUES (%s, %s, 1, %s)"
                " ON CONFLICT (key, seconds) DO UPDATE SET"
                " hits = CASE WHEN present.ends_at <= %s THEN 1 ELSE present.hits + 1 END,"
                " ends_at = CASE WHEN present.ends_at <= %s THEN EXCLUDED.ends_at ELSE present.ends_at END"
                " RETURNING hits, ends_at",
                (key, window_seconds, now + timedelta(seconds=window_seconds), now, now),
            ).fetchone()
        assert row is not None  # noqa: S101 - an upsert returns its row
        return Window(count=row["hits"], resets_in=max(1, ceil((row["ends_at"] - now).total_seconds())))

    def peek(self, key: str, window_seconds: int) -> int:
        """See `RateCounter.peek`."""
        with self._database.system() as transaction:
            row = transaction.execute(
                "SELECT hits FROM rate_windows WHERE key = %s AND seconds = %s AND ends_at > %s",
                (key, window_seconds, self._clock.now()),
            ).fetchone()
        return 0 if row is None else int(row["hits"])
