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
from foliolens.ports.identity import Claims, TokenVerifier

__all__ = ["Access", "Caller", "CurrentCaller", "bearer_token"]


@dataclass(frozen=True, slots=True)
class Access:
    """What turns a bearer token into a caller.

    Attributes:
        identity: Verifies the token.
        database: Opens the caller's transaction.
        welcome: Creates the user's row from the identity provider's attributes, given the user and the
            token; called on the first authenticated request only.
    """

    identity: TokenVerifier
    database: Database
    welcome: Callable[[UUID, str], None]

    def caller(self, token: str | None) -> "Caller":
        """Verify a token.

        Raises:
            AuthenticationRequired: There is no token.
            TokenExpired: It was good once.
            AuthenticationFailed: It is not one of ours.
        """
        if token is None:
            raise AuthenticationRequired
        return Caller(self.identity.verify(token), token, self)


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller."""

    claims: Claims
    token: str
    access: Access

    @property
    def user_id(self) -> UUID:
        """The caller's id."""
        return self.claims.user_id

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


def bearer_token(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer` header, if that is what the header holds."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class _BearerCaller(SecurityBase):
    """The dependency of private routes: the security scheme in the API document, and the caller."""

    def __init__(self) -> None:
        self.model = HTTPBearer(description="The access token of `POST /auth/login`.")
        self.scheme_name = "HTTPBearer"

    async def __call__(self, request: Request) -> Caller:
        access: Access = request.app.state.access
        return access.caller(bearer_token(request.headers.get("authorization")))


CurrentCaller = Annotated[Caller, Depends(_BearerCaller())]
