"""What a holding is worth by itself: the amount stated, or its shares times a price."""

from decimal import ROUND_HALF_EVEN, Decimal

from foliolens.holdings.apportionment import from_hundredths
from foliolens.holdings.holding_checks import EXACT, shown
from foliolens.holdings.inspection import Inspection
from foliolens.holdings.models import HoldingDraft, IssueCode
from foliolens.reference.classification import classify
from foliolens.reference.taxonomy import AssetType

__all__ = ["VALUE_FIELDS", "own_cents"]

VALUE_FIELDS = frozenset({"dollarAmount", "allocationPercentage", "shares", "price", "avgPurchasePrice"})


def own_cents(row: int, draft: HoldingDraft, stated: int | None, inspection: Inspection) -> int | None:
    """Return the amount that a holding states by itself, and check it against shares times price.

    Args:
        row: The holding's index, for issues.
        draft: The holding.
        stated: Its amount in cents, where it states one.
        inspection: Receives what is found.

    Returns:
        Cents: the amount, else shares times the current price, else shares times the purchase
        price; None where none of these is stated.
    """
    shares = draft.shares
    if shares is None or (draft.price is None and draft.avg_price is None):
        return stated
    if not inspection.usable(row, VALUE_FIELDS):
        return stated
    price = draft.price if draft.price is not None else draft.avg_price
    value = EXACT.multiply(shares, price or Decimal(0))
    if stated is not None:
        _check_share_price(row, draft, value, from_hundredths(stated), inspection)
        return stated
    if _quoted_in_percent(draft):
        inspection.faulty.add((row, "dollarAmount"))
        inspection.errors.add(
            IssueCode.MISSING_REQUIRED_FIELD,
            "A bond's price may be in percent of its face value, so its amount does not follow from it.",
            row=row,
            field="dollarAmount",
            suggestion="State the amount.",
        )
        return None
    if draft.price is None:
        inspection.warnings.add(
            IssueCode.INCONSISTENT_ROW,
            "The amount is what the shares cost: shares times average purchase price.",
            row=row,
            field="dollarAmount",
            value=shown(draft.avg_price),
            suggestion="State the amount or the current price.",
        )
    return int(value.scaleb(2, EXACT).to_integral_value(ROUND_HALF_EVEN, EXACT))


def _quoted_in_percent(draft: HoldingDraft) -> bool:
    """Whether the price may be per 100 of face value."""
    found = classify(draft.symbol, draft.name, draft.type, draft.category, draft.sector, draft.region)
    return found.type is AssetType.BOND


def _check_share_price(
    row: int, draft: HoldingDraft, value: Decimal, amount: Decimal, inspection: Inspection
) -> None:
    """Compare shares times price with the amount; the current price decides where it is stated."""
    # Half a cent on top: the amount itself is rounded.
    tolerance = EXACT.multiply(amount, inspection.rules.share_price_tolerance) + Decimal("0.005")
    if abs(EXACT.subtract(value, amount)) <= tolerance:
        return
    if _quoted_in_percent(draft) and abs(value.scaleb(-2, EXACT) - amount) <= tolerance:
        return
    known = draft.price is not None
    at_cost = "" if known else " at the average purchase price"
    log = inspection.errors if known else inspection.breaches
    log.add(
        IssueCode.INCONSISTENT_ROW,
        f"Shares times price is {value:,.2f}{at_cost}, the amount is {amount:,.2f}: more than 1% apart.",
        row=row,
        field="dollarAmount",
        value=shown(amount),
        suggestion="Correct the shares, the price or the amount."
        if known
        else "State the current price in a Price column, or confirm with overrideRules.",
    )
