"""Validate a portfolio as a whole: one set of rules for the JSON API and for files.

The steps: every holding by itself, the amounts and what they must agree with, duplicates,
completion from the reference table, limits. Every error comes at once; sums and limits are judged
only where every amount is known, because a guess about them would be noise.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal

from foliolens.holdings.apportionment import from_hundredths, largest_remainder
from foliolens.holdings.business_rules import apply_limits, warn_of_concentration
from foliolens.holdings.completion import complete_holdings
from foliolens.holdings.draft_columns import DraftColumns
from foliolens.holdings.duplicates import sum_duplicates
from foliolens.holdings.holding_checks import check_holdings
from foliolens.holdings.inspection import Inspection
from foliolens.holdings.models import HoldingDraft, Issue, IssueCode, Validation
from foliolens.holdings.rules import Rules
from foliolens.holdings.valuation import value_holdings

__all__ = ["Rules", "validate"]

_WHOLE = 10_000  # 100.00% in hundredths of a percent


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
    checked = check_holdings(DraftColumns.of(drafts), inspection)
    valuation = value_holdings(checked, total, inspection)
    positions = sum_duplicates(checked.drafts, valuation.cents, valuation.weights, inspection)
    cents = [part or 0 for part in positions.cents]
    known = sum(valuation.weights) > 0 and None not in valuation.cents
    shares = largest_remainder(positions.weights, _WHOLE) if known else [0] * len(cents)
    holdings = complete_holdings(positions, shares, inspection)
    if known and sum(cents) > 0:
        apply_limits(holdings, positions.rows, cents, inspection.breaches)
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
