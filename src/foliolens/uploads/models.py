"""The states of an upload and the record of one."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

__all__ = [
    "CSV_TYPES",
    "FINISHED",
    "Ending",
    "Upload",
    "UploadMode",
    "UploadStatus",
    "object_key",
    "parse_object_key",
]

UploadStatus = Literal["AWAITING_UPLOAD", "QUEUED", "PROCESSING", "COMPLETED", "FAILED", "EXPIRED", "UNDONE"]
UploadMode = Literal["replace", "merge"]

FINISHED = frozenset({"COMPLETED", "FAILED", "UNDONE"})

CSV_TYPES = frozenset(
    {
        "text/csv",
        "application/csv",
        "text/plain",
        "text/tab-separated-values",
        "application/vnd.ms-excel",  # what Windows browsers call a .csv
    }
)


class Upload(Struct, frozen=True):
    """One upload as stored; `outcome` is what the worker found, as JSON data."""

    id: UUID
    user_id: UUID
    portfolio_id: UUID | None
    creates_portfolio: bool
    portfolio_name: str | None
    filename: str
    size: int
    content_type: str
    mode: UploadMode
    mapping: Mapping[str, str]
    validate_only: bool
    override_rules: bool
    declared_total: Decimal | None
    status: UploadStatus
    progress: int
    sha256: str | None
    outcome: Mapping[str, Any]
    snapshot: Mapping[str, Any] | None
    written_version: int | None
    created_at: datetime
    expires_at: datetime
    completed_at: datetime | None

    @property
    def faulted(self) -> bool:
        """Whether it failed through a fault of ours, so that it may be tried again."""
        return self.status == "FAILED" and bool(self.outcome.get("fault"))


class Ending(Struct, frozen=True):
    """How the processing of an upload ended, to be stored in one statement.

    Attributes:
        status: `COMPLETED` or `FAILED`.
        outcome: Rows, errors, warnings and preview, with the contract's keys.
        rejected_csv: The rejected rows as a file.
        portfolio_id: The portfolio that holds the file's contents.
        written_version: The portfolio's version this upload made; None where it wrote nothing.
        snapshot: The portfolio before; None where it was created.
    """

    status: UploadStatus
    outcome: Mapping[str, Any]
    rejected_csv: bytes | None = None
    portfolio_id: UUID | None = None
    written_version: int | None = None
    snapshot: Mapping[str, Any] | None = None


def object_key(user_id: UUID, upload_id: UUID) -> str:
    """The key of an upload's file: whose it is can be read from it, and nothing else."""
    return f"uploads/{user_id}/{upload_id}.csv"


def parse_object_key(key: str) -> tuple[UUID, UUID]:
    """The user and the upload of a key.

    Raises:
        ValueError: It is not the key of an upload.
    """
    folder, user_id, name = key.split("/")
    if folder != "uploads" or not name.endswith(".csv"):
        raise ValueError(f"not the key of an upload: {key!r}")
    return UUID(user_id), UUID(name.removesuffix(".csv"))
