"""API keys of programs that call on nobody's behalf: of the routes that are open to anybody otherwise."""

import hashlib
import hmac
from collections.abc import Sequence

from foliolens.environment import Secret

__all__ = ["ApiKeys"]


class ApiKeys:
    """Knows the keys by their hashes.

    Args:
        keys: The keys.
    """

    def __init__(self, keys: Sequence[Secret]) -> None:
        self._hashes = [_digest(key.reveal()) for key in keys]

    def holder(self, offered: str | None) -> str | None:
        """A name for whoever offers a key, which does not tell the key; None where it is not one of ours."""
        if offered is None:
            return None
        digest = _digest(offered)
        # All are compared, so that time tells nothing.
        known = [hmac.compare_digest(digest, ours) for ours in self._hashes]
        return digest[:16] if any(known) else None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
