"""Refresh tokens: opaque, stored as hashes, replaced at each use; reuse ends the whole session."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID, uuid4

from foliolens.kit.database import Transaction

__all__ = ["Refused", "open_session", "owner", "revoke_all", "rotate"]

_PREFIX = "flr_"  # lets secret scanners recognise a leaked one


class Refused(Enum):
    """Why a refresh token is not exchanged."""

    REVOKED = "revoked"
    REUSED = "reused"
    EXPIRED = "expired"


def open_session(transaction: Transaction, user_id: UUID, now: datetime, lifetime: timedelta) -> str:
    """Start a session and return its first refresh token."""
    session_id = uuid4()
    transaction.execute(
        "INSERT INTO identity.sessions (id, user_id, created_at, last_used_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s)",
        (session_id, user_id, now, now, now + lifetime),
    )
    return _next_token(transaction, session_id, now + lifetime)


def owner(transaction: Transaction, token: str) -> UUID | None:
    """Whose token it is, if it is one of ours."""
    row = transaction.execute(
        "SELECT user_id FROM identity.refresh_tokens JOIN identity.sessions ON sessions.id = session_id"
        " WHERE token_hash = %s",
        (_hash(token),),
    ).fetchone()
    return row["user_id"] if row else None


def rotate(transaction: Transaction, token: str, now: datetime, lifetime: timedelta) -> str | Refused:
    """Replace a token by the next one; the caller holds the owner's lock and commits either way.

    A token that comes a second time was copied, and nobody can tell who holds the copy: the session ends.
    """
    row = transaction.execute(
        "SELECT session_id, refresh_tokens.expires_at, used_at, revoked_at"
        " FROM identity.refresh_tokens JOIN identity.sessions ON sessions.id = session_id"
        " WHERE token_hash = %s",
        (_hash(token),),
    ).fetchone()
    if row is None or row["revoked_at"] is not None:
        return Refused.REVOKED
    if row["used_at"] is not None:
        transaction.execute(
            "UPDATE identity.sessions SET revoked_at = %s, revoked_reason = 'refresh token reused'"
            " WHERE id = %s",
            (now, row["session_id"]),
        )
        return Refused.REUSED
    if now >= row["expires_at"]:
        return Refused.EXPIRED
    transaction.execute(
        "UPDATE identity.refresh_tokens SET used_at = %s WHERE token_hash = %s", (now, _hash(token))
    )
    transaction.execute(
        "UPDATE identity.sessions SET last_used_at = %s, expires_at = %s WHERE id = %s",
        (now, now + lifetime, row["session_id"]),
    )
    return _next_token(transaction, row["session_id"], now + lifetime)


def revoke_all(transaction: Transaction, user_id: UUID, now: datetime, reason: str) -> None:
    """End every session, and void every access token issued until now; the caller holds the user's lock."""
    transaction.execute(
        "UPDATE identity.sessions SET revoked_at = %s, revoked_reason = %s"
        " WHERE user_id = %s AND revoked_at IS NULL",
        (now, reason, user_id),
    )
    transaction.execute("DELETE FROM identity.mfa_challenges WHERE user_id = %s", (user_id,))
    transaction.execute("UPDATE identity.users SET sessions_revoked_at = %s WHERE id = %s", (now, user_id))


def _next_token(transaction: Transaction, session_id: UUID, expires_at: datetime) -> str:
    token = _PREFIX + secrets.token_urlsafe(32)
    transaction.execute(
        "INSERT INTO identity.refresh_tokens (token_hash, session_id, expires_at) VALUES (%s, %s, %s)",
        (_hash(token), session_id, expires_at),
    )
    return token


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
