"""A bound on costly work: some run, a few wait a short while, the rest are told to come back.

Without it, requests that compute for long would fill the server's threads one by one, and the queue behind
them would grow for ever. With it, everything else keeps its threads.
"""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from foliolens.errors import ServiceUnavailable

__all__ = ["Capacity"]


class Capacity:
    """Slots for work that keeps a core busy; safe to use from any thread.

    Args:
        work: What is done, for the message of a refusal, as in "predictions".
        concurrent: How many may run at once.
        waiting: How many more may wait for a slot; one more than that is refused at once.
        patience: Seconds that one waits at most.
    """

    def __init__(self, work: str, *, concurrent: int, waiting: int, patience: float) -> None:
        self._work = work
        self._patience = patience
        self._places = threading.BoundedSemaphore(concurrent + waiting)
        self._slots = threading.BoundedSemaphore(concurrent)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot while the block runs.

        Raises:
            ServiceUnavailable: Too many wait already, or no slot became free in time; with `Retry-After`.
        """
        if not self._places.acquire(blocking=False):
            raise self._refusal()
        try:
            if not self._slots.acquire(timeout=self._patience):
                raise self._refusal()
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._places.release()

    def _refusal(self) -> ServiceUnavailable:
        return ServiceUnavailable(
            f"Too many {self._work} are being computed: try again shortly.",
            retry_after=max(1, math.ceil(self._patience)),
        )
