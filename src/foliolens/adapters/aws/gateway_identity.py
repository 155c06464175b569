"""The caller as API Gateway's authorizer let them through: the function behind it need not ask Cognito.

The function lies in a network without a way to Cognito. The gateway has verified the access token (signature,
pool, expiry, scope) before it calls the function, and passes on what the token says. Cognito writes what an
account states about itself into access tokens (a trigger, see `infra/constructs/identity.py`), without which
they hold no e-mail address.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from foliolens.adapters.aws.account_attributes import MFA, OPERATORS, stated
from foliolens.adapters.aws.ended_sessions import Ended
from foliolens.adapters.identity_words import ACCOUNT_GONE, SIGNED_OUT
from foliolens.errors import AuthenticationFailed, AuthenticationRequired
from foliolens.ports.identity import AccountHistory, Claims, IdentityUser, SecurityEvent

__all__ = ["GatewayIdentity"]

_CALENDAR = "%a %b %d %H:%M:%S %Z %Y"
"""How the gateway writes `iat` and `exp`, as in `Thu Nov 26 10:00:00 UTC 2026`."""


class GatewayIdentity:
    """Knows whoever the present event is from; see `TokenVerifier` and `AccountDirectory`.

    What Cognito records about sessions is not to be had here: `history` has events alone.

    Args:
        ended: Which of a user's tokens are void, as far as that happened in the last hour.
        events: What happened to an account, given the user and the address.
    """

    def __init__(
        self,
        ended: Callable[[UUID], Ended | None],
        events: Callable[[UUID, str], tuple[SecurityEvent, ...]] = lambda _user_id, _email: (),
    ) -> None:
        self._ended = ended
        self._events = events
        self._claims: ContextVar[Mapping[str, str] | None] = ContextVar("claims", default=None)

    @contextmanager
    def serving(self, event: Mapping[str, Any]) -> Iterator[None]:
        """While the block lasts, the caller is the one of this event of API Gateway."""
        authorizer = event["requestContext"].get("authorizer") or {}
        token = self._claims.set(authorizer.get("claims"))
        try:
            yield
        finally:
            self._claims.reset(token)

    def verify(self, access_token: str) -> Claims:  # noqa: ARG002 - the gateway did
        """What the gateway found in the token.

        Raises:
            AuthenticationFailed: It looked at none: on its open routes a token proves nothing.
        """
        claims = self._present()
        return Claims(
            user_id=UUID(claims["sub"]),
            issued_at=_moment(claims["iat"]),
            expires_at=_moment(claims["exp"]),
            operator=OPERATORS in _groups(claims.get("cognito:groups", "")),
        )

    def describe(self, access_token: str) -> IdentityUser:
        """The account, as the token's claims state it.

        Raises:
            AuthenticationFailed: The token was revoked, or its user is gone.
        """
        caller, claims = self.verify(access_token), self._present()
        email = claims.get("email")
        if not email:
            raise AuthenticationFailed("The token names no e-mail address: sign in again.")
        ended = self._ended(caller.user_id)
        if ended is not None and caller.issued_at <= ended.at:
            raise AuthenticationFailed(ACCOUNT_GONE if ended.gone else SIGNED_OUT)
        return IdentityUser(
            id=caller.user_id,
            email=email.lower(),
            email_confirmed=claims.get("email_verified") == "true",
            mfa_enabled=claims.get(MFA) == "true",
            operator=caller.operator,
            attributes=stated(claims),
            created_at=None,
            sessions_revoked_at=None if ended is None else ended.at,
        )

    def history(self, access_token: str) -> AccountHistory:
        """The events."""
        user = self.describe(access_token)
        return AccountHistory((), self._events(user.id, user.email))

    def _present(self) -> Mapping[str, str]:
        claims = self._claims.get()
        if claims is None:
            raise AuthenticationRequired
        return claims


def _moment(stated: str) -> datetime:
    """A time of the gateway's, which writes numbers of seconds or calendar dates."""
    if stated.isdigit():
        return datetime.fromtimestamp(int(stated), UTC)
    return datetime.strptime(stated, _CALENDAR).replace(tzinfo=UTC)


def _groups(stated: str) -> list[str]:
    """The groups, which the gateway joins with commas."""
    return [group.strip() for group in stated.strip("[]").split(",")]
