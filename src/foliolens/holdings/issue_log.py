"""Collect errors or warnings without drowning in them.

A file of 200,000 rows may break the same rule 200,000 times; a person reads the first ones and the
count. Everything is counted, a bounded number is listed per code, and one line says how many more.
"""

from collections.abc import Iterable, Sequence
from itertools import islice

from foliolens.holdings.models import Issue, IssueCode

__all__ = ["LISTED_ERRORS", "LISTED_WARNINGS", "IssueLog"]

LISTED_ERRORS = 1_000
LISTED_WARNINGS = 20


class IssueLog:
    """Errors, or warnings, in the making.

    Attributes:
        rows: Indexes of the rows something was said about, listed or not; empty unless these are kept.
    """

    def __init__(self, listed_per_code: int, *, keep_rows: bool) -> None:
        """Start empty, listing at most `listed_per_code` issues of one code."""
        self._keep_rows = keep_rows
        self._limit = listed_per_code
        self._issues: list[Issue] = []
        self._counts: dict[IssueCode, int] = {}
        self.rows: set[int] = set()

    def add(
        self,
        code: IssueCode,
        message: str,
        *,
        row: int | None = None,
        field: str | None = None,
        value: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        """Record one issue; past the limit of its code it is only counted."""
        seen = self._counts.get(code, 0)
        self._counts[code] = seen + 1
        if row is not None and self._keep_rows:
            self.rows.add(row)
        if seen < self._limit or row is None:
            self._issues.append(Issue(code, message, field, row, value, suggestion))

    def add_each(self, code: IssueCode, rows: Sequence[int], issues: Iterable[Issue]) -> None:
        """Record one issue for each of many rows; only those that are listed are drawn from `issues`.

        Args:
            code: Their code.
            rows: Indexes of the rows, in order.
            issues: The issues, one for each row.
        """
        seen = self._counts.get(code, 0)
        self._issues += islice(issues, max(self._limit - seen, 0))
        if rows:
            self._counts[code] = seen + len(rows)
        if self._keep_rows:
            self.rows.update(rows)

    def __bool__(self) -> bool:
        """Whether anything was recorded."""
        return bool(self._issues)

    def issues(self) -> tuple[Issue, ...]:
        """What was recorded: in row order, then the whole portfolio's, then what was left off."""
        ordered = sorted(self._issues, key=lambda issue: (issue.row is None, issue.row or 0))
        listed: dict[IssueCode, int] = {}
        for issue in ordered:
            listed[issue.code] = listed.get(issue.code, 0) + 1
        for code, count in self._counts.items():
            if count > listed[code]:
                more = count - listed[code]
                ordered.append(Issue(code, f"and {more:,} more of the same, not listed"))
        return tuple(ordered)
