"""Identity: who a caller is. Passwords, codes and tokens live behind this port and nowhere else.

Two adapters implement it: tables of our own (`adapters.local.identity`) and, on AWS, Cognito. A user's
profile is not kept here: its row is created on the first authenticated request, from `describe`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

__all__ = [
    "AccountDirectory",
    "AccountHistory",
    "Attributes",
    "Claims",
    "Identity",
    "IdentityUser",
    "MfaChallenge",
    "MfaSetup",
    "Registered",
    "SecurityEvent",
    "SessionRecord",
    "SessionsEnded",
    "TokenVerifier",
    "Tokens",
]


class Claims(Struct, frozen=True):
    """What a verified access token says.

    Attributes:
        user_id: The caller.
        issued_at: When the token was issued; compared with "signed out everywhere".
        expires_at: When it ends.
        operator: Whether the caller may see the operations pages.
        signed_in_at: When the caller proved who they are; None where the token does not tell. Refreshing
            does not change it.
    """

    user_id: UUID
    issued_at: datetime
    expires_at: datetime
    operator: bool = False
    signed_in_at: datetime | None = None


class Attributes(Struct, frozen=True):
    """What a person states about themselves when registering."""

    first_name: str = ""
    last_name: str = ""
    user_type: str | None = None
    investment_experience: str | None = None
    risk_tolerance: str | None = None
    marketing_consent: bool = False


class IdentityUser(Struct, frozen=True):
    """An account as the identity provider knows it.

    Attributes:
        id: The user's id everywhere.
        email: The address, in lower case.
        email_confirmed: Whether its owner entered a code we mailed there.
        mfa_enabled: Whether signing in takes a TOTP code as well.
        operator: Whether the user may see the operations pages.
        attributes: As given at registration.
        created_at: When the account was registered; None where the provider does not tell.
        sessions_revoked_at: Access tokens issued until then are void; None where the provider does not tell.
    """

    id: UUID
    email: str
    email_confirmed: bool
    mfa_enabled: bool
    operator: bool
    attributes: Attributes
    created_at: datetime | None
    sessions_revoked_at: datetime | None = None


class Registered(Struct, frozen=True):
    """A new account."""

    user_id: UUID
    verification_required: bool


class Tokens(Struct, frozen=True):
    """A signed-in session.

    Attributes:
        access_token: A JWT for the API.
        id_token: A JWT about the user, for the client.
        refresh_token: Opaque; good for one call of `refresh`.
        expires_in: Seconds the access token lives.
        user: Who signed in.
    """

    access_token: str
    id_token: str
    refresh_token: str
    expires_in: int
    user: IdentityUser


class MfaChallenge(Struct, frozen=True):
    """The password was right; a TOTP code is still wanted.

    Attributes:
        session: Opaque; goes back with the code to `answer_mfa`.
    """

    session: str


class MfaSetup(Struct, frozen=True):
    """A TOTP secret that waits to be proved.

    Attributes:
        secret: Base32, for typing it into an authenticator app.
        uri: The same as an `otpauth://` URI, for a QR code.
    """

    secret: str
    uri: str


class SessionsEnded(Struct, frozen=True):
    """Every session of a user ended: access tokens issued until `at` are void."""

    user_id: UUID
    at: datetime


class SessionRecord(Struct, frozen=True):
    """One sign-in and what became of it."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_reason: str | None


class SecurityEvent(Struct, frozen=True):
    """Something that happened to an account."""

    event: str
    at: datetime


class AccountHistory(Struct, frozen=True):
    """What the provider has recorded about a user, newest first."""

    sessions: tuple[SessionRecord, ...]
    events: tuple[SecurityEvent, ...]


class TokenVerifier(Protocol):
    """Tells whose an access token is."""

    def verify(self, access_token: str) -> Claims:
        """Check an access token's signature, issuer, audience, use and expiry; no I/O on the hot path.

        Raises:
            TokenExpired: It was good once.
            AuthenticationFailed: It is not one of ours.
        """
        ...


