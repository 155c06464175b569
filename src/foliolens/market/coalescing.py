"""One computation per key, however many threads ask for its result at the same time."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

__all__ = ["Coalescer"]

_T = TypeVar("_T")


class Coalescer(Generic[_T]):
    """Lets the first who asks compute, and the others wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Future[_T]] = {}

    def run(self, key: str, work: Callable[[], _T], patience: float) -> _T:
        """The result of `work`, or what it raised, whoever of those who ask now computed it.

        Args:
            key: What the result is of.
            work: Computes it.
            patience: Seconds to wait for somebody else's result.

        Raises:
            TimeoutError: Somebody else computes it and takes longer.
        """
        with self._lock:
            running = self._running.get(key)
            if running is None:
                mine = self._running[key] = Future()
        if running is not None:
            return running.result(timeout=patience)
        try:
            mine.set_result(work())
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._running[key]
        return mine.result()
