"""Signing in: password, lockout, second factor, and the session that follows.

A failure is counted in a transaction that commits, and raised afterwards. Everything a stranger can observe
is the same for an unknown address, a wrong password and a locked account: answer, statements, hashing time.
Strangers' failures lock strangers out, and nobody who has proved something (`adapters.lockout`).
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from foliolens.adapters import identity_words as words
from foliolens.adapters.local.identity import sessions, store, totp
from foliolens.adapters.local.identity.passwords import Passwords
from foliolens.adapters.local.identity.tokens import JsonWebTokens
from foliolens.adapters.lockout import Lane, failures_after, lock_after
from foliolens.errors import AuthenticationFailed, EmailNotConfirmed, FolioLensError, TokenExpired
from foliolens.kit.database import Database, Transaction
from foliolens.ports.clock import Clock
from foliolens.ports.identity import IdentityUser, MfaChallenge, Tokens

__all__ = ["SignIn"]

_NOBODY = UUID(int=0)
_NO_FAILURES = store.Failures(0, None, None)
_CHALLENGE_LIFETIME = timedelta(minutes=5)
_CHALLENGE_TRIES = 5


class _Opened(Struct, frozen=True):
    """A session that was stored; its JWTs are signed once the transaction is over."""

    user: IdentityUser
    refresh_token: str
    at: datetime


class SignIn(Struct, frozen=True):
    """Passwords in, tokens out.

    Attributes:
        database: Holds the accounts.
        clock: Decides about locks and expiry.
        passwords: Checks them.
        tokens: Signs them.
        session_lifetime: How long a refresh token waits for its use.
    """

    database: Database
    clock: Clock
    passwords: Passwords
    tokens: JsonWebTokens
    session_lifetime: timedelta

    def login(self, email: str, password: str, *, known_device: bool) -> Tokens | MfaChallenge:
        """See `Identity.login`."""
        with self.database.system() as transaction:
            account = store.by_email(transaction, email.lower())
        right = self.passwords.matches(password, account.password_hash if account else None)
        if account and right and self.passwords.outdated(account.password_hash):
            account = self._rehash(account, password)
        with self.database.system() as transaction:
            checked = self._judge(transaction, account, Lane.of(known=known_device), right=right)
            outcome = checked if isinstance(checked, FolioLensError) else self._proceed(transaction, checked)
        return self._finish(outcome)

    def check_password(self, user_id: UUID, password: str) -> None:
        """Ask a signed-in user for the password again; failures count as those of a known device do.

        Raises:
            AuthenticationFailed: The password is wrong, or there were too many failures.
        """
        with self.database.system() as transaction:
            account = store.account_of(transaction, user_id)
        right = self.passwords.matches(password, account.password_hash if account else None)
        with self.database.system() as transaction:
            outcome = self._judge(transaction, account, Lane.KNOWN, right=right)
        if isinstance(outcome, FolioLensError):
            raise outcome

    def answer_mfa(self, session: str, code: str) -> Tokens:
        """See `Identity.answer_mfa`."""
        with self.database.system() as transaction:
            outcome = self._judge_code(transaction, hashlib.sha256(session.encode()).digest(), code)
        if isinstance(outcome, FolioLensError):
            raise outcome
        return self._signed(outcome)

    def refresh(self, refresh_token: str) -> Tokens:
        """See `Identity.refresh`."""
        with self.database.system() as transaction:
            outcome = self._rotate(transaction, refresh_token)
        if isinstance(outcome, FolioLensError):
            raise outcome
        return self._signed(outcome)

    def _rehash(self, account: store.Account, password: str) -> store.Account:
        fresh = self.passwords.hash(password)
        with self.database.system() as transaction:
            current = store.lock(transaction, account.id)
            if current is None or current.password_hash != account.password_hash:
                return account
            store.save_password(transaction, account.id, fresh)
            return store.account_of(transaction, account.id) or account

    def _judge(
        self, transaction: Transaction, account: store.Account | None, lane: Lane, *, right: bool
    ) -> store.Account | AuthenticationFailed:
        """The account as it is now if the password was right, else the error, with the failure counted."""
        now = self.clock.now()
        current = store.lock(transaction, account.id if account else _NOBODY)
        if current is not None and current.failures_in(lane).locks_at(now):
            store.record(transaction, current.id, "sign-in refused: locked", now)
            return AuthenticationFailed(words.WRONG_SIGN_IN)
        unchanged = (
            current is not None and account is not None and (current.password_hash == account.password_hash)
        )
        if current is None or not right or not unchanged:
            self._count_failure(transaction, current, lane, "sign-in failed: password", now)
            return AuthenticationFailed(words.WRONG_SIGN_IN)
        return current

    def _count_failure(
        self, transaction: Transaction, account: store.Account | None, lane: Lane, event: str, now: datetime
    ) -> None:
        earlier = account.failures_in(lane) if account else _NO_FAILURES
        count = failures_after(earlier.count, now - earlier.last_at if earlier.last_at else None)
        pause = lock_after(count)
        user_id = account.id if account else None
        store.save_failures(
            transaction,
            user_id or _NOBODY,
            lane,
            store.Failures(count, now, now + pause if pause else None),
        )
        store.record(transaction, user_id, event, now)

    def _proceed(
        self, transaction: Transaction, account: store.Account
    ) -> _Opened | MfaChallenge | EmailNotConfirmed:
        """What a right password leads to."""
        if account.confirmed_at is None:
            return EmailNotConfirmed()
        if account.totp_secret is None:
            return self._open(transaction, account)
        session = secrets.token_urlsafe(32)
        transaction.execute(
            "INSERT INTO identity.mfa_challenges (session_hash, user_id, expires_at) VALUES (%s, %s, %s)",
            (
                hashlib.sha256(session.encode()).digest(),
                account.id,
                self.clock.now() + _CHALLENGE_LIFETIME,
            ),
        )
        return MfaChallenge(session)

    def _judge_code(
        self, transaction: Transaction, session_hash: bytes, code: str
    ) -> _Opened | AuthenticationFailed:
        wrong = AuthenticationFailed(words.WRONG_TOTP)
        account = self._challenged(transaction, session_hash)
        now = self.clock.now()
        if account is None or account.totp_secret is None or account.failures_in(Lane.KNOWN).locks_at(now):
            return wrong
        step = totp.matching_step(account.totp_secret, code, now, after=account.totp_last_step)
        if step is None:
            self._count_failure(transaction, account, Lane.KNOWN, "sign-in failed: code", now)
            return wrong
        store.save_mfa(transaction, account.id, secret=account.totp_secret, pending=None, last_step=step)
        transaction.execute("DELETE FROM identity.mfa_challenges WHERE session_hash = %s", (session_hash,))
        return self._open(transaction, account)

    def _challenged(self, transaction: Transaction, session_hash: bytes) -> store.Account | None:
        """The account, locked, whose challenge this is; counts the try."""
        found = transaction.execute(
            "SELECT user_id FROM identity.mfa_challenges WHERE session_hash = %s", (session_hash,)
        ).fetchone()
        account = store.lock(transaction, found["user_id"]) if found else None
        counted = transaction.execute(
            "UPDATE identity.mfa_challenges SET tries = tries + 1"
            " WHERE session_hash = %s AND tries < %s AND expires_at > %s RETURNING user_id",
            (session_hash, _CHALLENGE_TRIES, self.clock.now()),
        ).fetchone()
        return account if counted else None

    def _open(self, transaction: Transaction, account: store.Account) -> _Opened:
        now = self.clock.now()
        store.save_success(transaction, account.id)
        store.record(transaction, account.id, "signed in", now)
        refresh_token = sessions.open_session(transaction, account.id, now, self.session_lifetime)
        return _Opened(account.described(), refresh_token, now)

    def _rotate(self, transaction: Transaction, token: str) -> _Opened | AuthenticationFailed | TokenExpired:
        ended = AuthenticationFailed(words.SESSION_ENDED)
        user_id = sessions.owner(transaction, token)
        account = store.lock(transaction, user_id) if user_id else None
        if account is None:
            return ended
        now = self.clock.now()
        replaced = sessions.rotate(transaction, token, now, self.session_lifetime)
        if isinstance(replaced, str):
            return _Opened(account.described(), replaced, now)
        if replaced is sessions.Refused.REUSED:
            store.record(transaction, account.id, "refresh token reused: session ended", now)
        return TokenExpired(words.SESSION_EXPIRED) if replaced is sessions.Refused.EXPIRED else ended

    def _finish(self, outcome: _Opened | MfaChallenge | FolioLensError) -> Tokens | MfaChallenge:
        if isinstance(outcome, FolioLensError):
            raise outcome
        return outcome if isinstance(outcome, MfaChallenge) else self._signed(outcome)

    def _signed(self, opened: _Opened) -> Tokens:
        access_token, id_token = self.tokens.issue(opened.user, opened.at)
        return Tokens(
            access_token=access_token,
            id_token=id_token,
            refresh_token=opened.refresh_token,
            expires_in=int(self.tokens.lifetime.total_seconds()),
            user=opened.user,
        )
