"""What goes into the reader and what comes out of it."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct, field

from foliolens.holdings.models import Holding, IssueCode
from foliolens.holdings.rules import Rules

__all__ = [
    "MAX_BYTES",
    "ColumnReading",
    "FileRefused",
    "ReadOptions",
    "Reading",
    "RejectedRow",
    "RowCounts",
    "RowIssue",
]

MAX_BYTES = 10 * 1024 * 1024


class RowIssue(Struct, frozen=True):
    """One error or warning about a file.

    Attributes:
        code: What is wrong, for programs.
        message: What is wrong, for people.
        line: Line of the file where the row starts, from 1; None for the whole file.
        column: The header's text, as in the file.
        value: The cell as it is in the file, cut to about 100 characters.
        suggestion: How to mend it.
        field: The contract's name of the field (`dollarAmount`, ...).
    """

    code: IssueCode
    message: str
    line: int | None = None
    column: str | None = None
    value: str | None = None
    suggestion: str | None = None
    field: str | None = None


class FileRefused(Exception):
    """The file as a whole cannot be read.

    Attributes:
        issue: The reason.
    """

    def __init__(self, issue: RowIssue) -> None:
        """Refuse the file for `issue`."""
        super().__init__(issue.message)
        self.issue = issue


class ReadOptions(Struct, frozen=True):
    """What the request says about its file.

    Attributes:
        mapping: Header text to contract field name, or `ignore`; `#3` is the third column. The key
            `numberFormat` states how all numbers are written, `numberFormat:Header` how those of
            one column are, as one of `1,234.56`, `1.234,56`, `1 234,56`, `1'234.56`.
        declared_total: The portfolio's value where the request states it.
        rules: What validation enforces; a file's tolerances always apply.
        max_bytes: Larger files are refused.
    """

    mapping: Mapping[str, str] | None = None
    declared_total: Decimal | None = None
    rules: Rules = field(default_factory=lambda: Rules(from_file=True))
    max_bytes: int = MAX_BYTES


class RowCounts(Struct, frozen=True):
    """How many rows of the table became what; blank lines and what precedes the header do not count.

    Attributes:
        total: Rows after the header.
        imported: Rows that became a holding of their own; 0 where there is any error.
        skipped: Totals, notes, repeated headers, closed positions, other sections.
        duplicates: Rows whose symbol an earlier row has: added to it, or refused.
        errors: Rows with at least one error.
    """

    total: int = 0
    imported: int = 0
    skipped: int = 0
    duplicates: int = 0
    errors: int = 0


class ColumnReading(Struct, frozen=True):
    """What was made of one column, for the mapping step of the app.

    Attributes:
        header: Its text in the file; may be empty.
        position: Its place, from 1, as in the mapping key `#3`.
        field: The contract's field it was read as; None where it was not used.
        number_format: How its numbers are written; None where nothing in it depends on that.
        samples: Up to five of its cells.
    """

    header: str
    position: int
    field: str | None
    number_format: str | None
    samples: tuple[str, ...]


class RejectedRow(Struct, frozen=True):
    """A row with an error, as it was read: the line it starts on and its cells."""

    line: int
    cells: tuple[str, ...]


class Reading(Struct, frozen=True):
    """The outcome of reading a file: holdings only where there is no error.

    Attributes:
        holdings: Validated holdings in file order.
        total: Sum of their amounts; None where there are errors.
        errors: Every error at once, at most 1,000 of each code, in line order.
        warnings: What is worth knowing but refuses nothing.
        rows: What became of the rows.
        columns: What was made of the columns.
        rejected: The rows that `errors` names.
        encoding: `utf-8`, `utf-16-le`, `utf-16-be` or `cp1252`.
        delimiter: The character between cells.
        header_line: Line of the header, from 1.
        currency: ISO code of the amounts' currency where the file says it.
    """

    holdings: tuple[Holding, ...] = ()
    total: Decimal | None = None
    errors: tuple[RowIssue, ...] = ()
    warnings: tuple[RowIssue, ...] = ()
    rows: RowCounts = RowCounts()
    columns: tuple[ColumnReading, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    header_line: int | None = None
    currency: str | None = None
