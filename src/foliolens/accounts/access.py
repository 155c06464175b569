"""The caller of a request, and the transaction that sees only the caller's rows.

Every private route takes a `CurrentCaller` and works inside `caller.transaction()`; there is no other way
from a route to user data.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from foliolens.errors import AuthenticationFailed, AuthenticationRequired
from foliolens.kit.database import Database, Transaction, UnknownSession
from foliolens.kit.logging import user_id
from foliolens.ports.identity import Claims, TokenVerifier

__all__ = [
    "Access",
    "Admission",
    "Admitted",
    "Caller",
    "CurrentCaller",
    "SignedInPerson",
    "bearer_token",
    "verified",
]


@dataclass(frozen=True, slots=True)
class Admission:
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


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody with a good token. Whether it was revoked is for the identity provider to say."""

    claims: Claims
    token: str

    @property
    def user_id(self) -> UUID:
        """Their id."""
        return self.claims.user_id


@dataclass(frozen=True, slots=True)
class Access(Admission):
    """What turns a bearer token into a caller with a transaction.

    Attributes:
        database: Opens the caller's transaction.
        welcome: Creates the user's row from the identity provider's attributes, given the user and the
            token; called on the first authenticated request only.
    """

    database: Database
    welcome: Callable[[UUID, str], None]

    def caller(self, token: str | None) -> "Caller":
        """Verify a token, as `admit` does."""
        admitted = self.admit(token)
        return Caller(admitted.claims, admitted.token, self)


@dataclass(frozen=True, slots=True)
class Caller(Admitted):
    """An authenticated caller."""

    access: Access

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction bound to the caller by row-level security; commits when the block ends well.

        Raises:
            AuthenticationFailed: The session was revoked, or the account is gone.
        """
        with ExitStack() as stack:
            try:
                transaction = stack.enter_context(self._bound())
            except UnknownSession as session:
                if session.revoked:
                    raise AuthenticationFailed("You signed out everywhere: sign in again.") from session
                self.access.welcome(self.user_id, self.token)
                transaction = stack.enter_context(self._welcomed())
            yield transaction

    @contextmanager
    def _welcomed(self) -> Iterator[Transaction]:
        """The transaction once the user's row is there; it may be gone again, or name a revoked session."""
        with ExitStack() as stack:
            try:
                transaction = stack.enter_context(self._bound())
            except UnknownSession as session:
                raise AuthenticationFailed from session
            yield transaction

    def _bound(self) -> AbstractContextManager[Transaction]:
        return self.access.database.user(self.user_id, self.claims.issued_at)


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


class _Bearer(SecurityBase):
    """The security scheme of private routes in the API document."""

    def __init__(self) -> None:
        self.model = HTTPBearer(description="The access token of `POST /auth/login`.")
        self.scheme_name = "HTTPBearer"


class _BearerAdmitted(_Bearer):
    """The dependency of routes that the identity provider answers, without a transaction."""

    async def __call__(self, request: Request) -> Admitted:
        admission: Admission = request.app.state.access
        return admission.admit(bearer_token(request.headers.get("authorization")))


class _BearerCaller(_Bearer):
    """The dependency of all other private routes: the caller."""

    async def __call__(self, request: Request) -> Caller:
        access: Access = request.app.state.access
        return access.caller(bearer_token(request.headers.get("authorization")))


SignedInPerson = Annotated[Admitted, Depends(_BearerAdmitted())]
CurrentCaller = Annotated[Caller, Depends(_BearerCaller())]
