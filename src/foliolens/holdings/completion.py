"""Complete holdings from the reference table; what the user states always wins."""

from collections.abc import Sequence
from decimal import Decimal

from foliolens.holdings.apportionment import HUNDREDTH, from_hundredths
from foliolens.holdings.duplicates import Positions
from foliolens.holdings.holding_checks import shown
from foliolens.holdings.inspection import Inspection
from foliolens.holdings.models import Holding, HoldingDraft, Issue, IssueCode
from foliolens.reference.classification import Exposure, exposure_of
from foliolens.reference.taxonomy import AssetType

__all__ = ["complete_holdings"]

_FUNDS = frozenset({AssetType.ETF, AssetType.MUTUAL_FUND})


def complete_holdings(positions: Positions, shares: Sequence[int], inspection: Inspection) -> list[Holding]:
    """Return the holdings of a portfolio, completed.

    Args:
        positions: What is stated of each.
        shares: Allocation of each, in hundredths of a percent.
        inspection: Receives symbols that stay unknown, and expense ratios of what is no fund.
    """
    drafts = positions.drafts
    found = list(
        map(
            exposure_of,
            drafts.symbol,
            drafts.name,
            drafts.type,
            drafts.category,
            drafts.sector,
            drafts.region,
        )
    )
    _warn_unknown(positions, found, inspection)
    # Many holdings of a large portfolio have the same few allocations.
    percents = {share: from_hundredths(share) for share in set(shares)}
    return list(
        map(
            Holding,
            drafts.symbol,
            [
                name or (symbol if exposure.entry is None else exposure.entry.name)
                for symbol, name, exposure in zip(drafts.symbol, drafts.name, found, strict=True)
            ],
            [exposure.type or AssetType.STOCK for exposure in found],
            [exposure.category for exposure in found],
            [exposure.sector for exposure in found],
            [exposure.region for exposure in found],
            [percents[share] for share in shares],
            _amounts(positions),
            drafts.shares,
            drafts.avg_price,
            _expense_ratios(positions, found, inspection),
            drafts.dividend_yield,
            drafts.risk_rating,
        )
    )


def _amounts(positions: Positions) -> list[Decimal]:
    """Return the amounts with two decimals: as they are stated where that is how, else from the cents."""
    return [
        stated if stated is not None and stated.same_quantum(HUNDREDTH) else from_hundredths(cents or 0)
        for stated, cents in zip(positions.drafts.amount, positions.cents, strict=True)
    ]


def _warn_unknown(positions: Positions, found: Sequence[Exposure], inspection: Inspection) -> None:
    """Say which symbols are not in the reference table and what was made of them."""
    rows, faulty = positions.rows, inspection.faulty
    unknown = [
        place
        for place, exposure in enumerate(found)
        if exposure.is_incomplete and not (faulty and (rows[place], "symbol") in faulty)
    ]
    inspection.warnings.add_each(
        IssueCode.UNKNOWN_SYMBOL,
        [rows[place] for place in unknown],
        (_unknown(positions.drafts.symbol[place], rows[place], found[place]) for place in unknown),
    )


def _unknown(symbol: str, row: int, exposure: Exposure) -> Issue:
    taken = " It is taken for a stock." if exposure.type is None else ""
    return Issue(
        IssueCode.UNKNOWN_SYMBOL,
        f"{symbol} is not in the reference table.{taken}",
        "symbol",
        row,
        symbol,
        "State its type, category and sector.",
    )


def _expense_ratios(
    positions: Positions, found: Sequence[Exposure], inspection: Inspection
) -> list[Decimal | None]:
    """Return the expense ratios of funds; report one on what is not a fund, unless it is zero."""
    return [
        None
        if stated is None and exposure.entry is None
        else _expense_ratio(row, positions.drafts[place], exposure, inspection)
        for place, (row, stated, exposure) in enumerate(
            zip(positions.rows, positions.drafts.expense_ratio, found, strict=True)
        )
    ]


def _expense_ratio(
    row: int, draft: HoldingDraft, exposure: Exposure, inspection: Inspection
) -> Decimal | None:
    stated, kind = draft.expense_ratio, exposure.type or AssetType.STOCK
    if kind in _FUNDS:
        return exposure.entry.expense_ratio if stated is None and exposure.entry is not None else stated
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
