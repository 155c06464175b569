"""The end of an invocation's time, told to what is under way: Lambda ends the process without a word."""

import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

__all__ = ["OutOfTime", "TimeLimit"]

_SPARE_SECONDS = 5.0
_SPARE_SHARE = 0.4
_LONGEST_SECONDS = 900.0  # of any invocation


class OutOfTime(Exception):
    """A job was stopped because the invocation had no more time for it."""


class TimeLimit:
    """Stops a job while there is time left to say so: five seconds, or two fifths of a short invocation."""

    def __init__(self) -> None:
        self._ends = float("inf")

    def begin(self, context: LambdaContext) -> None:
        """Count from now, the beginning of an invocation."""
        left = context.get_remaining_time_in_millis() / 1000
        self._ends = time.monotonic() + left - min(_SPARE_SECONDS, left * _SPARE_SHARE)

    def within(self, process: Callable[[Mapping[str, Any]], None]) -> Callable[[Mapping[str, Any]], None]:
        """The same work, which raises `OutOfTime` when the time is over; for the main thread.

        It is interrupted as by a person at the keyboard: whoever waits for PostgreSQL takes the query back.
        """

        def limited(payload: Mapping[str, Any]) -> None:
            left = self._ends - time.monotonic()
            if left <= 0:
                raise OutOfTime
            former = signal.signal(signal.SIGALRM, signal.default_int_handler)
            signal.setitimer(signal.ITIMER_REAL, min(left, _LONGEST_SECONDS))
            try:
                process(payload)
            except KeyboardInterrupt:
                raise OutOfTime from None
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, former)

        return limited
