"""Devices that signed in to an account before, told by a signed cookie.

A stranger who goes on failing to sign in makes strangers wait, and would keep the owner out with them.
Whoever shows the cookie is counted apart. It proves no more than that: signing in takes the password as ever.
After OWASP's "Slow down online guessing attacks with device cookies"; `docs/decisions/known-devices.md` says
why.
"""

import hmac
from datetime import timedelta

from msgspec import Struct

from foliolens.ports.clock import Clock

__all__ = ["LIFETIME", "KnownDevices"]

LIFETIME = timedelta(days=180)
"""How long a device is known after it signed in last."""


class KnownDevices(Struct, frozen=True):
    """Signs and reads the cookie's token: when it was made, and for which account by a keyed hash.

    Attributes:
        key: 32 random bytes. Another one makes every device a stranger, and does no other harm.
        clock: Decides about expiry.
    """

    key: bytes
    clock: Clock

    def token(self, email: str) -> str:
        """A new token for a device whose owner has just proved that the account is theirs."""
        made_at = int(self.clock.now().timestamp())
        return f"{made_at}.{self._signature(made_at, email)}"

    def knows(self, token: str | None, email: str) -> bool:
        """Whether it is a token of ours for this account, and not too old; does the same work for any."""
        made_at, _, signature = (token or "").partition(".")
        moment = int(made_at) if made_at.isascii() and made_at.isdecimal() and len(made_at) <= 12 else 0
        genuine = hmac.compare_digest(signature.encode(), self._signature(moment, email).encode())
        return genuine and self.clock.now().timestamp() - moment < LIFETIME.total_seconds()

    def _signature(self, made_at: int, email: str) -> str:
        return hmac.digest(self.key, f"{made_at}\n{email.lower()}".encode(), "sha256").hex()
