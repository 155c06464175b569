"""The rows of the identity tables.

Whoever changes anything of a user takes the account's lock first (`lock`): it serialises everything that
happens to one account, so that counters count and single use is single.
"""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg.types.json import Jsonb

from foliolens.adapters.lockout import Lane
from foliolens.kit.database import Transaction
from foliolens.ports.identity import Attributes, IdentityUser, SecurityEvent, SessionRecord

__all__ = [
    "Account",
    "Failures",
    "account_of",
    "by_email",
    "delete",
    "events",
    "insert",
    "lock",
    "purge",
    "record",
    "save_failures",
    "save_mfa",
    "save_password",
    "save_success",
    "sessions",
]

_COLUMNS: LiteralString = (
    "id, email, password_hash, attributes, operator, confirmed_at, totp_secret, totp_pending, totp_last_step,"
    " failures, failed_at, locked_until, known_failures, known_failed_at, known_locked_until,"
    " sessions_revoked_at, created_at"
)
_SAVE_FAILURES: dict[Lane, LiteralString] = {
    Lane.STRANGERS: "UPDATE identity.users SET failures = %s, failed_at = %s, locked_until = %s"
    " WHERE id = %s",
    Lane.KNOWN: "UPDATE identity.users SET known_failures = %s, known_failed_at = %s, known_locked_until = %s"
    " WHERE id = %s",
}
_HISTORY_LENGTH = 1000
_EXPIRED: tuple[tuple[LiteralString, timedelta], ...] = (
    ("DELETE FROM identity.users WHERE confirmed_at IS NULL AND created_at < %s", timedelta(days=7)),
    ("DELETE FROM identity.mfa_challenges WHERE expires_at < %s", timedelta(0)),
    ("DELETE FROM identity.codes WHERE greatest(expires_at, sent_at) < %s", timedelta(days=1)),
    ("DELETE FROM identity.refresh_tokens WHERE expires_at < %s", timedelta(0)),
    ("DELETE FROM identity.sessions WHERE expires_at < %s", timedelta(days=30)),
    ("DELETE FROM identity.security_events WHERE user_id IS NULL AND at < %s", timedelta(days=30)),
    ("DELETE FROM identity.security_events WHERE at < %s", timedelta(days=400)),
    ("DELETE FROM identity.signing_keys WHERE retires_at < %s", timedelta(days=1)),
)


class Failures(Struct, frozen=True):
    """Consecutive failures to sign in, and the lock they earned."""

    count: int
    last_at: datetime | None
    locked_until: datetime | None

    def locks_at(self, now: datetime) -> bool:
        """Whether they keep others in their lane from signing in."""
        return self.locked_until is not None and now < self.locked_until


class Account(Struct, frozen=True):
    """A row of `identity.users`."""

    id: UUID
    email: str
    password_hash: str
    attributes: dict[str, object]
    operator: bool
    confirmed_at: datetime | None
    totp_secret: str | None
    totp_pending: str | None
    totp_last_step: int
    failures: int
    failed_at: datetime | None
    locked_until: datetime | None
    known_failures: int
    known_failed_at: datetime | None
    known_locked_until: datetime | None
    sessions_revoked_at: datetime | None
    created_at: datetime

    def failures_in(self, lane: Lane) -> Failures:
        """What has failed in a lane since the last success."""
        if lane is Lane.KNOWN:
            return Failures(self.known_failures, self.known_failed_at, self.known_locked_until)
        return Failures(self.failures, self.failed_at, self.locked_until)

    def described(self) -> IdentityUser:
        """The account without its secrets."""
        return IdentityUser(
            id=self.id,
            email=self.email,
            email_confirmed=self.confirmed_at is not None,
            mfa_enabled=self.totp_secret is not None,
            operator=self.operator,
            attributes=Attributes(**self.attributes),  # type: ignore[arg-type] # written by `insert`
            created_at=self.created_at,
            sessions_revoked_at=self.sessions_revoked_at,
        )


def account_of(transaction: Transaction, user_id: UUID) -> Account | None:
    """An account by its id."""
    row = transaction.execute(
        f"SELECT {_COLUMNS} FROM identity.users WHERE id = %s",  # noqa: S608 - constants only
        (user_id,),
    ).fetchone()
    return Account(**row) if row else None