class AccountDirectory(Protocol):
    """Tells about the account of an access token's user.

    Both methods refuse, with `AuthenticationFailed`, a token that was revoked or whose user is gone.
    """

    def describe(self, access_token: str) -> IdentityUser:
        """The account of the token's user."""
        ...

    def history(self, access_token: str) -> AccountHistory:
        """The sessions and security events of the token's user, as far as the provider records them."""
        ...


class Identity(TokenVerifier, AccountDirectory, Protocol):
    """An identity provider: the local tables, or Cognito.

    Every method may also raise `ServiceUnavailable`. E-mail addresses are compared without case. Methods
    that take an access token refuse, with `AuthenticationFailed`, a token that was revoked or whose user is
    gone; `verify` alone does not look that far.
    """

    def jwks(self) -> Mapping[str, Any]:
        """The public keys that verify our tokens, as a JSON Web Key Set (RFC 7517)."""
        ...

    def register(self, email: str, password: str, attributes: Attributes) -> Registered:
        """Create an account and mail a confirmation code, if one is required.

        Raises:
            EmailExists: The address has an account.
        """
        ...

    def confirm(self, email: str, code: str) -> None:
        """Confirm the address with the mailed code.

        Raises:
            AuthenticationFailed: The code is wrong, used or expired, or nothing waits for one.
        """
        ...

    def resend_code(self, email: str) -> None:
        """Mail a new confirmation code if an account waits for one and the last mail is old enough."""
        ...

    def login(self, email: str, password: str, *, known_device: bool = False) -> Tokens | MfaChallenge:
        """Sign in.

        Args:
            email: The address.
            password: As it was typed.
            known_device: It signed in to this account before: what strangers failed at does not count.

        Raises:
            AuthenticationFailed: Wrong address or password, or too many failures; never says which.
            EmailNotConfirmed: The password is right, the address not confirmed yet.
        """
        ...

    def answer_mfa(self, session: str, code: str) -> Tokens:
        """Finish signing in with a TOTP code.

        Raises:
            AuthenticationFailed: The session or the code is not valid.
        """
        ...

    def setup_mfa(self, access_token: str) -> MfaSetup:
        """Make a new TOTP secret; it counts only after `enable_mfa`.

        Raises:
            Conflict: TOTP is on already.
        """
        ...

    def enable_mfa(self, access_token: str, code: str) -> None:
        """Prove the secret of `setup_mfa` and ask for codes from now on.

        Raises:
            AuthenticationFailed: The code is wrong.
            Conflict: TOTP is on already, or there was no `setup_mfa`.
        """
        ...

    def disable_mfa(self, access_token: str, password: str) -> None:
        """Ask for codes no more; harmless when they were not asked for.

        Raises:
            AuthenticationFailed: The password is wrong.
        """
        ...

    def refresh(self, refresh_token: str) -> Tokens:
        """Exchange a refresh token for new tokens, once.

        Raises:
            TokenExpired: The session is too old.
            AuthenticationFailed: The token is unknown, revoked, or used before, which ends its session.
        """
        ...

    def logout(self, access_token: str) -> SessionsEnded:
        """End every session of the user."""
        ...

    def forgot_password(self, email: str) -> None:
        """Mail a code for `reset_password`, if the address has an account; takes the same time if not."""
        ...

    def reset_password(self, email: str, code: str, password: str) -> SessionsEnded:
        """Set a new password with the mailed code, which confirms the address and ends every session.

        Raises:
            AuthenticationFailed: The code is wrong, used or expired, or nothing waits for one.
        """
        ...

    def check_password(self, access_token: str, password: str) -> None:
        """Ask for the password again, before something that cannot be undone.

        Raises:
            AuthenticationFailed: The password is wrong.
        """
        ...

    def check_recent_sign_in(self, access_token: str) -> None:
        """What takes the place of `check_password` for somebody without one, who signs in elsewhere.

        Raises:
            ValidationFailed: The account has a password: it has to be given.
            AuthenticationFailed: Signing in was more than five minutes ago.
        """
        ...

    def delete(self, access_token: str) -> None:
        """Remove the account and everything recorded about it."""
        ...
