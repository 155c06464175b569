"""Password hashing with Argon2id (RFC 9106), at the same cost whether or not there is an account."""

import os
import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

__all__ = ["Passwords"]

# Twice the passes of OWASP's least profile for 19 MiB: 43 ms on a 2023 server core. Less memory and more
# passes than RFC 9106's second choice (64 MiB, 3 passes: 134 ms), so that a burst of sign-ins fits a small
# machine.
_PASSES = 4
_MEMORY_KIB = 19 * 1024


class Passwords:
    """Hashes and checks passwords; never more at a time than there are cores, which bounds memory.

    Args:
        passes: Argon2's time cost.
        memory_kib: Argon2's memory cost.
    """

    def __init__(self, *, passes: int = _PASSES, memory_kib: int = _MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._cores = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._nobody = self.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """A salted hash in PHC string format."""
        with self._cores:
            return self._hasher.hash(_normalised(password))

    def matches(self, password: str, stored: str | None) -> bool:
        """Whether the password is the stored one; takes as long when nothing is stored.

        Args:
            password: As it was typed.
            stored: The hash, or None where there is no account.
        """
        with self._cores:
            try:
                right = self._hasher.verify(stored or self._nobody, _normalised(password))
            except (VerificationError, InvalidHashError):
                return False
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)


def _normalised(password: str) -> str:
    # The same characters, typed on another keyboard, may arrive composed differently (NIST SP 800-63B).
    return unicodedata.normalize("NFKC", password)
