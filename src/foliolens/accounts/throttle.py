"""The limit on sign-in attempts for one account, whatever address they come from."""

import hashlib

from msgspec import Struct

from foliolens.errors import RateLimited
from foliolens.ports.rate_counter import RateCounter

__all__ = ["AccountThrottle"]

_WINDOW_SECONDS = 60


class AccountThrottle(Struct, frozen=True):
    """Counts attempts by operation and account.

    Attributes:
        counter: Keeps the counts.
        per_minute: Attempts allowed; None allows any number.
    """

    counter: RateCounter
    per_minute: int | None

    def attempt(self, operation: str, account: str) -> None:
        """Count an attempt.

        Args:
            operation: `login`, `reset`, ...: each has a count of its own.
            account: An e-mail address or another name of the account; only its hash is kept.

        Raises:
            RateLimited: There were too many in this minute.
        """
        if self.per_minute is None:
            return
        digest = hashlib.sha256(account.encode()).hexdigest()
        window = self.counter.hit(f"account:{operation}:{digest}", _WINDOW_SECONDS)
        if window.count > self.per_minute:
            headers = {
                "X-RateLimit-Limit": str(self.per_minute),
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": str(window.resets_in),
            }
            raise RateLimited(window.resets_in, headers)
