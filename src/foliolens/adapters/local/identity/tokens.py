"""Our JSON Web Tokens: RS256, one kind for the API and one for the client.

Accepted is what we issue and nothing else: the algorithm is pinned, and issuer, audience and use must match.
"""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt

from foliolens.adapters.local.identity.keys import KeyRing, SigningKey
from foliolens.errors import AuthenticationFailed, TokenExpired
from foliolens.ports.clock import Clock
from foliolens.ports.identity import Claims, IdentityUser

__all__ = ["JsonWebTokens", "VerifiedTokens"]

_ALGORITHM = "RS256"
_LONGEST_TOKEN = 4096
_REQUIRED = ["sub", "iss", "iat", "exp", "jti", "token_use", "client_id"]
_ACCESS, _ID = "access", "id"


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


@dataclass(frozen=True, slots=True)
class JsonWebTokens:
    """Issues and verifies tokens.

    Attributes:
        keys: Sign and verify.
        clock: Decides about expiry.
        lifetime: Of access and id tokens.
        issuer: Who we are (`iss`).
        client_id: Whom tokens are for (`aud` of id tokens, `client_id` of access tokens).
        verified: Tokens seen before; a hit costs one SHA-256 instead of an RSA verification.
    """

    keys: KeyRing
    clock: Clock
    lifetime: timedelta
    issuer: str
    client_id: str
    verified: VerifiedTokens = field(default_factory=lambda: VerifiedTokens(4096))

    def issue(self, user: IdentityUser, issued_at: datetime) -> tuple[str, str]:
        """Sign an access token and an id token. Call it outside of transactions.

        Args:
            user: Whom they are about.
            issued_at: Kept to the microsecond: "signed out everywhere" ends tokens by this time.

        Returns:
            The access token and the id token.
        """
        key = self.keys.signing()
        access = self._common(user, issued_at) | {"token_use": _ACCESS, "client_id": self.client_id}
        if user.operator:
            access["operator"] = True
        identity = self._common(user, issued_at) | {
            "token_use": _ID,
            "aud": self.client_id,
            "email": user.email,
            "email_verified": user.email_confirmed,
        }
        return _sign(access, key), _sign(identity, key)

    def verify(self, token: str) -> Claims:
        """Check an access token; reads keys from the database only when it names one we have not met.

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

    def _common(self, user: IdentityUser, issued_at: datetime) -> dict[str, Any]:
        return {
            "sub": str(user.id),
            "iss": self.issuer,
            "iat": issued_at.timestamp(),
            "exp": (issued_at + self.lifetime).timestamp(),
            "jti": uuid4().hex,
        }

    def _decode(self, token: str) -> Claims:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = self.keys.public(kid) if isinstance(kid, str) else None
            if key is None:
                raise AuthenticationFailed
            payload = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                issuer=self.issuer,
                # Expiry is checked on every call, by our clock; see `verify`.
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
            )
            if payload["token_use"] != _ACCESS or payload["client_id"] != self.client_id:
                raise AuthenticationFailed
            return _claims_of(payload)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise AuthenticationFailed from error


def _sign(payload: dict[str, Any], key: SigningKey) -> str:
    return jwt.encode(payload, key.private, algorithm=_ALGORITHM, headers={"kid": key.kid})


def _claims_of(payload: dict[str, Any]) -> Claims:
    return Claims(
        user_id=UUID(payload["sub"]),
        issued_at=datetime.fromtimestamp(payload["iat"], UTC),
        expires_at=datetime.fromtimestamp(payload["exp"], UTC),
        operator=payload.get("operator") is True,
    )
