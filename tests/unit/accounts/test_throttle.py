"""The limit on attempts for one account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from foliolens.accounts.throttle import AccountThrottle
from foliolens.adapters.local.shared_rate_counter import SharedRateCounter
from foliolens.errors import RateLimited
from foliolens.ports.rate_counter import Window
from tests.clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def counter(clock: SetClock, tmp_path: Path) -> Iterator[SharedRateCounter]:
    with closing(SharedRateCounter(tmp_path / "windows", clock)) as opened:
        yield opened


@pytest.fixture
def throttle(counter: SharedRateCounter) -> AccountThrottle:
    return AccountThrottle(counter, per_minute=10)


def attempt(throttle: AccountThrottle, times: int, operation: str = "login", who: str = "ada") -> None:
    for _ in range(times):
        throttle.attempt(operation, who)


def test_the_eleventh_attempt_in_a_minute_is_refused(throttle: AccountThrottle) -> None:
    attempt(throttle, 10)

    with pytest.raises(RateLimited) as refusal:
        attempt(throttle, 1)
    assert refusal.value.headers == {
        "Retry-After": "60",
        "X-RateLimit-Limit": "10",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "60",
    }


def test_a_minute_later_attempts_are_allowed_again(throttle: AccountThrottle, clock: SetClock) -> None:
    attempt(throttle, 10)
    clock.advance(seconds=60)

    attempt(throttle, 10)


def test_accounts_and_operations_are_counted_apart(throttle: AccountThrottle) -> None:
    attempt(throttle, 10)

    attempt(throttle, 10, who="eve")
    attempt(throttle, 10, operation="reset")


def test_switched_off_it_refuses_nothing(counter: SharedRateCounter) -> None:
    attempt(AccountThrottle(counter, per_minute=None), 1000)


def test_the_counter_never_sees_the_address() -> None:
    keys = []

    class Recording:
        def hit(self, key: str, window_seconds: int) -> Window:
            keys.append(key)
            return Window(1, window_seconds)

    AccountThrottle(Recording(), per_minute=10).attempt("login", "ada@example.com")

    assert "ada" not in keys[0]
