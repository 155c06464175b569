"""The clock: every time that decides something comes from here, so that tests can set it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

from msgspec import Struct

__all__ = ["REAL_PACE", "Clock", "Pace", "SystemClock"]


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


class Pace(Struct, frozen=True):
    """How seconds pass, for what waits.

    Attributes:
        monotonic: Seconds since some moment.
        sleep: Waits for some seconds.
    """

    monotonic: Callable[[], float]
    sleep: Callable[[float], None]


REAL_PACE: Final = Pace(time.monotonic, time.sleep)
