"""Columns without which a table cannot be read."""

import re
from collections.abc import Mapping

from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader.aliases import field_of_header, normalised
from foliolens.uploads.reader.header import Header
from foliolens.uploads.reader.layout import Table
from foliolens.uploads.reader.models import RowIssue
from foliolens.uploads.reader.numbers import scan
from foliolens.uploads.reader.words import plain_symbol

__all__ = ["missing_columns"]

_TICKER = re.compile(r"[A-Z][A-Z0-9.-]{0,19}").fullmatch


def missing_columns(table: Table, mapping: Mapping[str, str]) -> list[RowIssue]:
    """Return an error for each column without which nothing can be read, or that is contested.

    Args:
        table: The table.
        mapping: The request's columns, keyed as headers are compared, or `#3`.
    """
    header = table.header
    if _is_data(header, mapping):
        return [
            RowIssue(
                IssueCode.MISSING_COLUMN,
                "There is no header row: this line is data.",
                header.line,
                value=", ".join(cell.strip() for cell in header.cells)[:100],
                suggestion="Add one above it, for example: Symbol, Name, Dollar Amount.",
            )
        ]
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


def _is_data(header: Header, mapping: Mapping[str, str]) -> bool:
    """Whether the row taken for the header is data: a ticker and a number, and no name of a column."""
    named = any(field_of_header(cell) or normalised(cell) in mapping for cell in header.cells if cell.strip())
    tickers = any(_TICKER(plain_symbol(cell)) and cell.isupper() for cell in header.cells)
    return not named and tickers and any(scan(cell) for cell in header.cells)


def _missing_column(field: str, message: str, line: int, named: str) -> RowIssue:
    return RowIssue(
        IssueCode.MISSING_COLUMN,
        f"{message}; the columns are: {named[:500]}.",
        line,
        suggestion=f'Say which in the mapping, for example {{"#2": "{field}"}}.',
        field=field,
    )
