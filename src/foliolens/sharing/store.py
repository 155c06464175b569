"""Links in PostgreSQL. What owners do names the owner; opening a link names only the hash of its token."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from foliolens.kit.database import Transaction
from foliolens.sharing.models import Permission, Share, ShareWithViews

__all__ = ["count_live", "delete_expired", "delete_share", "insert_share", "open_share", "read_shares"]

_SLOTS = 32
"""Rows that the views of one link are spread over, by database connection."""


def insert_share(transaction: Transaction, share: Share, token_hash: bytes) -> None:
    """Store a new link."""
    transaction.execute(
        "INSERT INTO shares (id, user_id, portfolio_id, token_hash, permissions, show_amounts, created_at,"
        " expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            share.id,
            share.user_id,
            share.portfolio_id,
            token_hash,
            list(share.permissions),
            share.show_amounts,
            share.created_at,
            share.expires_at,
        ),
    )


def count_live(transaction: Transaction, user_id: UUID, portfolio_id: UUID, now: datetime) -> int:
    """How many links to the portfolio work."""
    row = transaction.execute(
        "SELECT count(*) AS total FROM shares WHERE portfolio_id = %s AND user_id = %s AND expires_at > %s",
        (portfolio_id, user_id, now),
    ).fetchone()
    return int(row["total"]) if row else 0


def read_shares(
    transaction: Transaction, user_id: UUID, portfolio_id: UUID, now: datetime
) -> list[ShareWithViews]:
    """The links to the portfolio that work, oldest first."""
    rows = transaction.execute(
        "SELECT shares.id, user_id, portfolio_id, permissions, show_amounts, created_at, expires_at,"
        " coalesce(sum(views), 0)::bigint AS view_count, max(last_viewed_at) AS last_viewed_at"
        " FROM shares LEFT JOIN share_views ON share_id = shares.id"
        " WHERE portfolio_id = %s AND user_id = %s AND expires_at > %s"
        " GROUP BY shares.id ORDER BY created_at, shares.id",
        (portfolio_id, user_id, now),
    ).fetchall()
    return [_with_views(row) for row in rows]


def delete_share(
    transaction: Transaction, user_id: UUID, portfolio_id: UUID, share_id: UUID
) -> ShareWithViews | None:
    """Remove a link of the portfolio; what it was, or None when there is none."""
    row = transaction.execute(
        "WITH gone AS (DELETE FROM shares WHERE id = %s AND portfolio_id = %s AND user_id = %s RETURNING *)"
        " SELECT gone.id, user_id, portfolio_id, permissions, show_amounts, created_at, expires_at,"
        " coalesce(sum(views), 0)::bigint AS view_count, max(last_viewed_at) AS last_viewed_at"
        " FROM gone LEFT JOIN share_views ON share_id = gone.id"
        " GROUP BY gone.id, user_id, portfolio_id, permissions, show_amounts, created_at, expires_at",
        (share_id, portfolio_id, user_id),
    ).fetchone()
    return _with_views(row) if row else None


def open_share(
    transaction: Transaction, token_hash: bytes, permission: Permission, *, views: int, now: datetime
) -> Share | None:
    """The link with this token's hash, if it works; needs a system transaction.

    One statement looks the hash up and counts, so that all tokens cost the same that lead nowhere. A crash
    may lose the last counts, which harms nobody, so the commit does not wait for the disk.

    Args:
        transaction: Across users, since a link says nothing about whose it is.
        token_hash: Of whatever was offered as a token.
        permission: What the link is used for; a link without it is returned, and not counted.
        views: How many views this counts as.
        now: Until when a link may have expired.
    """
    row = transaction.execute(
        "WITH found AS ("
        " SELECT id, user_id, portfolio_id, permissions, show_amounts, created_at, expires_at FROM shares"
        " WHERE token_hash = %(token_hash)s AND expires_at > %(now)s"
        "), relaxed AS (SELECT set_config('synchronous_commit', 'off', true)"
        "), counted AS ("
        " INSERT INTO share_views (share_id, slot, views, last_viewed_at)"
        " SELECT id, pg_backend_pid() %% %(slots)s, %(views)s, %(now)s FROM found, relaxed"
        " WHERE %(permission)s = ANY (permissions)"
        " ON CONFLICT (share_id, slot) DO UPDATE SET views = share_views.views + excluded.views,"
        " last_viewed_at = greatest(share_views.last_viewed_at, excluded.last_viewed_at)"
        ") SELECT * FROM found",
        {
            "token_hash": token_hash,
            "permission": permission,
            "views": views,
            "now": now,
            "slots": _SLOTS,
        },
    ).fetchone()
    return _share(row) if row else None


def delete_expired(transaction: Transaction, now: datetime) -> int:
    """Remove the links that stopped working; needs a system transaction. Returns how many."""
    return transaction.execute("DELETE FROM shares WHERE expires_at <= %s", (now,)).rowcount


def _with_views(row: Mapping[str, Any]) -> ShareWithViews:
    return ShareWithViews(_share(row), row["view_count"], row["last_viewed_at"])


def _share(row: Mapping[str, Any]) -> Share:
    return Share(
        id=row["id"],
        user_id=row["user_id"],
        portfolio_id=row["portfolio_id"],
        permissions=tuple(row["permissions"]),
        show_amounts=row["show_amounts"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )
