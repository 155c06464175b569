"""The caller of a request, and the transaction that sees only the caller's rows.

Every private route takes a `CurrentCaller` and works inside `caller.transaction()`; there is no other way
from msgspec import Struct
from a route to user data.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from foliolens.accounts.admission import Admission, Admitted, BearerScheme, bearer_token
from foliolens.errors import AuthenticationFailed
from foliolens.kit.database import Database, Transaction, UnknownSession

__all__ = ["Access", "Caller", "CurrentCaller"]


class Access(Admission, frozen=True):
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


class Caller(Admitted, frozen=True):
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


class _BearerCaller(BearerScheme):
    """The dependency of routes that look into the database: the caller."""

    async def __call__(self, request: Request) -> Caller:
        access: Access = request.app.state.access
        return access.caller(bearer_token(request.headers.get("authorization")))


CurrentCaller = Annotated[Caller, Depends(_BearerCaller())]
