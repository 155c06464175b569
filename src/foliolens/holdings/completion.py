"""Complete holdings from the reference table; what the user states always wins."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from foliolens.holdings.apportionment import HUNDREDTH, from_hundredths
from foliolens.holdings.duplicates import Positions
from foliolens.holdings.holding_checks import shown
from foliolens.holdings.inspection import Inspection
from foliolens.holdings.models import Holding, HoldingDraft, Issue, IssueCode
from foliolens.reference.classification import exposure_of
from foliolens.reference.table import ReferenceEntry
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
    unknown: dict[int, tuple[str, bool]] = {}
    # Many holdings of a large portfolio have the same few allocations.
    percents = {share: from_hundredths(share) for share in set(shares)}
    for row, draft, cents, share in zip(
        positions.rows, positions.drafts, positions.cents, shares, strict=True
    ):
        symbol, name, stated, category, sector, region = draft[:6]
        found, category, sector, region, entry = exposure_of(symbol, name, stated, category, sector, region)
        kind = found or AssetType.STOCK
        if entry is None and (found is None or category is None or sector is Sector.UNKNOWN):
            unknown[row] = symbol, found is None
        amount = draft.amount
        if amount is None or not amount.same_quantum(HUNDREDTH):
            amount = from_hundredths(cents or 0)
        expense = draft.expense_ratio
        if expense is not None or entry is not None:
            expense = _expense_ratio(row, draft, kind, entry, inspection)
        holdings.append(
            Holding(
                symbol,
                name or (symbol if entry is None else entry.name),
                kind,
                category,
                sector,
                region,
                percents[share],
                amount,
                draft.shares,
                draft.avg_price,
                expense,
                draft.dividend_yield,
                draft.risk_rating,
            )
        )
    _warn_unknown(unknown, inspection)
    return holdings


def _warn_unknown(unknown: Mapping[int, tuple[str, bool]], inspection: Inspection) -> None:
    """Say which symbols are not in the reference table and what was made of them.

    Args:
        unknown: For each row, its symbol and whether its type is unknown too.
        inspection: Receives the warnings.
    """

    def issue_of(row: int) -> Issue:
        symbol, without_type = unknown[row]
        taken = " It is taken for a stock." if without_type else ""
        return Issue(
            IssueCode.UNKNOWN_SYMBOL,
            f"{symbol} is not in the reference table.{taken}",
            "symbol",
            row,
            symbol,
            "State its type, category and sector.",
        )

    rows = [row for row in unknown if inspection.usable(row, ("symbol",))]
    inspection.warnings.add_each(IssueCode.UNKNOWN_SYMBOL, rows, issue_of)


def _expense_ratio(
    row: int, draft: HoldingDraft, kind: AssetType, entry: ReferenceEntry | None, inspection: Inspection
) -> Decimal | None:
    """Return the expense ratio of a fund; report one on what is not a fund, unless it is zero."""
    stated = draft.expense_ratio
    if kind in _FUNDS:
        return entry.expense_ratio if stated is None and entry is not None else stated
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
