"""Whose a bearer token is, without a look at the database."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from msgspec import Struct

from foliolens.errors import AuthenticationRequired
from foliolens.kit.logging import user_id
from foliolens.ports.identity import Claims, TokenVerifier

__all__ = ["Admission", "Admitted", "BearerScheme", "SignedInPerson", "bearer_token", "verified"]


class Admission(Struct, frozen=True):
    """What tells whose a bearer token is.

    Attributes:
        identity: Verifies the token.
    """

    identity: TokenVerifier

    def admit(self, token: str | None) -> "Admitted":
        """Verify a token.

        Raises:
            AuthenticationRequired: There is no token.
            TokenExpired: It was good once.
            AuthenticationFailed: It is not one of ours.
        """
        if token is None:
            raise AuthenticationRequired
        return Admitted(verified(self.identity, token), token)


class Admitted(Struct, frozen=True):
    """Somebody with a good token. Whether it was revoked is for the identity provider to say."""

    claims: Claims
    token: str

    @property
    def user_id(self) -> UUID:
        """Their id."""
        return self.claims.user_id


def verified(identity: TokenVerifier, token: str) -> Claims:
    """The claims of a token, whose user the log knows from now on.

    Raises:
        TokenExpired: It was good once.
        AuthenticationFailed: It is not one of ours.
    """
    claims = identity.verify(token)
    user_id.set(claims.user_id)
    return claims


def bearer_token(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer` header, if that is what the header holds."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class BearerScheme(SecurityBase):
    """The security scheme of private routes in the API document."""

    def __init__(self) -> None:
        self.model = HTTPBearer(description="The access token of `POST /auth/login`.")
        self.scheme_name = "HTTPBearer"


class _BearerAdmitted(BearerScheme):
    """The dependency of routes that the identity provider answers, without a transaction."""

    async def __call__(self, request: Request) -> Admitted:
        admission: Admission = request.app.state.access
        return admission.admit(bearer_token(request.headers.get("authorization")))


SignedInPerson = Annotated[Admitted, Depends(_BearerAdmitted())]
