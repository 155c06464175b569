"""How a provider is asked: within its quota, with retries, behind a circuit breaker, always on time."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import ceil
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from foliolens.adapters.providers.breaker import Breaker, BreakerOpen
from foliolens.adapters.providers.manners import Manners
from foliolens.adapters.providers.wire import Answer, Unanswered, Wire
from foliolens.environment import Secret
from foliolens.ports.clock import Clock, Pace
from foliolens.ports.market import (
    ProviderFailed,
    ProviderPaused,
    ProviderStatus,
    QuestionRefused,
    UnknownTicker,
)
from foliolens.ports.metrics import Metrics, ProviderOutcome
from foliolens.ports.rate_counter import RateCounter, Window

__all__ = ["Malformed", "ProviderClient"]

_log = logging.getLogger(__name__)
_Read = TypeVar("_Read")

_LONGEST_PAUSE = 3600
"""Seconds: what a provider's `Retry-After` is believed at most."""

_USUAL_RETRY = 5
"""Seconds after which a client may ask again where the provider names no time."""

_OK = 200
_ABOUT_THE_QUESTION = frozenset({400, 404, 422})
_KEY_REFUSED = frozenset({401, 403})
_TOO_MANY = 429
_SERVER_ERROR = 500


class Malformed(Exception):
    """The body is not what the documentation says; the message is of ours, never the provider's."""


