"""Mailed six-digit codes: stored as salted hashes, single use, few tries, slower the more are asked for."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from foliolens.kit.database import Transaction

__all__ = ["MAX_TRIES", "Purpose", "issue", "redeem"]

Purpose = Literal["confirm", "reset"]

MAX_TRIES = 5
"""Wrong entries after which a code is void."""

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)
_FORGOTTEN_AFTER = timedelta(hours=24)


def issue(
    transaction: Transaction, user_id: UUID, purpose: Purpose, now: datetime, lifetime: timedelta
) -> str | None:
    """Make a code, which replaces the one before; the caller holds the account's lock.

    The pause between two codes doubles from a minute to an hour, and with it the number of guesses stays
    below 200 a day in a space of a million.

    Returns:
        The code to mail; None while the last one is too recent.
    """
    last = transaction.execute(
        "SELECT sent, sent_at FROM identity.codes WHERE user_id = %s AND purpose = %s", (user_id, purpose)
    ).fetchone()
    sent = 1
    if last is not None and now - last["sent_at"] < _FORGOTTEN_AFTER:
        if now - last["sent_at"] < _pause_after(last["sent"]):
            return None
        sent = last["sent"] + 1
    code, salt = f"{secrets.randbelow(1_000_000):06d}", secrets.token_bytes(16)
    transaction.execute(
        "INSERT INTO identity.codes (user_id, purpose, salt, code_hash, sent, sent_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (user_id, purpose) DO UPDATE SET salt = excluded.salt, code_hash = excluded.code_hash,"
        " tries = 0, sent = excluded.sent, sent_at = excluded.sent_at, expires_at = excluded.expires_at",
        (user_id, purpose, salt, _hash(salt, code), sent, now, now + lifetime),
    )
    return code


def redeem(transaction: Transaction, user_id: UUID, purpose: Purpose, code: str, now: datetime) -> bool:
    """Use a code up if it is the right one, else count the try; the caller holds the account's lock.

    The caller must commit either way, or a wrong try would not count.
    """
    row = transaction.execute(
        "SELECT salt, code_hash FROM identity.codes"
        " WHERE user_id = %s AND purpose = %s AND tries < %s AND expires_at > %s",
        (user_id, purpose, MAX_TRIES, now),
    ).fetchone()
    if row is None:
        return False
    if hmac.compare_digest(row["code_hash"], _hash(row["salt"], code)):
        transaction.execute(
            "DELETE FROM identity.codes WHERE user_id = %s AND purpose = %s", (user_id, purpose)
        )
        return True
    transaction.execute(
        "UPDATE identity.codes SET tries = tries + 1 WHERE user_id = %s AND purpose = %s", (user_id, purpose)
    )
    return False


def _pause_after(sent: int) -> timedelta:
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(sent - 1, 10)))


def _hash(salt: bytes, code: str) -> bytes:
    return hashlib.sha256(salt + code.encode()).digest()
