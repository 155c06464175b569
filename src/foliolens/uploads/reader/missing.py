"""Columns without which a table cannot be read."""

from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader.layout import Table
from foliolens.uploads.reader.models import RowIssue

__all__ = ["missing_columns"]


def missing_columns(table: Table) -> list[RowIssue]:
    """Return an error for each column without which nothing can be read, or that is contested."""
    header = table.header
    named = ", ".join(cell.strip() for cell in header.cells[:30] if cell.strip())
    issues = []
    if header.is_transactions:
        issues.append(
            RowIssue(
                IssueCode.MISSING_COLUMN,
                "The file lists transactions, not positions.",
                header.line,
                suggestion="Export the positions or holdings of the account.",
            )
        )
    if not header.columns.keys() & {"symbol", "isin"}:
        issues.append(_missing_column("symbol", "No column holds the symbols", header.line, named))
    if not header.columns.keys() & {"dollarAmount", "allocationPercentage", "shares"}:
        issues.append(
            _missing_column(
                "dollarAmount", "No column holds amounts, allocations or shares", header.line, named
            )
        )
    for field, places in header.contested.items():
        if any(len({row[place].strip() for place in places}) > 1 for row in table.rows):
            columns = " and ".join(f"#{place + 1}" for place in places)
            issues.append(
                RowIssue(
                    IssueCode.MISSING_COLUMN,
                    f"Columns {columns} both look like the {field}, and differ.",
                    header.line,
                    header.heading(field),
                    suggestion=f'Say which in the mapping: {{"#{places[0] + 1}": "{field}"}}.',
                    field=field,
                )
            )
    return issues


def _missing_column(field: str, message: str, line: int, named: str) -> RowIssue:
    return RowIssue(
        IssueCode.MISSING_COLUMN,
        f"{message}; the columns are: {named[:500]}.",
        line,
        suggestion=f'Say which in the mapping, for example {{"#2": "{field}"}}.',
        field=field,
    )
