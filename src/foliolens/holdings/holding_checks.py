"""What must hold of one holding by itself: symbol, name, and the range of every number."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal

from msgspec import Struct

from foliolens.holdings.apportionment import HUNDREDTH
from foliolens.holdings.draft_columns import DraftColumns
from foliolens.holdings.inspection import Inspection
from foliolens.holdings.models import HoldingDraft, IssueCode

__all__ = ["EXACT", "MAX_AMOUNT", "MAX_TOTAL", "Checked", "are_symbols", "check_holdings", "shown"]

MAX_AMOUNT = Decimal("999999999999.99")
MAX_TOTAL = Decimal("9999999999999.99")
# Wide enough for the product of any two numbers in range, so that only the stated rounding happens.
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)

_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,19}").fullmatch
# Possessive: what a long column has matched is not kept for a second try.
_SYMBOLS = re.compile(r"(?:[A-Z0-9][A-Z0-9.-]{0,19}\n)*+").fullmatch
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]").search
_LONGEST_NAME = 200
_NEGATIVE = {
    "dollarAmount": "short positions and margin debt cannot be analysed",
    "shares": "short positions cannot be analysed",
}


class _Range(Struct, frozen=True):
    """The limits of one number: `attribute` of the draft, contract `field`, bounds, decimals."""

    attribute: str
    field: str
    high: Decimal
    decimals: int
    unit: str = ""
    # A file's percentages and prices keep the decimals they came with: they are only compared.
    kept_in_files: bool = False


_AMOUNT = _Range("amount", "dollarAmount", MAX_AMOUNT, 2)
_RANGES = (
    _Range("allocation", "allocationPercentage", Decimal(100), 2, "%", kept_in_files=True),
    _Range("shares", "shares", Decimal(10**12), 6),
    _Range("avg_price", "avgPurchasePrice", Decimal(10**12), 6),
    _Range("price", "price", Decimal(10**12), 10, kept_in_files=True),
    _Range("expense_ratio", "expenseRatio", Decimal(5), 4, "%"),
    _Range("dividend_yield", "dividendYield", Decimal(20), 4, "%"),
)
_HUNDRED = Decimal(100)
_MAX_CENTS = int(MAX_AMOUNT * 100)
_STEPS = {limit.attribute: Decimal(1).scaleb(-limit.decimals) for limit in (_AMOUNT, *_RANGES)}


def shown(value: object) -> str:
    """Return a value as an error message may quote it: short, whatever was sent."""
    text = str(value)
    return text if len(text) <= 100 else text[:99] + "…"


class Checked(Struct, frozen=True):
    """Holdings that were looked at one by one, as columns of equal length.

    Attributes:
        drafts: The holdings, with symbols in upper case and numbers at our decimals.
        cents: Their amounts in whole cents; None where not stated or not usable.
    """

    drafts: DraftColumns
    cents: list[int | None]


def check_holdings(drafts: DraftColumns, inspection: Inspection) -> Checked:
    """Check every holding by itself.

    Args:
        drafts: The holdings as stated.
        inspection: Its rules say whether more decimals than ours are rounded (files) or refused; it
            receives the errors.

    Returns:
        The holdings and their amounts. What became faulty must not be used.
    """
    cents = _plain_cents(drafts.amount)
    limits = [limit for limit in _RANGES if not _is_plain(limit, drafts, inspection)]
    changes: dict[int, dict[str, object]] = {}
    for row in _rows_to_look_at(drafts, cents, limits, inspection):
        draft = drafts[row]
        changed: dict[str, object] = {}
        if not _SYMBOL(draft.symbol):
            _mend_symbol(draft.symbol, row, changed, inspection)
        if draft.name is not None and not _is_name(draft.name):
            _refuse_name(draft.name, row, inspection)
        cents[row] = None if draft.amount is None else _cents(draft.amount, row, inspection)
        _check_numbers(draft, row, limits, changed, inspection)
        if changed:
            changes[row] = changed
    return Checked(drafts.changed(changes), cents)


def _rows_to_look_at(
    drafts: DraftColumns, cents: Sequence[int | None], limits: Sequence[_Range], inspection: Inspection
) -> Sequence[int]:
    """Return the rows to look at one by one: of a long file only those that stand out."""
    if limits or any(rating is not None for rating in drafts.risk_rating):
        return range(len(drafts))
    return sorted(
        _odd_symbols(drafts.symbol)
        | _odd_names(drafts.name)
        | {row for row, part in enumerate(cents) if part is None}
        | {row for row, field in inspection.faulty if field == "dollarAmount"}
    )


def _plain_cents(amounts: Sequence[Decimal | None]) -> list[int | None]:
    """Return amounts with two decimals and in range in cents, None for all others."""
    cents: list[int | None] = []
    for amount in amounts:
        part = None
        if amount is not None and amount.same_quantum(HUNDREDTH):
            part = int(EXACT.multiply(amount, _HUNDRED))
            if not 0 <= part <= _MAX_CENTS:
                part = None
        cents.append(part)
    return cents


def _is_plain(limit: _Range, drafts: DraftColumns, inspection: Inspection) -> bool:
    """Whether nothing has to be said about these numbers, nor changed."""
    stated = [value for value in getattr(drafts, limit.attribute) if value is not None]
    if not stated:
        return True
    if not (inspection.rules.from_file and limit.kept_in_files and all(map(Decimal.is_finite, stated))):
        return False
    return bool(min(stated) >= 0 and max(stated) <= limit.high)


def are_symbols(symbols: Sequence[str]) -> bool:
    """Whether all are symbols in upper case; looked at together, in a quarter of the time."""
    column = "\n".join(symbols) + "\n"
    return column.count("\n") == len(symbols) and _SYMBOLS(column) is not None


def _odd_symbols(symbols: Sequence[str]) -> set[int]:
    """Return the rows whose symbols are refused or mended."""
    if are_symbols(symbols):
        return set()
    return {row for row, symbol in enumerate(symbols) if not _SYMBOL(symbol)}


def _odd_names(names: Sequence[str | None]) -> set[int]:
    """Return the rows whose names are refused."""
    stated = list(filter(None, names))
    if "".join(stated).isprintable() and max(map(len, stated), default=0) <= _LONGEST_NAME:
        return set()
    return {row for row, name in enumerate(names) if name is not None and not _is_name(name)}


def _is_name(name: str) -> bool:
    """Whether a name is short enough and has no control characters."""
    return len(name) <= _LONGEST_NAME and (name.isprintable() or not _CONTROL(name))


def _check_numbers(
    draft: HoldingDraft,
    row: int,
    limits: Sequence[_Range],
    changes: dict[str, object],
    inspection: Inspection,
) -> None:
    """Check the numbers with these limits, and the rating; note those that change by rounding."""
    for limit in limits:
        value = getattr(draft, limit.attribute)
        if value is not None and inspection.usable(row, (limit.field,)):
            rounded = _checked_number(limit, value, row, inspection)
            if rounded is not value:
                changes[limit.attribute] = rounded
    if draft.risk_rating is not None and not 1 <= draft.risk_rating <= 10:
        inspection.faulty.add((row, "riskRating"))
        inspection.errors.add(
            IssueCode.OUT_OF_RANGE,
            "The risk rating must be a whole number from 1 to 10.",
            row=row,
            field="riskRating",
            value=shown(draft.risk_rating),
        )


def _cents(amount: Decimal, row: int, inspection: Inspection) -> int | None:
    """Return the amount in cents; None where it was refused."""
    if not inspection.usable(row, ("dollarAmount",)):
        return None
    if amount.is_finite() and 0 <= amount <= MAX_AMOUNT:
        scaled = EXACT.multiply(amount, _HUNDRED)
        cents = int(scaled)
        if cents == scaled:
            return cents
        if inspection.rules.from_file:
            return int(scaled.to_integral_value(ROUND_HALF_EVEN))
    _checked_number(_AMOUNT, amount, row, inspection)
    return None


def _checked_number(limit: _Range, value: Decimal, row: int, inspection: Inspection) -> Decimal:
    """Return the value at our decimals (itself where nothing changes), or report why it is refused."""
    if value.is_finite() and 0 <= value <= limit.high:
        if inspection.rules.from_file and limit.kept_in_files:
            return value
    else:
        below = value.is_finite() and value < 0
        reason = _NEGATIVE.get(limit.field) if below else None
        message = f"The value must be from 0 to {limit.high:,f}{limit.unit}"
        inspection.faulty.add((row, limit.field))
        inspection.errors.add(
            IssueCode.OUT_OF_RANGE,
            f"{message}; {reason}." if reason else f"{message}.",
            row=row,
            field=limit.field,
            value=shown(value),
            suggestion="Leave this position out." if reason else None,
        )
        return value
    rounded = value.quantize(_STEPS[limit.attribute], ROUND_HALF_EVEN, EXACT)
    if rounded != value and not inspection.rules.from_file:
        inspection.faulty.add((row, limit.field))
        inspection.errors.add(
            IssueCode.OUT_OF_RANGE,
            f"At most {limit.decimals} decimals are kept here.",
            row=row,
            field=limit.field,
            value=shown(value),
            suggestion=f"Round it to {rounded:f}.",
        )
        return value
    # A value such as 1E+2 is equal but would be written with an exponent.
    return value if rounded == value and "E" not in str(value) else rounded


def _mend_symbol(symbol: str, row: int, changes: dict[str, object], inspection: Inspection) -> None:
    """Put the symbol in upper case, or report that it cannot be one."""
    if not inspection.usable(row, ("symbol",)):
        return
    mended = symbol.strip().upper()
    if symbol.isascii() and _SYMBOL(mended):  # some letters beyond ASCII have upper cases within it
        changes["symbol"] = mended
        return
    inspection.faulty.add((row, "symbol"))
    if not mended:
        inspection.errors.add(
            IssueCode.MISSING_REQUIRED_FIELD,
            "The holding has no symbol.",
            row=row,
            field="symbol",
            suggestion="State its ticker, or its ISIN where it has none.",
        )
        return
    inspection.errors.add(
        IssueCode.INVALID_SYMBOL_FORMAT,
        "A symbol is at most 20 letters, digits, dots and dashes, and starts with a letter or a digit.",
        row=row,
        field="symbol",
        value=shown(symbol),
        suggestion="Use the ticker (for example BRK.B), or the ISIN.",
    )


def _refuse_name(name: str, row: int, inspection: Inspection) -> None:
    """Report a name that is too long or holds control characters."""
    inspection.faulty.add((row, "name"))
    too_long = len(name) > _LONGEST_NAME
    inspection.errors.add(
        IssueCode.OUT_OF_RANGE,
        f"A name has at most {_LONGEST_NAME} characters."
        if too_long
        else "A name holds no control characters.",
        row=row,
        field="name",
        value=shown(name),
        suggestion="Shorten it." if too_long else "Remove line breaks, tabs and invisible characters.",
    )
