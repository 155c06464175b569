"""What the steps of one validation share: its rules, its findings, and what must not be used."""

from collections.abc import Iterable

from msgspec import Struct, field

from foliolens.holdings.issue_log import LISTED_ERRORS, LISTED_WARNINGS, IssueLog
from foliolens.holdings.rules import Rules

__all__ = ["Inspection"]


class Inspection(Struct, frozen=True):
    """One validation in progress.

    Attributes:
        rules: What is enforced, and how strictly.
        faulty: `(row, field)` of values that are known to be wrong or unreadable, by the
            contract's name of the field. Nothing more is said about them.
        errors: The errors so far.
        warnings: The warnings so far.
    """

    rules: Rules
    faulty: set[tuple[int, str]]
    errors: IssueLog = field(default_factory=lambda: IssueLog(LISTED_ERRORS, keep_rows=True))
    warnings: IssueLog = field(default_factory=lambda: IssueLog(LISTED_WARNINGS, keep_rows=False))

    @property
    def breaches(self) -> IssueLog:
        """Where breaches of the rules that the owner may override belong."""
        return self.warnings if self.rules.override_business_rules else self.errors

    def usable(self, row: int, fields: Iterable[str]) -> bool:
        """Whether none of these values of the row is known to be wrong."""
        return not self.faulty or not any((row, name) in self.faulty for name in fields)
