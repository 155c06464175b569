"""Counting requests: what rate limits are made of."""

from typing import Protocol

from msgspec import Struct

__all__ = ["RateCounter", "Window"]


class Window(Struct, frozen=True):
    """The state of one counter after a hit.

    Attributes:
        count: Hits in the present window, this one included.
        resets_in: Seconds until the window ends.
    """

    count: int
    resets_in: int


class RateCounter(Protocol):
    """Fixed windows, counted by key."""

    def hit(self, key: str, window_seconds: int) -> Window:
        """Count one hit and tell the window's state; atomic across threads (and processes, where shared)."""
        ...

    def peek(self, key: str, window_seconds: int) -> int:
        """How many hits the present window has, without one more."""
        ...