def by_email(transaction: Transaction, email: str) -> Account | None:
    """An account by its address, in lower case."""
    row = transaction.execute(
        f"SELECT {_COLUMNS} FROM identity.users WHERE email = %s",  # noqa: S608 - constants only
        (email,),
    ).fetchone()
    return Account(**row) if row else None


def lock(transaction: Transaction, user_id: UUID) -> Account | None:
    """The account as it is now, until the transaction ends; None if it is gone."""
    row = transaction.execute(
        f"SELECT {_COLUMNS} FROM identity.users WHERE id = %s FOR NO KEY UPDATE",  # noqa: S608 - constants
        (user_id,),
    ).fetchone()
    return Account(**row) if row else None


def insert(
    transaction: Transaction,
    user_id: UUID,
    email: str,
    password_hash: str,
    attributes: dict[str, object],
    *,
    confirmed_at: datetime | None,
    now: datetime,
) -> bool:
    """Create an account; False if the address has one."""
    row = transaction.execute(
        "INSERT INTO identity.users (id, email, password_hash, attributes, confirmed_at, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (email) DO NOTHING RETURNING id",
        (user_id, email, password_hash, Jsonb(attributes), confirmed_at, now),
    ).fetchone()
    return row is not None


def set_operator(transaction: Transaction, email: str, *, operator: bool) -> bool:
    """Let an account see the operations pages, or no more; False if there is no such account."""
    return (
        transaction.execute(
            "UPDATE identity.users SET operator = %s WHERE email = %s", (operator, email)
        ).rowcount
        == 1
    )


def delete(transaction: Transaction, user_id: UUID) -> None:
    """Remove an account; its sessions, codes, challenges and events go with it."""
    transaction.execute("DELETE FROM identity.users WHERE id = %s", (user_id,))


def save_failures(transaction: Transaction, user_id: UUID, lane: Lane, failures: Failures) -> None:
    """Store what has failed in a lane."""
    transaction.execute(
        _SAVE_FAILURES[lane], (failures.count, failures.last_at, failures.locked_until, user_id)
    )


def save_success(transaction: Transaction, user_id: UUID) -> None:
    """Forget the failures of both lanes."""
    transaction.execute(
        "UPDATE identity.users SET failures = 0, failed_at = NULL, locked_until = NULL,"
        " known_failures = 0, known_failed_at = NULL, known_locked_until = NULL WHERE id = %s",
        (user_id,),
    )


def save_password(transaction: Transaction, user_id: UUID, password_hash: str) -> None:
    """Store a new hash."""
    transaction.execute(
        "UPDATE identity.users SET password_hash = %s WHERE id = %s", (password_hash, user_id)
    )


def save_mfa(
    transaction: Transaction, user_id: UUID, *, secret: str | None, pending: str | None, last_step: int
) -> None:
    """Store the TOTP secret that counts, the one that waits to be proved, and the last step used."""
    transaction.execute(
        "UPDATE identity.users SET totp_secret = %s, totp_pending = %s, totp_last_step = %s WHERE id = %s",
        (secret, pending, last_step, user_id),
    )


def record(transaction: Transaction, user_id: UUID | None, event: str, now: datetime) -> None:
    """Write a security event; nothing personal but the id."""
    transaction.execute(
        "INSERT INTO identity.security_events (user_id, event, at) VALUES (%s, %s, %s)", (user_id, event, now)
    )


def sessions(transaction: Transaction, user_id: UUID) -> tuple[SessionRecord, ...]:
    """The user's sessions, newest first."""
    rows = transaction.execute(
        "SELECT id, created_at, last_used_at, expires_at, revoked_at, revoked_reason FROM identity.sessions"
        " WHERE user_id = %s ORDER BY created_at DESC, id LIMIT %s",
        (user_id, _HISTORY_LENGTH),
    ).fetchall()
    return tuple(SessionRecord(**row) for row in rows)


def events(transaction: Transaction, user_id: UUID) -> tuple[SecurityEvent, ...]:
    """The user's security events, newest first."""
    rows = transaction.execute(
        "SELECT event, at FROM identity.security_events WHERE user_id = %s ORDER BY id DESC LIMIT %s",
        (user_id, _HISTORY_LENGTH),
    ).fetchall()
    return tuple(SecurityEvent(**row) for row in rows)


def purge(transaction: Transaction, now: datetime) -> int:
    """Delete what has expired, unconfirmed accounts of a week and old events; returns how many rows."""
    return sum(transaction.execute(statement, (now - age,)).rowcount for statement, age in _EXPIRED)
