"""The rejected rows as a file that can be mended and sent again."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from foliolens.uploads.reader.models import RejectedRow, RowIssue

__all__ = ["neutralised", "rejected_csv"]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# A signed number is what it says; a spreadsheet computes nothing from it.
_PLAIN_NUMBER = re.compile(r"[+-][$€£]?[0-9][0-9.,]*%?").fullmatch


def neutralised(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: a suspicious one gets an apostrophe first.

    Cells that start with `=`, `+`, `-`, `@`, a tab or a line end are suspicious, also after spaces;
    plain negative numbers such as -12.5 are not.
    """
    start = cell.lstrip(" \u00a0")
    if start.startswith(_FORMULA_STARTS) and not _PLAIN_NUMBER(start.strip()):
        return f"'{cell}"
    return cell


def rejected_csv(header: Sequence[str], rejected: Iterable[RejectedRow], errors: Iterable[RowIssue]) -> bytes:
    """Write the rejected rows with their line and what is wrong with them.

    Args:
        header: The file's own header.
        rejected: The rows as they were read.
        errors: All errors; several of one row are joined, those of the whole file come last.

    Returns:
        UTF-8 with a byte order mark (Excel needs it), the original columns first, then `line`,
        `code` and `message`; formulas neutralised.
    """
    by_line: dict[int | None, list[RowIssue]] = {}
    for issue in errors:
        by_line.setdefault(issue.line, []).append(issue)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    width = len(header)
    writer.writerow([*map(neutralised, header), "line", "code", "message"])
    for row in rejected:
        issues = by_line.pop(row.line, [])
        cells = [*row.cells, *[""] * (width - len(row.cells))][:width]
        writer.writerow([*map(neutralised, cells), row.line, *_told(issues)])
    for line, issues in by_line.items():
        writer.writerow([*[""] * width, "" if line is None else line, *_told(issues)])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8", errors="replace")


def _told(issues: Sequence[RowIssue]) -> tuple[str, str]:
    """Return the codes and the messages of one row."""
    codes = "; ".join(dict.fromkeys(issue.code.value for issue in issues))
    messages = "; ".join(
        f"{issue.column}: {issue.message}" if issue.column else issue.message for issue in issues
    )
    return codes, neutralised(messages)
