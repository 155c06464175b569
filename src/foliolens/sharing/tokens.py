"""The tokens of links: 256 bits, of which the database knows only a hash."""

import base64
import hashlib

__all__ = ["hash_of", "token_from"]

_PREFIX = "fls_"  # lets secret scanners recognise a leaked one


def token_from(secret: bytes) -> str:
    """Write 32 secret bytes as a token, which needs no escaping in a URL."""
    return _PREFIX + base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def hash_of(token: str) -> bytes:
    """The SHA-256 of a token, or of anything that is offered as one.

    The text is hashed as it is, never decoded: whatever its form, it costs the same and is either the token
    or not. A fast hash is enough, for 256 random bits cannot be tried out.
    """
    return hashlib.sha256(token.encode(errors="replace")).digest()
