"""Ordering prices: a read orders what it misses; the store notes it, so that the next hundred order nothing.

Whoever dies between the note and the job loses an order for ten minutes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from foliolens.kit.logging import request_id
from foliolens.ports.clock import Clock
from foliolens.ports.job_queue import JobSender
from foliolens.ports.prices import PriceStore, SymbolState

__all__ = ["FETCH_PRICES", "LEASE", "PriceOrders", "is_ordered"]

FETCH_PRICES = "FETCH_PRICES"
"""The kind of job that fetches the prices of some symbols."""

LEASE = timedelta(minutes=10)
"""How long an order keeps others from ordering the same symbol."""

_SYMBOLS_A_JOB = 10


class PriceOrders:
    """Has prices fetched in the background.

    Args:
        store: Where orders are noted.
        jobs: Where they wait to be dealt with.
        clock: Tells the time.
    """

    def __init__(self, store: PriceStore, jobs: JobSender, clock: Clock) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock

    def request(self, symbols: Sequence[str]) -> int:
        """Have the prices of symbols fetched, unless that is under way; returns how many are ordered."""
        now = self._clock.now()
        claimed = self._store.claim(symbols, now, LEASE)
        for first in range(0, len(claimed), _SYMBOLS_A_JOB):
            part = claimed[first : first + _SYMBOLS_A_JOB]
            self._jobs.send(FETCH_PRICES, {"symbols": part, "orderedAt": now.isoformat()}, request_id.get())
        return len(claimed)


def is_ordered(state: SymbolState, now: datetime) -> bool:
    """Whether a fetch of a symbol is under way already."""
    return state.queued_at is not None and now - state.queued_at < LEASE
