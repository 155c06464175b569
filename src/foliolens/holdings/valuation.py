"""Find the amount of every holding from what is stated, and check what is stated twice."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from foliolens.holdings.apportionment import from_hundredths, largest_remainder
from foliolens.holdings.holding_checks import EXACT, MAX_TOTAL, Checked, shown
from foliolens.holdings.inspection import Inspection
from foliolens.holdings.models import IssueCode
from foliolens.holdings.rules import Rules
from foliolens.holdings.share_price import VALUE_FIELDS, own_cents

__all__ = ["Valuation", "value_holdings"]

_WEIGHT_SCALE = 12
# By how much a sum may miss 1 so that its parts look like fractions, however many there are.
_FRACTIONS_TOLERANCE = Decimal("0.05")


class Valuation(Struct, frozen=True):
    """The amounts of all holdings.

    Attributes:
        cents: One amount for each holding, in whole cents; None where it does not follow.
        weights: What the allocations are shared out by: the amounts, or the allocations where
            these are all that is stated.
        allocation_sum: Sum of the allocations where every holding states one.
    """

    cents: list[int | None]
    weights: list[int]
    allocation_sum: Decimal | None


def value_holdings(checked: Checked, total: Decimal | None, inspection: Inspection) -> Valuation:
    """Determine every amount, and compare what is stated more than once.

    Amounts stated come first, then shares times the current price, then shares times the purchase
    price, then the allocation's part of the declared total.

    Args:
        checked: Holdings checked one by one, with the amounts they state.
        total: The declared value of the portfolio, if there is one.
        inspection: Receives what is found. Where a faulty value decides an amount, no sums are judged.

    Returns:
        The amounts; complete where there are no errors.
    """
    drafts = checked.drafts
    cents = [
        stated if shares is None else own_cents(row, drafts[row], stated, inspection)
        for row, (shares, stated) in enumerate(zip(drafts.shares, checked.cents, strict=True))
    ]
    total = _usable_total(total, inspection)
    allocations = drafts.allocation
    waiting = [row for row, amount in enumerate(cents) if amount is None]
    missing = [row for row in waiting if allocations[row] is None and inspection.usable(row, VALUE_FIELDS)]
    for row in missing:
        _report_no_value(row, inspection)
    if any(field in VALUE_FIELDS for _, field in inspection.faulty):
        return Valuation(cents, [], None)
    stated = [allocation for allocation in allocations if allocation is not None]
    allocation_sum = sum(stated, Decimal(0)) if len(stated) == len(drafts) else None
    derived = checked.cents.count(None) - len(waiting)
    if waiting and not missing:
        _value_by_allocation(allocations, cents, waiting, total, inspection)
    elif not waiting:
        _check_total(cents, derived, total, inspection)
    whole = sum(amount or 0 for amount in cents)
    if None not in cents and whole > 0:
        base = Decimal(whole) if total is None else total.scaleb(2, EXACT)
        set_aside = set(waiting)
        own = [row for row in range(len(cents)) if row not in set_aside] if waiting else range(len(cents))
        _check_allocations(allocations, cents, own, base, inspection)
    if allocation_sum is not None and not missing:
        _check_allocation_sum(allocation_sum, stated, inspection)
    only_allocations = len(waiting) == len(cents) and not missing
    weights = [_weight(a) for a in allocations] if only_allocations else [amount or 0 for amount in cents]
    return Valuation(cents, weights, allocation_sum)


def _weight(allocation: Decimal | None) -> int:
    """Return an allocation as a whole number, for apportioning."""
    return int((allocation or Decimal(0)).scaleb(_WEIGHT_SCALE, EXACT))


def _usable_total(total: Decimal | None, inspection: Inspection) -> Decimal | None:
    """Return the declared total where it can be one, else report it."""
    if total is None or (
        total.is_finite() and 0 < total <= MAX_TOTAL and total == total.quantize(Decimal("0.01"), None, EXACT)
    ):
        return total
    inspection.errors.add(
        IssueCode.OUT_OF_RANGE,
        f"The total must be more than 0 and at most {MAX_TOTAL:,f}, with two decimals.",
        field="totalValue",
        value=shown(total),
    )
    return None


def _report_no_value(row: int, inspection: Inspection) -> None:
    """Report a holding whose amount does not follow from anything."""
    inspection.errors.add(
        IssueCode.MISSING_REQUIRED_FIELD,
        "The holding has neither an amount nor an allocation nor shares with a price.",
        row=row,
        field="dollarAmount",
        suggestion="State one of them.",
    )


def _value_by_allocation(
    allocations: Sequence[Decimal | None],
    cents: list[int | None],
    waiting: list[int],
    total: Decimal | None,
    inspection: Inspection,
) -> None:
    """Share what the known amounts leave of the total among the holdings that state an allocation."""
    if total is None:
        inspection.errors.add(
            IssueCode.MISSING_REQUIRED_FIELD,
            "There are allocations without amounts, and no total to take them from.",
            field="totalValue",
            suggestion="State the total value of the portfolio, or the amounts.",
        )
        return
    whole = int(total.scaleb(2, EXACT))
    rest = whole - sum(amount for amount in cents if amount is not None)
    weights = [_weight(allocations[row]) for row in waiting]
    stated = sum(weights)
    # What the allocations ask for, in percent of the total, beside what the known amounts leave.
    asked, left = Decimal(stated).scaleb(-_WEIGHT_SCALE), EXACT.divide(Decimal(rest * 100), Decimal(whole))
    if rest < 0 or (
        len(waiting) < len(cents) and abs(asked - left) > _sum_tolerance(len(cents), inspection.rules)
    ):
        inspection.errors.add(
            IssueCode.INVALID_DOLLAR_CONSISTENCY,
            f"The amounts leave {left:.2f}% of the total {total:,.2f}, "
            f"the holdings without amounts state {asked:.2f}%.",
            field="totalValue",
            value=shown(total),
            suggestion="Correct the total, the amounts or the allocations.",
        )
    elif stated == 0:
        inspection.errors.add(
            IssueCode.INVALID_ALLOCATION_SUM,
            "The allocations are all zero.",
            field="allocationPercentage",
            suggestion="State each holding's percent of the portfolio.",
        )
    else:
        for row, part in zip(waiting, largest_remainder(weights, rest), strict=True):
            cents[row] = part


def _check_total(
    cents: list[int | None], derived: int, total: Decimal | None, inspection: Inspection
) -> None:
    """Compare the sum of the amounts with the declared total.

    Every amount derived from shares was rounded here, and may be off by half a cent.
    """
    found = from_hundredths(sum(amount or 0 for amount in cents))
    if found == 0:
        inspection.errors.add(
            IssueCode.OUT_OF_RANGE,
            "The amounts are all zero.",
            field="totalValue",
            value="0.00",
            suggestion="State the value of each holding.",
        )
    elif found > MAX_TOTAL:
        inspection.errors.add(
            IssueCode.OUT_OF_RANGE,
            f"The amounts sum to more than {MAX_TOTAL:,f}.",
            field="totalValue",
            value=shown(found),
        )
    elif total is not None and abs(found - total) > inspection.rules.total_tolerance + derived * Decimal(
        "0.005"
    ):
        inspection.errors.add(
            IssueCode.INVALID_DOLLAR_CONSISTENCY,
            f"The amounts sum to {found:,.2f}, the declared total is {total:,.2f}.",
            field="totalValue",
            value=shown(total),
            suggestion=f"Correct the amount that is wrong, or state {found:.2f} as the total.",
        )


def _check_allocations(
    allocations: Sequence[Decimal | None],
    cents: list[int | None],
    own: Iterable[int],
    base: Decimal,
    inspection: Inspection,
) -> None:
    """Compare the allocations of the rows `own` with their amounts' part of `base`, the total in cents."""
    # Multiplied by the total instead of divided: exact, and faster.
    floor = EXACT.multiply(base, inspection.rules.allocation_tolerance)
    # What each allocation is of the total, in hundredths of cents: many rows state the same few.
    parts: dict[Decimal, Decimal] = {}
    for row in own:
        stated = allocations[row]
        if stated is None:
            continue
        asked = parts.get(stated)
        if asked is None:
            asked = parts[stated] = EXACT.multiply(stated, base)
        part = (cents[row] or 0) * 100
        apart = abs(EXACT.subtract(asked, part))
        if apart <= floor or (
            inspection.rules.from_file and apart <= EXACT.multiply(_rounding(stated), base)
        ):
            continue
        inspection.errors.add(
            IssueCode.INCONSISTENT_ROW,
            f"The amount is {EXACT.divide(Decimal(part), base):.2f}% of the total, "
            f"the allocation says {shown(stated)}%.",
            row=row,
            field="allocationPercentage",
            value=shown(stated),
            suggestion="Correct the amount or the allocation, or leave the allocation out.",
        )


