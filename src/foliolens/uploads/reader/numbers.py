"""How one cell writes a number, and what that proves about its column.

Which of `,` and `.` is the decimal mark is the one question. A cell answers it when only one of the
two readings is well-formed: 1,234.50 or 1.234.567 or 12,5 or 0.125 do; 1,234 does not. Spaces and
apostrophes only ever group digits.
"""

import re
from decimal import Decimal

from msgspec import Struct

from foliolens.uploads.reader.marks import visible

__all__ = [
    "FORMATS",
    "NumberCell",
    "NumberFormat",
    "fits",
    "format_name",
    "inferred_name",
    "scan",
    "value_of",
]

# Longer cells are not numbers; the bound also keeps the patterns below from running long.
_MAX_LENGTH = 60
_SPACES = "\u0020\u00a0\u2007\u2009\u202f"
_QUOTES = "'\u2019\u02bc`´"
_MINUS = "-\u2212\u2013\u2012\ufe63\uff0d"
# None: the sign says that it is money, but several currencies use it.
_CURRENCIES: dict[str, str | None] = {
    "$": "USD",
    "US$": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "HK$": "HKD",
    "S$": "SGD",
    "NZ$": "NZD",
    "€": "EUR",
    "£": "GBP",
    "¥": None,
    "Fr.": "CHF",
    "SFr.": "CHF",
    "kr": None,
    "zł": "PLN",
    "₹": "INR",
    "₩": "KRW",
    "R$": "BRL",
}
_SIGN = f"[+{re.escape(_MINUS)}]"
_MONEY = f"[A-Z]{{3}}|{'|'.join(re.escape(sign) for sign in sorted(_CURRENCIES, key=len, reverse=True))}"
_CELL = re.compile(
    rf"(?P<open>\()?(?P<s1>{_SIGN})?[{_SPACES}]*(?P<c1>{_MONEY})?[{_SPACES}]*(?P<s2>{_SIGN})?[{_SPACES}]*"
    rf"(?P<core>[0-9.,][0-9.,{_SPACES}{_QUOTES}]*)"
    rf"(?P<s3>{_SIGN})?(?P<p1>%)?(?P<c2>{_MONEY})?[{_SPACES}]*(?P<s4>{_SIGN})?(?P<close>\))?(?P<p2>%)?"
).fullmatch


def _pattern(decimal: str, group: str) -> re.Pattern[str]:
    """Return the pattern of a well-formed number: groups of three with one kind of mark, or none."""
    mark, groups = re.escape(decimal), f"[{re.escape(group)}{_SPACES}{_QUOTES}]"
    # Lakh and crore (12,34,567) can only be grouping: no decimal mark appears twice.
    lakh = rf"|[1-9][0-9]?(?:{re.escape(group)}[0-9]{{2}})+{re.escape(group)}[0-9]{{3}}"
    whole = rf"0|[1-9][0-9]*|[1-9][0-9]{{0,2}}(?P<g>{groups})[0-9]{{3}}(?:(?P=g)[0-9]{{3}})*{lakh}"
    return re.compile(rf"[0-9]+|{mark}[0-9]+|(?:{whole})(?:{mark}[0-9]*)?")


_DOT = _pattern(".", ",").fullmatch
_COMMA = _pattern(",", ".").fullmatch
_GROUPS = re.compile(rf"[{_SPACES}{_QUOTES}]")


class NumberFormat(Struct, frozen=True):
    """How numbers are written: the decimal mark, and what may group digits (None: any)."""

    decimal: str
    group: str | None = None


FORMATS: dict[str, NumberFormat] = {
    "1,234.56": NumberFormat(".", ","),
    "1.234,56": NumberFormat(",", "."),
    "1 234,56": NumberFormat(",", " "),
    "1 234.56": NumberFormat(".", " "),
    "1'234.56": NumberFormat(".", "'"),
    "1'234,56": NumberFormat(",", "'"),
}


class NumberCell(Struct, frozen=True):
    """A cell taken apart.

    Attributes:
        core: Digits and marks alone.
        negative: Whether a minus or parentheses make it negative.
        percent: Whether it carries a percent sign.
        is_money: Whether it names a currency, if only by a sign that several use.
        currency: The currency it names, as ISO code.
    """

    core: str
    negative: bool
    percent: bool
    is_money: bool
    currency: str | None


def scan(cell: str) -> NumberCell | None:
    """Take a cell apart; None where it is not a number in any format.

    At most one sign, one pair of parentheses, one currency and one percent sign are accepted.
    """
    text = visible(cell)
    if len(text) > _MAX_LENGTH:
        return None
    match = _CELL(text)
    if match is None:
        return None
    signs = [sign for sign in match.group("s1", "s2", "s3", "s4") if sign]
    in_parentheses = match["open"] is not None
    if len(signs) + in_parentheses > 1 or in_parentheses != (match["close"] is not None):
        return None
    if (match["c1"] and match["c2"]) or (match["p1"] and match["p2"]):
        return None
    core = match["core"].rstrip(_SPACES)
    if not (_DOT(core) or _COMMA(core)):
        return None
    money = match["c1"] or match["c2"]
    return NumberCell(
        core,
        in_parentheses or (bool(signs) and signs[0] != "+"),
        bool(match["p1"] or match["p2"]),
        bool(money),
        _CURRENCIES.get(money, money) if money else None,
    )


def fits(core: str) -> str:
    """Return the decimal marks under which a core is well-formed: `.`, `,`, both, or neither."""
    return ("." if _DOT(core) else "") + ("," if _COMMA(core) else "")


def value_of(cell: NumberCell, written: NumberFormat) -> Decimal | None:
    """Return a cell's value in a format; None where it is not well-formed in it."""
    core = cell.core
    if not (_DOT(core) if written.decimal == "." else _COMMA(core)):
        return None
    other = "," if written.decimal == "." else "."
    plain = _GROUPS.sub("", core)
    if written.group is not None:
        if plain != core and written.group not in " '":
            return None
        if other in core and written.group != other:
            return None
    value = Decimal(plain.replace(other, "").replace(written.decimal, "."))
    return -value if cell.negative else value


def format_name(written: NumberFormat) -> str:
    """Return how users name a format."""
    return f"1{written.group or ''}234{written.decimal}56"


def inferred_name(decimal: str, cores: list[str]) -> str:
    """Return the name of the format that a column with this decimal mark uses."""
    other = "," if decimal == "." else "."
    for core in cores:
        for mark in core:
            if mark == other or mark in _SPACES or mark in _QUOTES:
                group = other if mark == other else " " if mark in _SPACES else "'"
                return f"1{group}234{decimal}56"
    return f"1{other}234{decimal}56"
