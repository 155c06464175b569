"""The rows of the user: profile, preferences, and everything that goes when the account goes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import sql
from psycopg.types.json import Jsonb

from foliolens.kit.database import Transaction
from foliolens.ports.identity import IdentityUser

__all__ = [
    "Removed",
    "create",
    "find",
    "remove",
    "revoke_sessions",
    "save_preferences",
    "save_profile",
    "upload_ids",
]

_COLUMNS = sql.SQL(
    "id, email, first_name, last_name, user_type, investment_experience, risk_tolerance, marketing_consent,"
    " preferences, created_at, updated_at"
)


class Removed(Struct, frozen=True):
    """What went with a user: the uploads, and how many rows of other kinds."""

    upload_ids: frozenset[UUID]
    portfolios: int
    holdings: int
    shares: int
    jobs: int


def create(transaction: Transaction, user: IdentityUser) -> None:
    """Create the user's row from the identity provider's account, unless it is there."""
    stated = user.attributes
    transaction.execute(
        "INSERT INTO users (id, email, first_name, last_name, user_type, investment_experience,"
        " risk_tolerance, marketing_consent, sessions_revoked_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING",
        (
            user.id,
            user.email,
            stated.first_name,
            stated.last_name,
            stated.user_type,
            stated.investment_experience,
            stated.risk_tolerance,
            stated.marketing_consent,
            user.sessions_revoked_at,
        ),
    )


def find(transaction: Transaction, user_id: UUID, *, lock: bool = False) -> dict[str, Any] | None:
    """The user's row.

    Args:
        transaction: The user's own, or a system one.
        user_id: Whose.
        lock: Keep others from changing it until the transaction ends.
    """
    query = sql.SQL("SELECT {} FROM users WHERE id = %s{}").format(
        _COLUMNS, sql.SQL(" FOR NO KEY UPDATE" if lock else "")
    )
    return transaction.execute(query, (user_id,)).fetchone()


def save_profile(
    transaction: Transaction, user_id: UUID, changes: Mapping[str, object], now: datetime
) -> None:
    """Store the changed columns of a profile."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )
    transaction.execute(
        sql.SQL("UPDATE users SET {}, updated_at = %(now)s WHERE id = %(user_id)s").format(assignments),
        {**changes, "now": now, "user_id": user_id},
    )


def save_preferences(
    transaction: Transaction, user_id: UUID, preferences: Mapping[str, object], now: datetime
) -> None:
    """Store the whole document of preferences."""
    transaction.execute(
        "UPDATE users SET preferences = %s, updated_at = %s WHERE id = %s",
        (Jsonb(dict(preferences)), now, user_id),
    )


def revoke_sessions(transaction: Transaction, user_id: UUID, at: datetime) -> None:
    """Void every access token issued until then."""
    transaction.execute(
        "UPDATE users SET sessions_revoked_at = greatest(sessions_revoked_at, %s) WHERE id = %s",
        (at, user_id),
    )


def upload_ids(transaction: Transaction, user_id: UUID) -> set[UUID]:
    """The user's uploads, whose files lie in the object store."""
    rows = transaction.execute("SELECT id FROM uploads WHERE user_id = %s", (user_id,)).fetchall()
    return {row["id"] for row in rows}


def remove(transaction: Transaction, user_id: UUID, email: str) -> Removed:
    """Delete every row that belongs to or mentions the user. Needs a system transaction.

    Args:
        transaction: Across users.
        user_id: Who goes.
        email: May stand in a stored answer.
    """
    counts = {
        table: _delete_of(transaction, table, user_id) for table in ("shares", "holdings", "portfolios")
    }
    uploads = transaction.execute(
        "DELETE FROM uploads WHERE user_id = %s RETURNING id", (user_id,)
    ).fetchall()
    upload_ids = frozenset(row["id"] for row in uploads)
    transaction.execute("DELETE FROM users WHERE id = %s", (user_id,))
    # Jobs and stored answers name their user, or one of the user's uploads, somewhere in their text.
    mentions = [f"%{identifier}%" for identifier in (user_id, *upload_ids)]
    jobs = sum(
        transaction.execute(
            sql.SQL("DELETE FROM {} WHERE payload::text LIKE ANY(%s)").format(sql.Identifier(table)),
            (mentions,),
        ).rowcount
        for table in ("jobs", "dead_jobs")
    )
    transaction.execute(
        "DELETE FROM idempotency_keys WHERE scope LIKE ANY(%(mentions)s)"
        " OR response::text LIKE ANY(%(mentions)s) OR strpos(response::text, %(email)s) > 0",
        {"mentions": mentions, "email": email},
    )
    return Removed(upload_ids=upload_ids, jobs=jobs, **counts)


def _delete_of(transaction: Transaction, table: str, user_id: UUID) -> int:
    statement = sql.SQL("DELETE FROM {} WHERE user_id = %s").format(sql.Identifier(table))
    return transaction.execute(statement, (user_id,)).rowcount
