"""A bound on costly work: some runs, a few wait a short while, the rest are told to come back.

Without it the queue behind such work would grow for ever. Who waits holds no thread.
"""

import asyncio
import math
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from foliolens.errors import ServiceUnavailable

__all__ = ["Capacity"]


class Capacity:
    """Slots for costly work, given in the order of arrival; for one event loop.

    Args:
        work: What is done, for the message of a refusal, as in "predictions".
        concurrent: How many may run at once.
        waiting: How many more may wait for a slot; one more than that is refused at once.
        patience: Seconds that one waits at most; at least half of them.
    """

    def __init__(self, work: str, *, concurrent: int, waiting: int, patience: float) -> None:
        self._work = work
        self._patience = patience
        self._free = concurrent + waiting
        self._slots = asyncio.Semaphore(concurrent)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot while the block runs.

        Raises:
            ServiceUnavailable: Too many wait already, or no slot became free in time; with `Retry-After`.
        """
        if not self._free:
            raise self._refusal()
        self._free -= 1
        try:
            try:
                # Not all equally long: who came together would leave together, and come back together.
                async with asyncio.timeout(self._patience * random.uniform(0.5, 1)):  # noqa: S311
                    await self._slots.acquire()
            except TimeoutError:
                raise self._refusal() from None
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._free += 1

    def _refusal(self) -> ServiceUnavailable:
        return ServiceUnavailable(
            f"Too many {self._work} are being computed: try again shortly.",
            retry_after=max(1, math.ceil(self._patience)),
        )
