"""Verifying access tokens, whoever signs them: our own key ring, or Cognito.

Accepted is what that issuer gives our clients and nothing else: the algorithm is pinned, and issuer, client
and use must match.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from msgspec import Struct, field

from foliolens.errors import AuthenticationFailed, TokenExpired
from foliolens.ports.clock import Clock
from foliolens.ports.identity import Claims

__all__ = ["ACCESS", "ALGORITHM", "AccessTokens", "VerifiedTokens"]

ALGORITHM = "RS256"
ACCESS = "access"
"""What `token_use` says in an access token."""

_LONGEST_TOKEN = 4096
_REQUIRED = ["sub", "iss", "iat", "exp", "jti", "token_use", "client_id"]


class VerifiedTokens:
    """A bounded memory of tokens whose signature was checked, under their hashes.

    Args:
        capacity: Most tokens remembered; beyond it the least recently used one is forgotten.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._claims: OrderedDict[bytes, Claims] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: bytes) -> Claims | None:
        """What the token said when it was checked; None if it never was, or that is forgotten."""
        with self._lock:
            claims = self._claims.get(digest)
            if claims is not None:
                self._claims.move_to_end(digest)
            return claims

    def put(self, digest: bytes, claims: Claims) -> None:
        """Remember a token that was checked."""
        with self._lock:
            self._claims[digest] = claims
            while len(self._claims) > self._capacity:
                self._claims.popitem(last=False)

    def __len__(self) -> int:
        """How many tokens are remembered."""
        return len(self._claims)


class AccessTokens(Struct, frozen=True):
    """Verifies access tokens.

    Attributes:
        key: The public key of a name, None where no such key counts.
        clock: Decides about expiry.
        issuer: Who signs (`iss`).
        client_id: Whom tokens are for (`client_id`).
        is_operator: Whether a token's claims make its user an operator.
        verified: Tokens seen before; a hit costs one SHA-256 instead of an RSA verification.
    """

    key: Callable[[str], RSAPublicKey | None]
    clock: Clock
    issuer: str
    client_id: str
    is_operator: Callable[[Mapping[str, Any]], bool]
    verified: VerifiedTokens = field(default_factory=lambda: VerifiedTokens(4096))

    def verify(self, token: str) -> Claims:
        """Check an access token; asks for keys only when it names one that was not met.

        Raises:
            TokenExpired: It was good once.
            AuthenticationFailed: It is not one of ours.
        """
        if len(token) > _LONGEST_TOKEN:
            raise AuthenticationFailed
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        claims = self.verified.get(digest)
        if claims is None:
            claims = self._decode(token)
            self.verified.put(digest, claims)
        if self.clock.now() >= claims.expires_at:
            raise TokenExpired
        return claims

    def _decode(self, token: str) -> Claims:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = self.key(kid) if isinstance(kid, str) else None
            if key is None:
                raise AuthenticationFailed
            payload = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self.issuer,
                # Expiry is checked on every call, by our clock; see `verify`.
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
            )
            if payload["token_use"] != ACCESS or payload["client_id"] != self.client_id:
                raise AuthenticationFailed
            return Claims(
                user_id=UUID(payload["sub"]),
                issued_at=datetime.fromtimestamp(payload["iat"], UTC),
                expires_at=datetime.fromtimestamp(payload["exp"], UTC),
                operator=self.is_operator(payload),
                signed_in_at=datetime.fromtimestamp(payload["auth_time"], UTC)
                if "auth_time" in payload
                else None,
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise AuthenticationFailed from error