def _rounding(value: Decimal) -> Decimal:
    """Return half a unit of the last decimal that was written."""
    exponent = value.as_tuple().exponent
    return Decimal(5).scaleb(min(int(exponent), 0) - 1)


def _sum_tolerance(rows: int, rules: Rules) -> Decimal:
    """Return by how much the allocations' sum may miss 100."""
    per_row = rules.allocation_tolerance_per_row if rules.from_file else Decimal(0)
    return rules.allocation_tolerance + rows * per_row


def _check_allocation_sum(found: Decimal, stated: Sequence[Decimal], inspection: Inspection) -> None:
    """Compare the sum of the allocations with 100."""
    tolerance = _sum_tolerance(len(stated), inspection.rules)
    if abs(found - 100) > tolerance:
        fractions = abs(found - 1) <= min(tolerance, _FRACTIONS_TOLERANCE) and max(stated) <= 1
        inspection.errors.add(
            IssueCode.INVALID_ALLOCATION_SUM,
            f"The allocations sum to {found:f}%, not to 100% within {tolerance:f}.",
            field="allocationPercentage",
            value=shown(found),
            suggestion="These look like fractions (0.6 is 60%): multiply by 100, or state amounts instead."
            if fractions
            else "Correct the allocation that is wrong, or state amounts instead.",
        )
