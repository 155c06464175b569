"""Answers that take the same time whatever was done, so that time tells a stranger nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["evened"]


@contextmanager
def evened(seconds: float, pause: Callable[[float], None]) -> Iterator[None]:
    """Make the block last this long, however it ends.

    Args:
        seconds: More than the block takes.
        pause: Sleeps.
    """
    started = time.monotonic()
    try:
        yield
    finally:
        pause(max(0.0, seconds - (time.monotonic() - started)))
