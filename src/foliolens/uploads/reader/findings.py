"""Errors of the reader in the making: counted in full, listed up to a limit."""

from foliolens.holdings.holding_checks import shown
from foliolens.holdings.issue_log import LISTED_ERRORS
from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader.layout import Table
from foliolens.uploads.reader.models import RowIssue

__all__ = ["Findings"]


class Findings:
    """What the reader found wrong with the cells of a table.

    Attributes:
        faulty: `(row, field)` of the values that could not be read.
    """

    def __init__(self, table: Table) -> None:
        """Start with nothing found in `table`."""
        self._table = table
        self._issues: list[RowIssue] = []
        self._counts: dict[IssueCode, int] = {}
        self.faulty: set[tuple[int, str]] = set()

    def add(self, code: IssueCode, message: str, row: int, field: str, suggestion: str | None = None) -> None:
        """Record that a cell of a row cannot be read; nothing else is said about it later."""
        self.faulty.add((row, field))
        seen = self._counts.get(code, 0)
        self._counts[code] = seen + 1
        if seen < LISTED_ERRORS:
            header = self._table.header
            self._issues.append(
                RowIssue(
                    code,
                    message,
                    self._table.lines[row],
                    header.heading(field),
                    shown(self.cell(row, field)),
                    suggestion,
                    field,
                )
            )

    def cell(self, row: int, field: str) -> str | None:
        """Return a row's cell as in the file."""
        place = self._table.header.columns.get(field)
        return None if place is None else self._table.rows[row][place]

    def issues(self) -> list[RowIssue]:
        """Return what was found, and how much more there was."""
        more = [
            RowIssue(code, f"and {count - LISTED_ERRORS:,} more of the same, not listed")
            for code, count in self._counts.items()
            if count > LISTED_ERRORS
        ]
        return [*self._issues, *more]
