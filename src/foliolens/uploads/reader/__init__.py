"""The CSV reader: a broker's file in, validated holdings or every error out."""

from foliolens.uploads.reader.models import (
    MAX_BYTES,
    ColumnReading,
    Reading,
    ReadOptions,
    RejectedRow,
    RowCounts,
    RowIssue,
)
from foliolens.uploads.reader.reader import read
from foliolens.uploads.reader.rejected import neutralised, rejected_csv

__all__ = [
    "MAX_BYTES",
    "ColumnReading",
    "ReadOptions",
    "Reading",
    "RejectedRow",
    "RowCounts",
    "RowIssue",
    "neutralised",
    "read",
    "rejected_csv",
]
