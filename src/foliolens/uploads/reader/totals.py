"""Hold the stated totals of a file against its rows."""

from decimal import Decimal

from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader.columns import NumberColumn
from foliolens.uploads.reader.layout import Table
from foliolens.uploads.reader.models import RowIssue

__all__ = ["check_totals"]

_HALF_CENT = Decimal("0.005")


def check_totals(table: Table, amounts: NumberColumn | None) -> list[RowIssue]:
    """Return an error for each total row that neither the rows since the last total nor all rows sum to.

    The amounts' column holds the totals' cells behind those of the rows. Every amount, and the
    total itself, may be off by its rounding.
    """
    if amounts is None:
        return []
    values, issues, since = amounts.values[: len(table.rows)], [], 0
    stated = amounts.values[len(table.rows) :]
    for (before, line, cells), total in zip(table.totals, stated, strict=True):
        block, every = values[since:before], values[:before]
        since = before
        if total is None or not every or None in every:
            continue
        sums = [_sum(block), _sum(every)]
        tolerance = _HALF_CENT * (len(every) + 1) + _rounding(total)
        if all(abs(found - total) > tolerance for found in sums):
            issues.append(
                RowIssue(
                    IssueCode.INVALID_DOLLAR_CONSISTENCY,
                    f"The rows above sum to {sums[-1]:,.2f}, the file states a total of {total:,.2f}.",
                    line,
                    table.header.heading("dollarAmount"),
                    cells[table.header.columns["dollarAmount"]].strip()[:100],
                    "Correct the amount that is wrong, or remove the row with the total.",
                    "dollarAmount",
                )
            )
    return issues


def _sum(values: list[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))


def _rounding(total: Decimal) -> Decimal:
    """Return half a unit of the last decimal written."""
    return Decimal(5).scaleb(min(int(total.as_tuple().exponent), 0) - 1)
