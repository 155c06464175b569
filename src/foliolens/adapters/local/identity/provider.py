"""The local identity provider: one object that speaks the `Identity` port."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from foliolens.adapters import identity_words as words
from foliolens.adapters.access_tokens import AccessTokens
from foliolens.adapters.local.identity import messages, sessions, store
from foliolens.adapters.local.identity.keys import KeyRing
from foliolens.adapters.local.identity.mailboxes import Mailboxes
from foliolens.adapters.local.identity.mfa import SecondFactor
from foliolens.adapters.local.identity.passwords import Passwords
from foliolens.adapters.local.identity.sign_in import SignIn
from foliolens.adapters.local.identity.tokens import JsonWebTokens
from foliolens.errors import AuthenticationFailed, ValidationFailed
from foliolens.kit.database import Database, Transaction
from foliolens.ports.clock import Clock
from foliolens.ports.identity import (
    AccountHistory,
    Attributes,
    Claims,
    IdentityUser,
    MfaChallenge,
    MfaSetup,
    Registered,
    SessionsEnded,
    Tokens,
)
from foliolens.ports.mail import Mail
from foliolens.settings import AccountSettings

__all__ = ["LocalIdentity"]

_CLIENT_ID = "foliolens"


class LocalIdentity:
    """Accounts in the schema `identity` of our own database.

    Args:
        database: Holds them.
        mail: Takes codes and notices.
        clock: Decides about every expiry.
        settings: Lifetimes, and whether new accounts are confirmed at once.
        issuer: The `iss` of our tokens: the same in every process, whatever port it listens on.
        passwords: Hashing, where tests want a cheaper one.
        pause: Sleeps; with it, answers about known and unknown addresses take the same time.
    """

    def __init__(
        self,
        database: Database,
        mail: Mail,
        clock: Clock,
        settings: AccountSettings,
        *,
        issuer: str = "foliolens",
        passwords: Passwords | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        hashing = passwords or Passwords()
        lifetime = timedelta(seconds=settings.access_token_seconds)
        self._database = database
        self._clock = clock
        self.keys = KeyRing(database, clock, lifetime)
        self._access_tokens = AccessTokens(
            self.keys.public, clock, issuer, _CLIENT_ID, lambda claims: claims.get("operator") is True
        )
        self._sign_in = SignIn(
            database,
            clock,
            hashing,
            JsonWebTokens(self.keys, lifetime, issuer, _CLIENT_ID),
            timedelta(days=settings.refresh_token_days),
        )
        self._mailboxes = Mailboxes(
            database,
            clock,
            hashing,
            mail,
            timedelta(minutes=settings.code_minutes),
            auto_confirm=settings.auto_confirm,
            pause=pause,
        )
        self._second_factor = SecondFactor(database, clock)

    def verify(self, access_token: str) -> Claims:
        """See `Identity.verify`."""
        return self._access_tokens.verify(access_token)

    def jwks(self) -> Mapping[str, Any]:
        """See `Identity.jwks`."""
        return self.keys.jwks()

    def register(self, email: str, password: str, attributes: Attributes) -> Registered:
        """See `Identity.register`."""
        return self._mailboxes.register(email, password, attributes)

    def set_operator(self, email: str, *, operator: bool) -> bool:
        """Let an account see the operations pages from its next sign-in on, or no more; False without one."""
        with self._database.system() as transaction:
            return store.set_operator(transaction, email.strip().lower(), operator=operator)

    def confirm(self, email: str, code: str) -> None:
        """See `Identity.confirm`."""
        self._mailboxes.confirm(email, code)

    def resend_code(self, email: str) -> None:
        """See `Identity.resend_code`."""
        self._mailboxes.resend_code(email)

    def login(self, email: str, password: str, *, known_device: bool = False) -> Tokens | MfaChallenge:
        """See `Identity.login`."""
        return self._sign_in.login(email, password, known_device=known_device)

    def answer_mfa(self, session: str, code: str) -> Tokens:
        """See `Identity.answer_mfa`."""
        return self._sign_in.answer_mfa(session, code)

    def setup_mfa(self, access_token: str) -> MfaSetup:
        """See `Identity.setup_mfa`."""
        return self._second_factor.setup(self.describe(access_token).id)

    def enable_mfa(self, access_token: str, code: str) -> None:
        """See `Identity.enable_mfa`."""
        email = self._second_factor.enable(self.describe(access_token).id, code)
        self._mailboxes.notify(messages.mfa_changed(email, enabled=True))

    def disable_mfa(self, access_token: str, password: str) -> None:
        """See `Identity.disable_mfa`."""
        user_id = self.describe(access_token).id
        self._sign_in.check_password(user_id, password)
        email = self._second_factor.disable(user_id)
        if email is not None:
            self._mailboxes.notify(messages.mfa_changed(email, enabled=False))

    def refresh(self, refresh_token: str) -> Tokens:
        """See `Identity.refresh`."""
        return self._sign_in.refresh(refresh_token)

    def logout(self, access_token: str) -> SessionsEnded:
        """See `Identity.logout`."""
        user_id = self.describe(access_token).id
        with self._database.system() as transaction:
            store.lock(transaction, user_id)
            ended_at = self._clock.now()
            sessions.revoke_all(transaction, user_id, ended_at, "signed out")
            store.record(transaction, user_id, "signed out everywhere", ended_at)
        return SessionsEnded(user_id, ended_at)

    def forgot_password(self, email: str) -> None:
        """See `Identity.forgot_password`."""
        self._mailboxes.forgot_password(email)

    def reset_password(self, email: str, code: str, password: str) -> SessionsEnded:
        """See `Identity.reset_password`."""
        return self._mailboxes.reset_password(email, code, password)

    def describe(self, access_token: str) -> IdentityUser:
        """See `Identity.describe`."""
        with self._database.system() as transaction:
            return self._account_of(transaction, access_token).described()

    def history(self, access_token: str) -> AccountHistory:
        """See `Identity.history`."""
        with self._database.system() as transaction:
            user_id = self._account_of(transaction, access_token).id
            return AccountHistory(store.sessions(transaction, user_id), store.events(transaction, user_id))

    def check_password(self, access_token: str, password: str) -> None:
        """See `Identity.check_password`."""
        self._sign_in.check_password(self.describe(access_token).id, password)

    def check_recent_sign_in(self, access_token: str) -> None:
        """See `Identity.check_recent_sign_in`; every account here has a password."""
        self.describe(access_token)
        raise ValidationFailed.of("password", "MISSING_REQUIRED_FIELD", words.PASSWORD_MISSING)

    def delete(self, access_token: str) -> None:
        """See `Identity.delete`."""
        user_id = self.describe(access_token).id
        with self._database.system() as transaction:
            store.lock(transaction, user_id)
            store.delete(transaction, user_id)
            store.record(transaction, None, "account deleted", self._clock.now())

    def purge(self) -> int:
        """Delete what has expired, accounts unconfirmed for a week, and old security events.

        Returns:
            How many rows went.
        """
        with self._database.system() as transaction:
            return store.purge(transaction, self._clock.now())

    def _account_of(self, transaction: Transaction, access_token: str) -> store.Account:
        """The token's account.

        Raises:
            AuthenticationFailed: The token was revoked, or the account is gone.
        """
        claims = self.verify(access_token)
        account = store.account_of(transaction, claims.user_id)
        if account is None:
            raise AuthenticationFailed(words.ACCOUNT_GONE)
        if account.sessions_revoked_at is not None and claims.issued_at <= account.sessions_revoked_at:
            raise AuthenticationFailed(words.SIGNED_OUT)
        return account
