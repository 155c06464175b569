"""Mailed codes: stored as salted hashes, single use, slower the more are asked for.

A code that confirms an address has six digits and is good for five tries. One that resets a password has
twelve and is good for any number: it cannot be guessed in its hour, and else a stranger could use its tries
up and so keep the owner, whom the reset lets in again, locked out.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from foliolens.kit.database import Transaction

__all__ = ["MAX_TRIES", "Purpose", "is_right", "issue", "redeem"]

Purpose = Literal["confirm", "reset"]

MAX_TRIES = 5
"""Wrong entries after which a short code is void."""

_DIGITS: dict[Purpose, int] = {"confirm": 6, "reset": 12}
_SALT_BYTES: dict[Purpose, int] = {"confirm": 16, "reset": 32}
_LONG_SALT_BYTES = _SALT_BYTES["reset"]
"""Tells a long code from a short one, which the version before mails for resets too."""

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)
_FORGOTTEN_AFTER = timedelta(hours=24)


def issue(
    transaction: Transaction, user_id: UUID, purpose: Purpose, now: datetime, lifetime: timedelta
) -> str | None:
    """Make a code, which replaces the one before; the caller holds the account's lock.

    The pause between two codes doubles from a minute to an hour, and with it the number of guesses at short
    codes stays below 200 a day in a space of a million.

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
    digits = _DIGITS[purpose]
    code, salt = f"{secrets.randbelow(10**digits):0{digits}d}", secrets.token_bytes(_SALT_BYTES[purpose])
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
    if not is_right(transaction, user_id, purpose, code, now):
        transaction.execute(
            "UPDATE identity.codes SET tries = tries + 1 WHERE user_id = %s AND purpose = %s",
            (user_id, purpose),
        )
        return False
    transaction.execute("DELETE FROM identity.codes WHERE user_id = %s AND purpose = %s", (user_id, purpose))
    return True


def is_right(transaction: Transaction, user_id: UUID, purpose: Purpose, code: str, now: datetime) -> bool:
    """Whether `redeem` would take the code; counts nothing."""
    row = transaction.execute(
        "SELECT salt, code_hash FROM identity.codes WHERE user_id = %s AND purpose = %s AND expires_at > %s"
        " AND (tries < %s OR length(salt) = %s)",
        (user_id, purpose, now, MAX_TRIES, _LONG_SALT_BYTES),
    ).fetchone()
    return row is not None and hmac.compare_digest(row["code_hash"], _hash(row["salt"], code))


def _pause_after(sent: int) -> timedelta:
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(sent - 1, 10)))


def _hash(salt: bytes, code: str) -> bytes:
    return hashlib.sha256(salt + code.encode()).digest()
