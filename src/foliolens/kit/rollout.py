"""A share of the traffic for another engine, the same share every time."""

import hashlib
from typing import Self

from msgspec import Struct

__all__ = ["Rollout"]

_WHOLE = 2**64


class Rollout(Struct, frozen=True):
    """Which keys go to the other engine.

    A key's place depends on itself alone: it goes to one engine from every process and every start, and stays
    with the other engine while the share grows.

    Attributes:
        engine: The other engine.
        percent: Of all keys, 0 to 100.
    """

    engine: str
    percent: float

    @classmethod
    def stated(cls, text: str | None) -> Self | None:
        """Read `ENGINE:PERCENT`, whose form the settings have checked; there may be none."""
        if text is None:
            return None
        engine, _, percent = text.partition(":")
        return cls(engine, float(percent))

    def includes(self, key: bytes) -> bool:
        """Whether this key is one of the share."""
        place = int.from_bytes(hashlib.sha256(key).digest()[:8])
        return place * 100 < self.percent * _WHOLE
