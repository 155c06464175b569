"""The shared cache: what providers answered, kept by key beyond the time it is fresh.

The port fits a table of items with a time to live (DynamoDB) as well as rows (PostgreSQL): get and put by
key, and a conditional write that one of many callers wins.
"""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

__all__ = ["Cache", "CacheEntry"]


class CacheEntry(Struct, frozen=True):
    """A kept value.

    Attributes:
        value: What was put, as it was.
        stored_at: When it was put.
        fresh_until: Until when it may be served without a word.
    """

    value: bytes
    stored_at: datetime
    fresh_until: datetime


class Cache(Protocol):
    """Keeps values by key, for every process; losing one costs time, never truth."""

    def get(self, key: str) -> CacheEntry | None:
        """The value, fresh or stale; None where there is none or it is past `keep_until`."""
        ...

    def put(self, key: str, value: bytes, *, fresh_until: datetime, keep_until: datetime) -> None:
        """Keep a value in place of the one before; an adapter may decline what is too large for it."""
        ...

    def claim(self, key: str, seconds: float) -> bool:
        """Win the right to compute the value of a key; one caller of all processes does, until it ends.

        Args:
            key: Of the value.
            seconds: After which the claim ends by itself, should its owner be gone.
        """
        ...

    def release(self, key: str) -> None:
        """Give a claim back; harmless where there is none."""
        ...
