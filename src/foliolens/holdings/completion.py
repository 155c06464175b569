"""Complete holdings from the reference table; what the user states always wins."""

from collections.abc import Sequence
from decimal import Decimal

from foliolens.holdings.apportionment import HUNDREDTH, from_hundredths
from foliolens.holdings.duplicates import Positions
from foliolens.holdings.holding_checks import shown
from foliolens.holdings.inspection import Inspection
from foliolens.holdings.models import Holding, HoldingDraft, IssueCode
from foliolens.reference.classification import Classification, classify
from foliolens.reference.taxonomy import AssetType, Sector

__all__ = ["complete_holdings"]

_FUNDS = frozenset({AssetType.ETF, AssetType.MUTUAL_FUND})


def complete_holdings(positions: Positions, shares: Sequence[int], inspection: Inspection) -> list[Holding]:
    """Return the holdings of a portfolio, completed.

    Args:
        positions: What is stated of each.
        shares: Allocation of each, in hundredths of a percent.
        inspection: Receives symbols that stay unknown, and expense ratios of what is no fund.
    """
    holdings = []
    # Many holdings of a large portfolio have the same few allocations.
    percents = {share: from_hundredths(share) for share in set(shares)}
    for row, draft, cents, share in zip(
        positions.rows, positions.drafts, positions.cents, shares, strict=True
    ):
        found = classify(draft.symbol, draft.name, draft.type, draft.category, draft.sector, draft.region)
        kind = found.type or AssetType.STOCK
        if not found.known and (
            found.type is None or found.category is None or found.sector is Sector.UNKNOWN
        ):
            _warn_unknown(draft.symbol, row, found, inspection)
        amount = draft.amount
        if amount is None or cents is None or not amount.same_quantum(HUNDREDTH) or amount * 100 != cents:
            amount = from_hundredths(cents or 0)
        expense = draft.expense_ratio
        if expense is not None or found.expense_ratio is not None:
            expense = _expense_ratio(row, draft, kind, found, inspection)
        holdings.append(
            Holding(
                draft.symbol,
                found.name,
                kind,
                found.category,
                found.sector,
                found.region,
                percents[share],
                amount,
                draft.shares,
                draft.avg_price,
                expense,
                draft.dividend_yield,
                draft.risk_rating,
            )
        )
    return holdings


def _warn_unknown(symbol: str, row: int, found: Classification, inspection: Inspection) -> None:
    """Say that a symbol is not in the reference table and what was made of it."""
    warnings = inspection.warnings
    if not warnings.lists(IssueCode.UNKNOWN_SYMBOL):
        warnings.count(IssueCode.UNKNOWN_SYMBOL, row)
    elif inspection.usable(row, ("symbol",)):
        taken = " It is taken for a stock." if found.type is None else ""
        warnings.add(
            IssueCode.UNKNOWN_SYMBOL,
            f"{symbol} is not in the reference table.{taken}",
            row=row,
            field="symbol",
            value=symbol,
            suggestion="State its type, category and sector.",
        )


def _expense_ratio(
    row: int, draft: HoldingDraft, kind: AssetType, found: Classification, inspection: Inspection
) -> Decimal | None:
    """Return the expense ratio of a fund; report one on what is not a fund, unless it is zero."""
    stated = draft.expense_ratio
    if kind in _FUNDS:
        return found.expense_ratio if stated is None else stated
    if stated and inspection.usable(row, ("expenseRatio",)):
        taken = f"is a {kind}" if draft.type is not None else f"is taken for a {kind}"
        inspection.errors.add(
            IssueCode.INCONSISTENT_ROW,
            f"Only funds have an expense ratio, and {draft.symbol} {taken}.",
            row=row,
            field="expenseRatio",
            value=shown(stated),
            suggestion="State the type etf or mutual_fund, or leave the expense ratio out.",
        )
    return None
