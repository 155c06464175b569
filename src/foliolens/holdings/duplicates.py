"""Rows with one symbol: refused, or added up when the caller asks for a sum."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from msgspec import Struct

from foliolens.holdings.apportionment import from_hundredths
from foliolens.holdings.draft_columns import DraftColumns
from foliolens.holdings.holding_checks import EXACT
from foliolens.holdings.inspection import Inspection
from foliolens.holdings.models import HoldingDraft, IssueCode

__all__ = ["Positions", "sum_duplicates"]

_FIRST_STATED = (
    "name",
    "type",
    "category",
    "sector",
    "region",
    "price",
    "expense_ratio",
    "dividend_yield",
    "risk_rating",
)


class Positions(Struct, frozen=True):
    """One position for each symbol, as columns of equal length.

    Attributes:
        rows: Index of the first row of each.
        drafts: What its rows say together.
        cents: Sum of their amounts; None where one is not known.
        weights: Sum of their weights in the portfolio.
    """

    rows: Sequence[int]
    drafts: DraftColumns
    cents: Sequence[int | None]
    weights: Sequence[int]


def sum_duplicates(
    drafts: DraftColumns,
    cents: Sequence[int | None],
    weights: Sequence[int],
    inspection: Inspection,
) -> Positions:
    """Return one position for each symbol, in order of first appearance; where that is refused, for each row.

    Amounts and shares are added, the average price is weighted by shares, and of everything else
    the first stated value wins; two different types are an error.

    Args:
        drafts: Holdings with valid symbols in upper case, or symbols known to be faulty.
        cents: Their amounts.
        weights: Their weights; empty where none could be found.
        inspection: Its rules say whether duplicates are added up, with a warning, or each is an error.
    """
    weights = weights or [0] * len(drafts)
    if len(set(drafts.symbol)) == len(drafts):
        return Positions(range(len(drafts)), drafts, cents, weights)
    groups: dict[str, list[int]] = {}
    for row, symbol in enumerate(drafts.symbol):
        group = groups.setdefault(symbol, [])
        if group and inspection.usable(row, ("symbol",)):
            _report(symbol, row, inspection)
        group.append(row)
    if not inspection.rules.sum_duplicates:
        return Positions(range(len(drafts)), drafts, cents, weights)
    totals = [_total([cents[row] for row in rows]) for rows in groups.values()]
    return Positions(
        [rows[0] for rows in groups.values()],
        DraftColumns.of(
            [
                _together([drafts[row] for row in rows], rows, total, inspection)
                for rows, total in zip(groups.values(), totals, strict=True)
            ]
        ),
        totals,
        [sum(weights[row] for row in rows) for rows in groups.values()],
    )


def _total(cents: Sequence[int | None]) -> int | None:
    """Return the sum; None where one is not known."""
    known = [part for part in cents if part is not None]
    return sum(known) if len(known) == len(cents) else None


def _report(symbol: str, row: int, inspection: Inspection) -> None:
    """Say that a symbol was met again."""
    summed = inspection.rules.sum_duplicates
    log = inspection.warnings if summed else inspection.errors
    log.add(
        IssueCode.DUPLICATE_SYMBOL,
        f"{symbol} was added to the earlier row." if summed else f"{symbol} appears more than once.",
        row=row,
        field="symbol",
        value=symbol,
        suggestion=None
        if summed
        else "Keep one row for each symbol, or import with mode merge, which adds them up.",
    )


def _together(
    same: Sequence[HoldingDraft], rows: Sequence[int], total: int | None, inspection: Inspection
) -> HoldingDraft:
    """Return what the rows of one symbol say together; `total` is their amount in cents."""
    if len(same) == 1:
        return same[0]
    types = {draft.type for draft in same if draft.type is not None}
    if len(types) > 1:
        inspection.errors.add(
            IssueCode.INCONSISTENT_ROW,
            f"{same[0].symbol} has more than one asset type: {', '.join(sorted(types))}.",
            row=rows[-1],
            field="type",
            value=same[0].symbol,
            suggestion="Give all its rows the same type.",
        )
    shares = _sum(draft.shares for draft in same)
    changes: dict[str, object] = {
        name: next((value for draft in same if (value := getattr(draft, name)) is not None), None)
        for name in _FIRST_STATED
    }
    changes["amount"] = None if total is None else from_hundredths(total)
    changes["shares"] = shares
    changes["avg_price"] = _mean_price(same, shares)
    changes["allocation"] = _sum(draft.allocation for draft in same)
    return same[0]._replace(**changes)  # type: ignore[arg-type]  # the names are the draft's own


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum, None where one of the values is not stated."""
    total = Decimal(0)
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _mean_price(same: Sequence[HoldingDraft], shares: Decimal | None) -> Decimal | None:
    """Return the purchase price of one share over all rows, at six decimals."""
    if not shares or any(draft.avg_price is None for draft in same):
        return None
    cost = _sum(
        EXACT.multiply(d.shares, d.avg_price)
        for d in same
        if d.shares is not None and d.avg_price is not None
    )
    return EXACT.divide(cost or Decimal(0), shares).quantize(Decimal("0.000001"), ROUND_HALF_EVEN, EXACT)
