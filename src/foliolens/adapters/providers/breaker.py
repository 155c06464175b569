"""A circuit breaker for one provider: after some failures in a row it is left alone for a while.

pybreaker decides. Around it: our clock in place of the machine's, a single trial while half open, and calls
that run beside each other (`CircuitBreaker.call` holds a lock till the provider answers, `calling` does not).
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from math import ceil
from typing import cast

from pybreaker import STATE_CLOSED, CircuitBreaker, CircuitBreakerError, CircuitMemoryStorage

from foliolens.ports.clock import Clock
from foliolens.ports.market import BreakerState

__all__ = ["Breaker", "BreakerOpen"]


class BreakerOpen(Exception):
    """The provider is left alone.

    Args:
        seconds: Until it is tried again.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"open for {seconds} s more")
        self.seconds = seconds


class _Storage(CircuitMemoryStorage):
    """When the circuit opened, told so that pybreaker, which reads the machine's clock, follows ours."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(STATE_CLOSED)
        self._clock = clock
        self._opened: datetime | None = None

    @property
    def opened_at(self) -> datetime | None:
        return None if self._opened is None else datetime.now(UTC) - (self._clock.now() - self._opened)

    @opened_at.setter
    def opened_at(self, _: datetime) -> None:
        self._opened = self._clock.now()

    def open_seconds(self) -> float:
        """How long it has been open."""
        return 0.0 if self._opened is None else (self._clock.now() - self._opened).total_seconds()


class Breaker:
    """Counts failures in a row; safe to use from any thread.

    Args:
        clock: Tells when it may be tried again.
        failures: In a row, after which the circuit opens.
        reset_seconds: How long it stays open; then one call tries, and its outcome closes or opens it again.
        expected: Exceptions that are no failures.
    """

    def __init__(
        self, clock: Clock, *, failures: int, reset_seconds: float, expected: tuple[type[Exception], ...]
    ) -> None:
        self._storage = _Storage(clock)
        self._reset_seconds = reset_seconds
        self._trial = threading.Lock()
        self._breaker = CircuitBreaker(
            fail_max=failures,
            reset_timeout=reset_seconds,
            exclude=expected,
            state_storage=self._storage,
            throw_new_error_on_trip=False,
        )

    @property
    def state(self) -> BreakerState:
        """Where it stands; an open one is half-open once somebody may try."""
        state = cast(BreakerState, self._breaker.current_state)
        return "half-open" if state == "open" and self._remaining() <= 0 else state

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Run the block as a call: an exception that is not expected is a failure.

        Raises:
            BreakerOpen: Not now.
        """
        trying = self._breaker.current_state != STATE_CLOSED
        if trying and not self._trial.acquire(blocking=False):
            raise BreakerOpen(1)
        with ExitStack() as call:
            if trying:
                call.callback(self._trial.release)
            try:
                call.enter_context(self._breaker.calling())
            except CircuitBreakerError:
                raise BreakerOpen(max(1, ceil(self._remaining()))) from None
            yield

    def _remaining(self) -> float:
        return self._reset_seconds - self._storage.open_seconds()