class _Fault(Exception):
    """One call failed.

    Args:
        kind: How, a word or two for people.
        transient: Whether another call may succeed.
        retry_after: What the provider says to wait, in seconds.
    """

    def __init__(self, kind: str, *, transient: bool, retry_after: float | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.transient = transient
        self.retry_after = retry_after


class ProviderClient:
    """Asks one provider; safe to use from any thread.

    Args:
        name: For people.
        base_url: Where its API is.
        scheme: Of the `Authorization` header.
        key: The key; it is sent in that header and is nowhere else.
        manners: Quota, retries, breaker.
        clock: For quota, breaker and pauses.
        counter: Shared between processes: counts the calls.
        pace: How seconds pass.
        metrics: Count how it is doing.
    """

    def __init__(
        self,
        *,
        name: str,
        base_url: str,
        scheme: str,
        key: Secret,
        manners: Manners,
        clock: Clock,
        counter: RateCounter,
        pace: Pace,
        metrics: Metrics,
    ) -> None:
        self.name = name
        self._key = key
        self._manners = manners
        self._clock = clock
        self._counter = counter
        self._pace = pace
        self._metrics = metrics
        headers = {"Authorization": f"{scheme} {key.reveal()}"}
        self._wire = Wire(base_url, headers, manners.connect_seconds)
        self._breaker = Breaker(
            clock,
            failures=manners.breaker_failures,
            reset_seconds=manners.breaker_seconds,
            expected=(UnknownTicker, QuestionRefused),
        )
        self._lock = threading.Lock()
        self._told_to_wait_until: datetime | None = None
        self._last_error: tuple[str, datetime] | None = None
        self._last_success: datetime | None = None

    def ask(
        self, path: str, params: Mapping[str, str], within: float, read: Callable[[Answer], _Read]
    ) -> _Read:
        """Ask for a path and read the answer.

        Args:
            path: Below the base URL, already quoted.
            params: The query.
            within: Seconds for all of it, retries included.
            read: Turns an answer of 200, 400, 404 or 422 into what it says; raises `Malformed`,
                `UnknownTicker` or `QuestionRefused`.

        Raises:
            ProviderPaused: It was not asked.
            ProviderFailed: It did not answer as it should.
            UnknownTicker: As `read` says.
            QuestionRefused: As `read` says.
        """
        started = self._pace.monotonic()
        outcome: ProviderOutcome = "failed"
        try:
            result = self._asked(path, params, started + within, read)
            outcome = "answered"
        except (UnknownTicker, QuestionRefused):
            outcome = "answered"
            raise
        except ProviderPaused:
            outcome = "paused"
            raise
        finally:
            self._metrics.asked(self.name, outcome, self._pace.monotonic() - started)
            self._metrics.breaker(self.name, self._breaker.state)
        return result

    def _asked(
        self, path: str, params: Mapping[str, str], deadline: float, read: Callable[[Answer], _Read]
    ) -> _Read:
        self._check_pause()
        # Before the circuit is entered: that a quota is used up says nothing about the provider's health.
        if self._breaker.state != "open":
            window = self._count_call()
            if window.count > self._manners.quota:
                raise ProviderPaused(f"The quota of {self.name} is used up.", max(1, window.resets_in))
        try:
            with self._breaker.calling():
                result = self._retried(path, params, deadline, read)
        except BreakerOpen as circuit:
            reason = f"{self.name} did not answer lately and is left alone for now."
            raise ProviderPaused(reason, circuit.seconds) from None
        except _Fault as fault:
            raise self._failed(fault) from None
        except (UnknownTicker, QuestionRefused):
            self._succeeded()
            raise
        self._succeeded()
        return result

    def status(self) -> ProviderStatus:
        """How the provider is doing."""
        manners = self._manners
        used = self._counter.peek(self._quota_key, manners.quota_window)
        with self._lock:
            return ProviderStatus(
                name=self.name,
                configured=True,
                breaker=self._breaker.state,
                quota=manners.quota,
                quota_window=manners.quota_window,
                quota_left=max(0, manners.quota - used),
                last_error=self._last_error and self._last_error[0],
                last_error_at=self._last_error and self._last_error[1],
                last_success_at=self._last_success,
            )

    def close(self) -> None:
        """End the connections."""
        self._wire.close()

    @property
    def _quota_key(self) -> str:
        return f"provider:{self.name}"

    def _check_pause(self) -> None:
        with self._lock:
            until = self._told_to_wait_until
        seconds = 0.0 if until is None else (until - self._clock.now()).total_seconds()
        if seconds > 0:
            raise ProviderPaused(f"{self.name} asks for a pause.", ceil(seconds))

    def _count_call(self) -> Window:
        """Count a call that is about to be made; one over the quota is not."""
        return self._counter.hit(self._quota_key, self._manners.quota_window)

    def _retried(
        self, path: str, params: Mapping[str, str], deadline: float, read: Callable[[Answer], _Read]
    ) -> _Read:
        exponential = wait_random_exponential(multiplier=self._manners.backoff, max=_LONGEST_PAUSE)

        def pause(state: RetryCallState) -> float:
            return max(exponential(state), _retry_after(state) or 0.0)

        def enough(state: RetryCallState) -> bool:
            too_late = self._pace.monotonic() + state.upcoming_sleep >= deadline
            if too_late or state.attempt_number >= self._manners.attempts:
                return True
            return self._count_call().count > self._manners.quota

        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, _Fault) and error.transient),
            stop=enough,
            wait=pause,
            sleep=self._pace.sleep,
            reraise=True,
        )
        return retrying(lambda: self._attempt(path, params, deadline - self._pace.monotonic(), read))

    def _attempt(
        self, path: str, params: Mapping[str, str], within: float, read: Callable[[Answer], _Read]
    ) -> _Read:
        try:
            answer = self._wire.get(path, params, max(within, 0.0))
        except Unanswered as error:
            raise _Fault(error.kind, transient=error.transient) from None
        if answer.status == _TOO_MANY or answer.status >= _SERVER_ERROR:
            wait = _seconds(answer.retry_after, self._clock.now())
            raise _Fault(f"status {answer.status}", transient=True, retry_after=wait)
        if answer.status in _KEY_REFUSED:
            _log.error("a provider refuses our key", extra={"provider": self.name, "status": answer.status})
            raise _Fault("key refused", transient=False)
        if answer.status != _OK and answer.status not in _ABOUT_THE_QUESTION:
            raise _Fault(f"status {answer.status}", transient=False)
        if self._key.reveal().encode() in answer.body:
            raise _Fault("answer with our key in it", transient=False)
        try:
            return read(answer)
        except Malformed:
            raise _Fault("answer not understood", transient=False) from None

    def _succeeded(self) -> None:
        with self._lock:
            self._last_success = self._clock.now()

    def _failed(self, fault: _Fault) -> ProviderFailed:
        """Remember how a call failed; what the caller is told."""
        _log.warning("a provider failed", extra={"provider": self.name, "kind": fault.kind})
        now = self._clock.now()
        with self._lock:
            self._last_error = fault.kind, now
            if fault.retry_after is not None:
                self._told_to_wait_until = now + timedelta(seconds=min(fault.retry_after, _LONGEST_PAUSE))
        wait = _USUAL_RETRY if fault.retry_after is None else fault.retry_after
        return ProviderFailed(f"{self.name} failed: {fault.kind}.", max(1, min(ceil(wait), _LONGEST_PAUSE)))


def _retry_after(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, _Fault) else None


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    """What a `Retry-After` header says, in seconds from now; None where it says nothing to be understood."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdecimal() and len(retry_after) < 10:
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
