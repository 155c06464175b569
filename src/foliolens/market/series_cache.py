"""Price series of this process's memory: who reads the same prices again pays for a version check alone."""

import threading
from collections import OrderedDict
from datetime import date

from foliolens.ports.prices import PriceSeries

__all__ = ["SeriesCache"]


class SeriesCache:
    """The series read last, up to a number of them; safe to use from any thread.

    Args:
        capacity: Most series held; five years of one take 10 to 20 kB.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._held: OrderedDict[tuple[str, date | None], PriceSeries] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, symbol: str, end: date | None, version: int) -> PriceSeries | None:
        """The series of a symbol up to `end` (None: all of it), if it is held in this version."""
        with self._lock:
            series = self._held.get((symbol, end))
            if series is None or series.version != version:
                return None
            self._held.move_to_end((symbol, end))
            return series

    def keep(self, end: date | None, series: PriceSeries) -> None:
        """Hold a series; the one unused for longest goes when there are too many."""
        with self._lock:
            self._held[series.symbol, end] = series
            self._held.move_to_end((series.symbol, end))
            while len(self._held) > self._capacity:
                self._held.popitem(last=False)

    def __len__(self) -> int:
        return len(self._held)
