"""Rate counters of one process, in memory."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from math import ceil

from foliolens.ports.clock import Clock
from foliolens.ports.rate_counter import Window

__all__ = ["MemoryRateCounter"]


class MemoryRateCounter:
    """Fixed windows that begin with their first hit.

    Args:
        clock: Tells when windows end.
        capacity: Most counters held; beyond it the least recently hit one is forgotten.
    """

    def __init__(self, clock: Clock, *, capacity: int = 100_000) -> None:
        self._clock = clock
        self._capacity = capacity
        self._lock = threading.Lock()
        self._windows: OrderedDict[tuple[str, int], tuple[datetime, int]] = OrderedDict()

    def hit(self, key: str, window_seconds: int) -> Window:
        """See `RateCounter.hit`."""
        slot = (key, window_seconds)
        with self._lock:
            now = self._clock.now()
            ends_at, count = self._windows.get(slot, (now, 0))
            if now >= ends_at:
                ends_at, count = now + timedelta(seconds=window_seconds), 0
            self._windows[slot] = (ends_at, count + 1)
            self._windows.move_to_end(slot)
            if len(self._windows) > self._capacity:
                self._windows.popitem(last=False)
        return Window(count=count + 1, resets_in=ceil((ends_at - now).total_seconds()))

    def peek(self, key: str, window_seconds: int) -> int:
        """See `RateCounter.peek`."""
        with self._lock:
            ends_at, count = self._windows.get((key, window_seconds), (self._clock.now(), 0))
            return count if self._clock.now() < ends_at else 0

    def __len__(self) -> int:
        """How many counters are held."""
        with self._lock:
            return len(self._windows)
