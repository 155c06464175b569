"""How long a sign-in is refused after repeated failures: the same rule beside our own store and Cognito.

Failures are counted in two lanes for each account. Strangers, who know no more than an address, share one;
whoever has proved something shares the other: a device that signed in before, a right password that waits for
its second factor, an access token. So a stranger who goes on failing keeps other strangers out, never the
owner.
"""

from datetime import timedelta
from enum import StrEnum

__all__ = ["FREE_FAILURES", "LONGEST_LOCK", "Lane", "failures_after", "lock_after"]


class Lane(StrEnum):
    """Whose failures add up."""

    STRANGERS = "strangers"
    KNOWN = "known"

    @classmethod
    def of(cls, *, known: bool) -> "Lane":
        """The lane of somebody who has proved something, or of a stranger."""
        return cls.KNOWN if known else cls.STRANGERS


FREE_FAILURES = 5
"""The fifth failure in a row is the first that locks."""

LONGEST_LOCK = timedelta(minutes=15)
"""Nobody is kept out for longer; resetting the password lifts the lock at once."""

_FIRST_LOCK = timedelta(seconds=30)
_FORGOTTEN_AFTER = timedelta(hours=24)


def failures_after(failures: int, since_last: timedelta | None) -> int:
    """The count of consecutive failures once one more is added.

    Args:
        failures: The count so far.
        since_last: Time since the last failure; None if there was none. Old failures are forgotten.
    """
    return 1 if since_last is None or since_last >= _FORGOTTEN_AFTER else failures + 1


def lock_after(failures: int) -> timedelta:
    """The lock that the given number of consecutive failures earns: 30 s, doubling, at most 15 minutes."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES, 10)
    return min(LONGEST_LOCK, _FIRST_LOCK * (1 << doublings))
