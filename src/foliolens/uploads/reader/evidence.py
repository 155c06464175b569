"""Decide undecided number formats from what the rest of the file proves.

Only identities that a consistent file obeys are used, and only where exactly one reading obeys them:
a percentage is at most 100, shares times price are the amount, amounts sum to the stated total, and
an allocation is its amount's part of the sum. Two readings of `1,234` are a factor of 1,000 apart,
the identities are held to one percent or better. What stays undecided is for the user to say.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import product

from foliolens.uploads.reader.columns import NumberColumn

__all__ = ["are_products", "settle_columns", "sum_is"]

Values = Sequence[Decimal | None]

_BOUNDS = {"allocationPercentage": 100, "expenseRatio": 5, "dividendYield": 20}
_PRODUCTS = (("shares", "price", "dollarAmount"), ("shares", "avgPurchasePrice", "costBasis"))
_PRICE_TOLERANCE = Decimal("0.01")
_HALF_CENT = Decimal("0.005")


def settle_columns(
    columns: Mapping[str, NumberColumn],
    *,
    rows: int,
    declared_total: Decimal | None,
    one_currency: bool,
) -> None:
    """Settle the undecided columns for which the file proves one reading.

    Args:
        columns: The number columns by field; cells beyond `rows` are stated totals.
        rows: How many rows of positions there are.
        declared_total: The portfolio's value where the request states it.
        one_currency: Whether prices and amounts are in the same currency.
    """
    for name, bound in _BOUNDS.items():
        column = columns.get(name)
        if column is not None:
            _settle(column, partial(_is_within, bound))
    amounts, allocations = columns.get("dollarAmount"), columns.get("allocationPercentage")
    # What one identity settles may let another decide.
    for _ in range(2):
        for names in _PRODUCTS:
            if one_currency or names[1] != "price":
                _settle_products([columns.get(name) for name in names], rows)
        if amounts is not None:
            _settle(amounts, partial(_sums_to, rows, declared_total))
        if amounts is not None and allocations is not None and not allocations.ambiguous:
            _settle(amounts, partial(_are_parts, allocations.values))


def _settle(column: NumberColumn, holds: Callable[[Values], bool | None]) -> None:
    """Settle a column when `holds` is true of exactly one of its readings; None counts as not judged."""
    if not column.ambiguous:
        return
    verdicts = {mark: holds(values) for mark, values in column.candidates().items()}
    if None in verdicts.values():
        return
    held = [mark for mark, verdict in verdicts.items() if verdict]
    if len(held) == 1:
        column.settle(held[0])


def _settle_products(columns: Sequence[NumberColumn | None], rows: int) -> None:
    """Settle the columns on which all readings agree in which shares times price are the amount."""
    if any(column is None for column in columns):
        return
    present = [column for column in columns if column is not None]
    if not any(column.ambiguous for column in present):
        return
    readings = [column.candidates() for column in present]
    held = [
        marks
        for marks in product(*readings)
        if are_products(*(values[mark][:rows] for values, mark in zip(readings, marks, strict=True)))
    ]
    for place, column in enumerate(present):
        agreed = {marks[place] for marks in held}
        if column.ambiguous and len(agreed) == 1:
            column.settle(agreed.pop())


def are_products(shares: Values, prices: Values, amounts: Values) -> bool:
    """Whether every row that states all three has shares times price within 1% of the amount."""
    judged = False
    for count, price, amount in zip(shares, prices, amounts, strict=True):
        if count is None or price is None or amount is None:
            continue
        if abs(count * price - amount) > abs(amount) * _PRICE_TOLERANCE + _HALF_CENT:
            return False
        judged = judged or amount != 0
    return judged


def _is_within(bound: int, values: Values) -> bool:
    """Whether no value is beyond the bound."""
    return all(value is None or abs(value) <= bound for value in values)


def _sums_to(rows: int, declared_total: Decimal | None, values: Values) -> bool | None:
    """Whether the amounts sum to one of the stated totals; None where that cannot be judged."""
    amounts = values[:rows]
    stated = [total for total in (*values[rows:], declared_total) if total is not None]
    if not stated or any(amount is None for amount in amounts):
        return None
    return any(sum_is(total, amounts) for total in stated)


def sum_is(total: Decimal | None, amounts: Values) -> bool:
    """Whether a total is stated and the amounts, all of them known, sum to it."""
    if total is None or None in amounts:
        return False
    found = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return abs(found - total) <= _HALF_CENT * (len(amounts) + 2)


def _are_parts(allocations: Values, values: Values) -> bool | None:
    """Whether every stated allocation is its amount's part of the sum; None where none is stated."""
    amounts = values[: len(allocations)]
    if any(amount is None for amount in amounts):
        return None
    whole = sum((amount for amount in amounts if amount is not None), Decimal(0))
    pairs = [(a, p) for a, p in zip(amounts, allocations, strict=True) if a is not None and p is not None]
    if not pairs or whole <= 0:
        return None
    return all(abs(part - amount * 100 / whole) <= _rounding(part) for amount, part in pairs)


def _rounding(part: Decimal) -> Decimal:
    """Return half a unit of the last decimal written, at least a hundredth."""
    exponent = int(part.as_tuple().exponent)
    return max(Decimal(5).scaleb(min(exponent, 0) - 1), Decimal("0.01"))
