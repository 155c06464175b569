"""What a portfolio should look like: its groups of holdings, each with a weight.

Keys of the owner's own weights are symbols (`VTI`), categories (`category:us_large_cap`) or asset classes
(`class:equity`); no symbol has a colon. What is named more closely is taken out of the wider: beside `AAPL`,
`class:equity` is all other equity. What no key covers has the target 0. A group's weight is spread over its
members in proportion to what is held of each.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from foliolens.errors import FieldProblem, Unprocessable
from foliolens.holdings.models import Holding
from foliolens.reference.table import normalise
from foliolens.reference.taxonomy import AssetType, Category
from foliolens.reference.wording import plain
from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.positions import Position, positions_of
from foliolens.risk.wording import listed

__all__ = [
    "CATEGORY",
    "CLASS",
    "GroupTarget",
    "Targets",
    "described",
    "find_symbol",
    "key_problem",
    "targets_by_key",
    "targets_by_symbol",
]

CLASS: Final = "class:"
CATEGORY: Final = "category:"


class GroupTarget(Struct, frozen=True):
    """A target and what it is for.

    Attributes:
        key: A symbol, or a category or class with its prefix.
        label: For people.
        weight: Fraction of the portfolio; None to keep what there is.
        members: Symbols, in order.
        is_cash: Whether it is the portfolio's cash as a whole.
    """

    key: str
    label: str
    weight: Fraction | None
    members: tuple[str, ...]
    is_cash: bool = False


class Targets(Struct, frozen=True):
    """The targets of a whole portfolio.

    Attributes:
        groups: Every symbol is in exactly one.
        reserve: Fraction to keep as uninvested cash.
        notes: What the owner should know about them.
    """

    groups: tuple[GroupTarget, ...]
    reserve: Fraction = Fraction(0)
    notes: tuple[str, ...] = ()


def described(holding: Holding) -> Position:
    """Return what a holding is, by the same rules as the risk report; its weight means nothing."""
    (position,) = positions_of([replace(holding, amount=Decimal(1))])
    return position


def find_symbol(symbol: str, symbols: Mapping[str, str]) -> str:
    """Return the spelling of a symbol among those that are held, else the symbol in upper case.

    Args:
        symbol: In any spelling.
        symbols: Held symbols by their normalised spelling.
    """
    return symbols.get(normalise(symbol), symbol.strip().upper())


def key_problem(key: str) -> FieldProblem | None:
    """Return what is wrong with a key that should name a category or class."""
    prefix, _, word = key.partition(":")
    words: dict[str, Sequence[str]] = {"class": list(AssetClass), "category": list(Category)}
    if prefix not in words:
        message = f"A key is a symbol, or starts with {CLASS} or {CATEGORY}."
    elif word not in words[prefix]:
        message = f"There is no {prefix} {word!r}: it is one of {', '.join(words[prefix])}."
    else:
        return None
    return FieldProblem(field=f"targets.{key}", code="UNKNOWN_GROUP", message=message)


def targets_by_symbol(
    weights: Mapping[str, Fraction], holdings: Sequence[Holding], notes: Sequence[str] = ()
) -> Targets:
    """Give every symbol a target of its own; those without a weight are to be sold."""
    symbols = sorted({*weights, *(holding.symbol for holding in holdings)})
    groups = tuple(
        GroupTarget(symbol, symbol, weights.get(symbol, Fraction(0)), (symbol,)) for symbol in symbols
    )
    return Targets(groups, notes=tuple(notes))


def targets_by_key(weights: Mapping[str, Fraction], holdings: Sequence[Holding]) -> Targets:
    """Build the groups of the owner's own weights.

    Args:
        weights: By key, with symbols as they are held; they sum to 1.
        holdings: What is held, and what the weights name beside that.

    Raises:
        Unprocessable: Nothing is held in a group that should have a part of the portfolio.
    """
    members: defaultdict[str, list[str]] = defaultdict(list)
    untargeted = []
    for holding in sorted(holdings, key=lambda holding: holding.symbol):
        key = next((key for key in _keys_of(holding) if key in weights), None)
        if key is None:
            untargeted.append(holding.symbol)
        else:
            members[key].append(holding.symbol)
    groups = [
        GroupTarget(key, _label(key), weights[key], tuple(members[key]), is_cash=key in _CASH_KEYS)
        for key in sorted(members)
    ]
    groups += [GroupTarget(symbol, symbol, Fraction(0), (symbol,)) for symbol in untargeted]
    empty = sorted(key for key, weight in weights.items() if weight and key not in members)
    impossible = [key for key in empty if key not in _CASH_KEYS]
    if impossible:
        names = listed([_label(key) for key in impossible])
        raise Unprocessable(
            f"There is nothing to spread {names} over: name a symbol to buy instead.",
            details=[
                FieldProblem(field=f"targets.{key}", code="NOTHING_HELD", message="Nothing of it is held.")
                for key in impossible
            ],
        )
    reserve = sum((weights[key] for key in empty), Fraction(0))
    notes = ("No cash is held, so the target for cash stays uninvested.",) if reserve else ()
    return Targets(tuple(groups), reserve, notes)


_CASH_KEYS = frozenset({f"{CLASS}{AssetClass.CASH}", f"{CATEGORY}{Category.CASH_EQUIVALENTS}"})


def _keys_of(holding: Holding) -> tuple[str, ...]:
    """Return the keys that cover a holding, the closest first."""
    category = holding.category
    if category is None and holding.type is AssetType.CASH:
        category = Category.CASH_EQUIVALENTS
    return (holding.symbol, f"{CATEGORY}{category}", f"{CLASS}{described(holding).asset_class}")


def _label(key: str) -> str:
    _, separator, word = key.partition(":")
    return plain(word) if separator else key
