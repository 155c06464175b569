"""Uploads in PostgreSQL. Every statement names the user, and row-level security names it again."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from foliolens.kit.database import Transaction
from foliolens.uploads.models import Ending, Upload, UploadMode, UploadStatus

__all__ = [
    "already_imported",
    "begin_processing",
    "close_waiting",
    "detach",
    "finish",
    "insert_upload",
    "lock_upload",
    "mark_undone",
    "overdue_uploads",
    "read_rejected",
    "read_upload",
]

_COLUMNS: LiteralString = (
    "id, user_id, portfolio_id, creates_portfolio, portfolio_name, filename, size, content_type, mode,"
    " mapping, validate_only, override_rules, declared_total, status, progress, sha256, outcome, snapshot,"
    " written_version, created_at, expires_at, completed_at"
)


def insert_upload(
    transaction: Transaction,
    *,
    upload_id: UUID,
    user_id: UUID,
    portfolio_id: UUID | None,
    portfolio_name: str | None,
    filename: str,
    size: int,
    content_type: str,
    mode: UploadMode,
    mapping: Mapping[str, str],
    validate_only: bool,
    override_rules: bool,
    declared_total: Decimal | None,
    created_at: datetime,
    expires_at: datetime,
) -> None:
    """Store a new upload, awaiting its file; without `portfolio_id` it will create a portfolio."""
    transaction.execute(
        "INSERT INTO uploads (id, user_id, portfolio_id, creates_portfolio, portfolio_name, filename, size,"
        " content_type, mode, mapping, validate_only, override_rules, declared_total, created_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            upload_id,
            user_id,
            portfolio_id,
            portfolio_id is None,
            portfolio_name,
            filename,
            size,
            content_type,
            mode,
            Jsonb(dict(mapping)),
            validate_only,
            override_rules,
            declared_total,
            created_at,
            expires_at,
        ),
    )


def read_upload(transaction: Transaction, user_id: UUID, upload_id: UUID) -> Upload | None:
    """One upload; None when the user has no such upload."""
    return _one(
        transaction.execute(
            f"SELECT {_COLUMNS} FROM uploads WHERE id = %s AND user_id = %s",  # noqa: S608 - our own constant
            (upload_id, user_id),
        ).fetchone()
    )


def lock_upload(transaction: Transaction, user_id: UUID, upload_id: UUID) -> Upload | None:
    """Like `read_upload`, holding the row until the transaction ends."""
    return _one(
        transaction.execute(
            f"SELECT {_COLUMNS} FROM uploads WHERE id = %s AND user_id = %s FOR UPDATE",  # noqa: S608
            (upload_id, user_id),
        ).fetchone()
    )


def begin_processing(transaction: Transaction, upload: Upload) -> None:
    """Show that a worker has the file."""
    transaction.execute(
        "UPDATE uploads SET status = 'PROCESSING', progress = 50 WHERE id = %s AND user_id = %s",
        (upload.id, upload.user_id),
    )


def finish(
    transaction: Transaction, upload: Upload, ending: Ending, *, now: datetime, sha256: str | None = None
) -> None:
    """Store how an upload ended."""
    transaction.execute(
        "UPDATE uploads SET status = %s, progress = 100, outcome = %s, completed_at = %s, sha256 = %s,"
        " rejected_csv = %s, portfolio_id = coalesce(%s, portfolio_id), snapshot = %s, written_version = %s"
        " WHERE id = %s AND user_id = %s",
        (
            ending.status,
            Jsonb(dict(ending.outcome)),
            now,
            sha256,
            ending.rejected_csv,
            ending.portfolio_id,
            Jsonb(dict(ending.snapshot)) if ending.snapshot is not None else None,
            ending.written_version,
            upload.id,
            upload.user_id,
        ),
    )


def mark_undone(transaction: Transaction, upload: Upload) -> None:
    """Record that the portfolio was put back."""
    transaction.execute(
        "UPDATE uploads SET status = 'UNDONE', snapshot = NULL WHERE id = %s AND user_id = %s",
        (upload.id, upload.user_id),
    )


def detach(transaction: Transaction, upload: Upload) -> None:
    """Let the record of an upload outlive the portfolio it created."""
    transaction.execute(
        "UPDATE uploads SET portfolio_id = NULL WHERE id = %s AND user_id = %s", (upload.id, upload.user_id)
    )


def already_imported(transaction: Transaction, upload: Upload, sha256: str) -> UUID | None:
    """The portfolio that holds these very bytes already, by an earlier upload still in effect.

    For an upload into a portfolio: merged or loaded there since the last time it was replaced. For an
    upload that creates one: a portfolio of the user that such an upload created. Of two workers that ask
    about the same bytes at once, the second waits for the first one's transaction.
    """
    transaction.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{upload.user_id} {sha256}",)
    )
    row = transaction.execute(
        "SELECT portfolio_id FROM uploads AS earlier"
        " WHERE user_id = %(user)s AND sha256 = %(sha256)s AND status = 'COMPLETED'"
        " AND portfolio_id IS NOT NULL AND written_version IS NOT NULL AND creates_portfolio >= %(creates)s"
        " AND (%(creates)s OR portfolio_id = %(portfolio)s AND NOT EXISTS ("
        "   SELECT FROM uploads AS later WHERE later.user_id = %(user)s"
        "   AND later.portfolio_id = %(portfolio)s AND later.status = 'COMPLETED'"
        "   AND later.mode = 'replace' AND later.written_version > earlier.written_version))"
        " ORDER BY completed_at DESC LIMIT 1",
        {
            "user": upload.user_id,
            "sha256": sha256,
            "creates": upload.creates_portfolio,
            "portfolio": upload.portfolio_id,
        },
    ).fetchone()
    return row["portfolio_id"] if row else None


def read_rejected(transaction: Transaction, user_id: UUID, upload_id: UUID) -> bytes | None:
    """The rejected rows as CSV; None when there are none."""
    row = transaction.execute(
        "SELECT rejected_csv FROM uploads WHERE id = %s AND user_id = %s", (upload_id, user_id)
    ).fetchone()
    return row["rejected_csv"] if row else None


def overdue_uploads(transaction: Transaction, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """User and id of uploads whose file was due before a moment; across users, for retention."""
    rows = transaction.execute(
        "SELECT user_id, id FROM uploads WHERE status = 'AWAITING_UPLOAD' AND expires_at < %s"
        " ORDER BY expires_at LIMIT %s",
        (before, limit),
    ).fetchall()
    return [(row["user_id"], row["id"]) for row in rows]


def close_waiting(transaction: Transaction, upload_ids: list[UUID], status: UploadStatus) -> int:
    """End the waiting for files, which came or never will; across users, for retention."""
    return transaction.execute(
        "UPDATE uploads SET status = %s WHERE id = ANY(%s) AND status = 'AWAITING_UPLOAD'",
        (status, upload_ids),
    ).rowcount


def _one(row: dict[str, Any] | None) -> Upload | None:
    return Upload(**{name: row[name] for name in Upload.__struct_fields__}) if row else None
