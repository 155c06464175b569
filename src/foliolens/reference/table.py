"""The table of well-known symbols: what each is, compiled by hand (`docs/data-cards/reference.md`).

The table is package data, `symbols.csv`, read once on the first look-up.
"""

import csv
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from msgspec import Struct

from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

__all__ = ["ReferenceEntry", "entries", "lookup", "normalise"]

_TABLE = "symbols.csv"
# Share classes are separated by a dot here (BRK.B); brokers also write a dash, a slash or a space.
_SEPARATORS = str.maketrans({"-": ".", "/": ".", " ": ".", "\u00a0": "."})
_BY_TYPE = {member.value: member for member in AssetType}
_BY_CATEGORY: dict[str, Category | None] = {"": None, **{member.value: member for member in Category}}
_BY_SECTOR = {member.value: member for member in Sector}
_BY_REGION = {member.value: member for member in Region}


class ReferenceEntry(Struct, frozen=True):
    """What is known of one symbol.

    Attributes:
        symbol: Ticker in the table's spelling, share classes after a dot (`BRK.B`).
        name: Name of the company or fund.
        type: Kind of instrument.
        category: What it mostly invests in; None where no category of ours describes it
            (a world fund, a balanced fund).
        sector: GICS sector; `diversified` or `bonds` for what has none.
        region: Where most of its value lies.
        expense_ratio: Percent a year (0.03 is 0.03%), funds only; None where it is not known.
        effective_constituents: Effective number of holdings 1/Σw² of a fund, rounded; None where
            it is not known.
    """

    symbol: str
    name: str
    type: AssetType
    category: Category | None
    sector: Sector
    region: Region
    expense_ratio: Decimal | None
    effective_constituents: int | None


def normalise(symbol: str) -> str:
    """Spell a symbol the way the table does: upper case, no footnote stars, share class after a dot.

    Args:
        symbol: A ticker in any usual spelling, such as `brk-b`, `BRK/B`, `BRK B` or `SPAXX**`.

    Returns:
        The table's spelling. Normalising twice changes nothing.
    """
    return symbol.upper().replace("*", "").strip().translate(_SEPARATORS)


def lookup(symbol: str) -> ReferenceEntry | None:
    """Find a symbol in the table, in whatever spelling.

    Share classes are found without separator too (`BRKB`).

    Args:
        symbol: A ticker.

    Returns:
        The entry, or None where the table does not hold the symbol.
    """
    # Almost every ticker is in the table's spelling already.
    is_plain = symbol.isascii() and symbol.isalnum() and symbol.isupper()
    return _index().get(symbol if is_plain else normalise(symbol))


def entries() -> tuple[ReferenceEntry, ...]:
    """All entries of the table, each once, in the order of their symbols."""
    return _load()


@cache
def _load() -> tuple[ReferenceEntry, ...]:
    """Read the table; about 6 ms, once a process.

    Raises:
        ValueError: A row does not fit the vocabulary; the message names the symbol.
    """
    lines = files(__package__).joinpath(_TABLE).read_text(encoding="utf-8").splitlines()
    rows = csv.reader(lines)
    next(rows)
    return tuple(_entry(row) for row in rows)


def _entry(row: list[str]) -> ReferenceEntry:
    symbol, name, kind, category, sector, region, expense_ratio, constituents = row
    try:
        return ReferenceEntry(
            symbol,
            name,
            _BY_TYPE[kind],
            _BY_CATEGORY[category],
            _BY_SECTOR[sector],
            _BY_REGION[region],
            Decimal(expense_ratio) if expense_ratio else None,
            int(constituents) if constituents else None,
        )
    except KeyError as error:
        raise ValueError(f"{_TABLE}: {symbol} has {error}, which is not in the vocabulary") from error


@cache
def _index() -> Mapping[str, ReferenceEntry]:
    index = {entry.symbol: entry for entry in _load()}
    for entry in _load():
        if "." in entry.symbol:
            index.setdefault(entry.symbol.replace(".", ""), entry)
    return MappingProxyType(index)
