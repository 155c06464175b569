"""Our JSON Web Tokens: RS256, one kind for the API and one for the client."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
from msgspec import Struct

from foliolens.adapters.access_tokens import ACCESS, ALGORITHM
from foliolens.adapters.local.identity.keys import KeyRing, SigningKey
from foliolens.ports.identity import IdentityUser

__all__ = ["JsonWebTokens"]

_ID = "id"


class JsonWebTokens(Struct, frozen=True):
    """Issues tokens.

    Attributes:
        keys: Sign.
        lifetime: Of access and id tokens.
        issuer: Who we are (`iss`).
        client_id: Whom tokens are for (`aud` of id tokens, `client_id` of access tokens).
    """

    keys: KeyRing
    lifetime: timedelta
    issuer: str
    client_id: str

    def issue(self, user: IdentityUser, issued_at: datetime) -> tuple[str, str]:
        """Sign an access token and an id token. Call it outside of transactions.

        Args:
            user: Whom they are about.
            issued_at: Kept to the microsecond: "signed out everywhere" ends tokens by this time.

        Returns:
            The access token and the id token.
        """
        key = self.keys.signing()
        access = self._common(user, issued_at) | {"token_use": ACCESS, "client_id": self.client_id}
        if user.operator:
            access["operator"] = True
        identity = self._common(user, issued_at) | {
            "token_use": _ID,
            "aud": self.client_id,
            "email": user.email,
            "email_verified": user.email_confirmed,
        }
        return _sign(access, key), _sign(identity, key)

    def _common(self, user: IdentityUser, issued_at: datetime) -> dict[str, Any]:
        return {
            "sub": str(user.id),
            "iss": self.issuer,
            "iat": issued_at.timestamp(),
            "exp": (issued_at + self.lifetime).timestamp(),
            "jti": uuid4().hex,
        }


def _sign(payload: dict[str, Any], key: SigningKey) -> str:
    return jwt.encode(payload, key.private, algorithm=ALGORITHM, headers={"kid": key.kid})
