"""Validate a portfolio as a whole: one set of rules for the JSON API and for files.

The steps: every holding by itself, the amounts and what they must agree with, duplicates,
completion from the reference table, limits. Every error comes at once; sums and limits are judged
only where every amount is known, because a guess about them would be noise.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal

from foliolens.portfolios.apportionment import from_hundredths, largest_remainder
from foliolens.portfolios.business_rules import apply_limits, warn_of_concentration
from foliolens.portfolios.duplicates import Position, sum_duplicates
from foliolens.portfolios.holding_checks import check_holdings, shown
from foliolens.portfolios.inspection import Inspection
from foliolens.portfolios.models import Holding, HoldingDraft, Issue, IssueCode, Validation
from foliolens.portfolios.rules import Rules
from foliolens.portfolios.valuation import value_holdings
from foliolens.reference.classification import Classification, classify
from foliolens.reference.taxonomy import AssetType, Sector

__all__ = ["Rules", "validate"]

_FUNDS = frozenset({AssetType.ETF, AssetType.MUTUAL_FUND})
_WHOLE = 10_000  # 100.00 % in hundredths of a percent


def validate(
    drafts: Sequence[HoldingDraft],
    *,
    total: Decimal | None,
    rules: Rules,
    faulty: Collection[tuple[int, str]] = (),
) -> Validation:
    """Validate and complete a whole portfolio.

    Args:
        drafts: The holdings as stated, in order.
        total: The declared value of the portfolio; None where it is the sum of the amounts.
        rules: What is enforced, and how strictly.
        faulty: `(row, field)` of values the caller could not read and has reported itself; they are
            not reported as missing, and nothing that depends on them is judged. The field is the
            contract's name, as in `Issue.field`.

    Returns:
        Completed holdings whose amounts sum to the total and whose allocations sum to 100.00, or
        every error. With `faulty` values and no other error both are empty.
    """
    wrong = _wrong_number_of_holdings(len(drafts), rules)
    if wrong is not None:
        return Validation((), None, (wrong,), ())
    inspection = Inspection(rules, set(faulty))
    checked = check_holdings(drafts, inspection)
    valuation = value_holdings(checked, total, inspection)
    positions = sum_duplicates(checked.drafts, valuation.cents, valuation.weights, inspection)
    cents = [position.cents or 0 for position in positions]
    known = bool(valuation.weights) and sum(valuation.weights) > 0 and None not in valuation.cents
    shares = largest_remainder([p.weight for p in positions], _WHOLE) if known else [0] * len(positions)
    holdings = [
        _complete(position, share, inspection) for position, share in zip(positions, shares, strict=True)
    ]
    if known and sum(cents) > 0:
        rows = [position.row for position in positions]
        apply_limits(holdings, rows, cents, inspection.breaches)
        warn_of_concentration(holdings, cents, inspection.warnings)
    warnings = inspection.warnings.issues()
    if inspection.errors or inspection.faulty or not known:
        refused = inspection.errors.rows | {row for row, _ in inspection.faulty}
        errors = inspection.errors.issues()
        return Validation((), None, errors, warnings, valuation.allocation_sum, len(refused))
    return Validation(tuple(holdings), from_hundredths(sum(cents)), (), warnings, valuation.allocation_sum)


def _wrong_number_of_holdings(count: int, rules: Rules) -> Issue | None:
    """Return why there are too few or too many holdings."""
    if count == 0:
        return Issue(
            IssueCode.MISSING_REQUIRED_FIELD,
            "A portfolio has at least one holding.",
            field="assets",
            suggestion="Add a holding.",
        )
    if count > rules.max_holdings:
        return Issue(
            IssueCode.TOO_MANY_ROWS,
            f"There are {count:,} holdings; at most {rules.max_holdings:,} are accepted.",
            field="assets",
            value=str(count),
            suggestion="Split the portfolio, or leave out the smallest holdings.",
        )
    return None


def _complete(position: Position, share: int, inspection: Inspection) -> Holding:
    """Return a holding completed by the reference table; what the user states always wins."""
    draft = position.draft
    found = classify(draft.symbol, draft.name, draft.type, draft.category, draft.sector, draft.region)
    kind = found.type or AssetType.STOCK
    if not found.known and _incomplete(found) and inspection.usable(position.row, ("symbol",)):
        _warn_unknown(draft.symbol, position.row, found, inspection)
    expense = draft.expense_ratio
    if kind not in _FUNDS:
        if expense and inspection.usable(position.row, ("expenseRatio",)):
            _refuse_expense_ratio(draft, position.row, kind, inspection)
        expense = None
    elif expense is None:
        expense = found.expense_ratio
    return Holding(
        draft.symbol,
        found.name,
        kind,
        found.category,
        found.sector,
        found.region,
        from_hundredths(share),
        from_hundredths(position.cents or 0),
        draft.shares,
        draft.avg_price,
        expense,
        draft.dividend_yield,
        draft.risk_rating,
    )


def _incomplete(found: Classification) -> bool:
    """Whether something the report weighs stayed unknown."""
    return found.type is None or found.category is None or found.sector is Sector.UNKNOWN


def _warn_unknown(symbol: str, row: int, found: Classification, inspection: Inspection) -> None:
    """Say that a symbol is not in the reference table and what was made of it."""
    taken = " It is taken for a stock." if found.type is None else ""
    inspection.warnings.add(
        IssueCode.UNKNOWN_SYMBOL,
        f"{symbol} is not in the reference table.{taken}",
        row=row,
        field="symbol",
        value=symbol,
        suggestion="State its type, category and sector.",
    )


def _refuse_expense_ratio(draft: HoldingDraft, row: int, kind: AssetType, inspection: Inspection) -> None:
    """Report an expense ratio on what is not a fund."""
    taken = f"is a {kind}" if draft.type is not None else f"is taken for a {kind}"
    inspection.errors.add(
        IssueCode.INCONSISTENT_ROW,
        f"Only funds have an expense ratio, and {draft.symbol} {taken}.",
        row=row,
        field="expenseRatio",
        value=shown(draft.expense_ratio),
        suggestion="State the type etf or mutual_fund, or leave the expense ratio out.",
    )
