"""What a holding's name tells about it, by ordered rules of whole words.

A name is first reduced to lower-case words (`U.S. Treas. Nts` becomes `us treas nts`), so that
"Goldman" is never gold and "Cashmere" never cash. Most words only mean something on a fund:
"International Business Machines" is no international fund, and "Treasury Wine Estates" no bond.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from foliolens.reference.name_words import (
    AGGREGATE_BONDS,
    BITCOIN,
    BOND_FUNDS,
    CASH_EXACT,
    COMMODITY_FUNDS,
    COMPANY_SECTORS,
    CORPORATE_BONDS,
    CORPORATE_ISSUERS,
    DEPOSIT_CERTIFICATES,
    EMERGING,
    ETF_WORDS,
    FUND_SECTORS,
    FUND_WORDS,
    GEARED,
    GLOBAL,
    GOVERNMENT_BONDS,
    GOVERNMENT_ISSUERS,
    HIGH_YIELD,
    INFLATION,
    INTERNATIONAL,
    LARGE_CAP,
    LOANS,
    MID_CAP,
    MONEY_MARKET,
    MULTI_ASSET,
    MUNICIPAL,
    MUNICIPAL_HINTS,
    NOT_HIGH_YIELD,
    OTHER_MEANINGS,
    PHYSICAL,
    REIT_WORDS,
    SMALL_CAP,
    T_BILLS,
    THEMES,
    US,
    US_BONDS,
)
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

__all__ = ["NOTHING_TOLD", "NameClassification", "classify_by_name"]


class NameClassification(NamedTuple):
    """What a name tells; None where it tells nothing."""

    type: AssetType | None = None
    category: Category | None = None
    sector: Sector | None = None
    region: Region | None = None


NOTHING_TOLD = NameClassification()
# What a name without any telling word says of a holding whose type is the key.
_TYPE_ALONE = {None: NOTHING_TOLD, AssetType.STOCK: NameClassification(AssetType.STOCK)}
_FUNDS = (AssetType.ETF, AssetType.MUTUAL_FUND)
_WORDS = re.compile(r"[^\W_]+(?:&[^\W_]+)*")
_COUPON = re.compile(r"(?<![\d.,])\d{1,2}(?:[.,]\d{1,5})?\s?%")
_MATURITY = re.compile(
    r"(?<!\d)(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}|\d{1,2}[/ ](?:19|20)\d{2})(?!\d)"
)
_EQUITY_CATEGORIES = {
    Region.EMERGING_MARKETS: Category.EMERGING_MARKETS,
    Region.DEVELOPED_INTERNATIONAL: Category.INTERNATIONAL_DEVELOPED,
}


_BONDS_ANYWHERE: tuple[tuple[tuple[str, ...], Category], ...] = (
    (T_BILLS, Category.CASH_EQUIVALENTS),
    (HIGH_YIELD, Category.HIGH_YIELD_BONDS),
    (LOANS, Category.HIGH_YIELD_BONDS),
    (INFLATION, Category.INFLATION_PROTECTED),
)
_BONDS_AT_HOME: tuple[tuple[tuple[str, ...], Category], ...] = (
    (CORPORATE_BONDS, Category.CORPORATE_BONDS),
    (GOVERNMENT_BONDS, Category.GOVERNMENT_BONDS),
    (MUNICIPAL, Category.GOVERNMENT_BONDS),
)


def _rarest_words(*groups: Iterable[str]) -> frozenset[str]:
    """The longest word of every phrase: a name with none of them meets no rule."""
    return frozenset(max(phrase.split(), key=len) for group in groups for phrase in group)


# Only words that can start something: the rest (regions, sizes) matter on funds and bonds alone.
_TRIGGERS = _rarest_words(
    ETF_WORDS,
    FUND_WORDS,
    REIT_WORDS,
    MONEY_MARKET,
    T_BILLS,
    GOVERNMENT_ISSUERS,
    PHYSICAL,
    BITCOIN,
    CASH_EXACT,
    *COMPANY_SECTORS.values(),
)


def classify_by_name(name: str, type: AssetType | None = None) -> NameClassification:  # noqa: A002 - the field's name in the contract
    """Tell from a name what a holding is.

    Args:
        name: Name as the user or the broker writes it.
        type: The holding's type where it is known. It opens the rules of its type and is never
            contradicted: the result's type is this one.

    Returns:
        What the name tells. A leveraged, inverse or single-stock fund is told to be a fund and
        nothing more, since its exposure is not that of the words in its name.
    """
    # The names of most companies end here: this runs for each of 200,000 rows.
    if type in _TYPE_ALONE and "%" not in name and _TRIGGERS.isdisjoint(_words(name)):
        return _TYPE_ALONE[type]
    return _by_rules(name, type)


def _words(name: str) -> list[str]:
    """Return the lower-case words of a name; `U.S.` and `Macy's` are one word each."""
    text = name.lower()
    # Splitting at spaces is the same, and faster, where there is nothing else between the words.
    if text.replace(" ", "").isalnum():
        return text.split()
    return _WORDS.findall(text.replace(".", "").replace("'", ""))


@lru_cache(maxsize=4096)
def _by_rules(name: str, kind: AssetType | None) -> NameClassification:
    found = _classify(name, f" {' '.join(_words(name))} ", kind)
    if kind is None or found.type is kind:
        return found
    return NameClassification(kind, found.category, found.sector, found.region)


def _has(text: str, phrases: tuple[str, ...]) -> bool:
    return any(map(text.__contains__, _between_spaces(phrases)))


@cache
def _between_spaces(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f" {phrase} " for phrase in phrases)


def _classify(name: str, text: str, kind: AssetType | None) -> NameClassification:
    fund = _fund_type(text, kind)
    if kind is AssetType.CASH or text.strip() in CASH_EXACT:
        return _cash(kind)
    if kind in (None, AssetType.BOND) and _is_single_bond(name, text, fund):
        return _single_bond(text)
    if _has(text, MONEY_MARKET) and (kind is None or kind in _FUNDS):
        return NameClassification(AssetType.CASH, Category.CASH_EQUIVALENTS, Sector.DIVERSIFIED)
    return _no_fund(text, kind) if fund is None else _fund(text, fund)


def _cash(kind: AssetType | None) -> NameClassification:
    if kind not in (None, AssetType.CASH):
        return NOTHING_TOLD
    return NameClassification(AssetType.CASH, Category.CASH_EQUIVALENTS, Sector.DIVERSIFIED)


def _fund_type(text: str, kind: AssetType | None) -> AssetType | None:
    """The type of fund the name or the known type speaks of; None where it is no fund."""
    if kind in _FUNDS:
        return kind
    if _has(text, ETF_WORDS):
        return AssetType.ETF
    return AssetType.MUTUAL_FUND if _has(text, FUND_WORDS) else None


def _is_single_bond(name: str, text: str, fund: AssetType | None) -> bool:
    dated = _COUPON.search(name) and _MATURITY.search(name)
    return bool(dated) or (fund is None and _has(text, GOVERNMENT_ISSUERS))


def _no_fund(text: str, kind: AssetType | None) -> NameClassification:
    if kind is AssetType.BOND:
        return _bonds(text, AssetType.BOND)
    if kind is AssetType.COMMODITY or (kind is None and (text.strip() in BITCOIN or _has(text, PHYSICAL))):
        return NameClassification(
            AssetType.COMMODITY, Category.COMMODITIES, Sector.DIVERSIFIED, Region.GLOBAL
        )
    return _company(text, kind)


def _single_bond(text: str) -> NameClassification:
    """A bond of one issuer: `US TREASURY 4.25% 11/15/2034`, `APPLE INC 3.85% 05/04/43`."""
    if _has(text, T_BILLS):
        return NameClassification(AssetType.BOND, Category.CASH_EQUIVALENTS, Sector.BONDS, Region.US)
    if _has(text, INFLATION):
        region = Region.US if _has(text, GOVERNMENT_ISSUERS) else None
        return NameClassification(AssetType.BOND, Category.INFLATION_PROTECTED, Sector.BONDS, region)
    if _has(text, DEPOSIT_CERTIFICATES):
        return NameClassification(AssetType.BOND, None, Sector.BONDS, Region.US)
    if _has(text, GOVERNMENT_ISSUERS) or _is_municipal(text):
        return NameClassification(AssetType.BOND, Category.GOVERNMENT_BONDS, Sector.BONDS, Region.US)
    corporate = Category.CORPORATE_BONDS if _has(text, CORPORATE_ISSUERS) else None
    return NameClassification(AssetType.BOND, corporate, Sector.BONDS)


def _is_municipal(text: str) -> bool:
    return _has(text, MUNICIPAL) or (_has(text, MUNICIPAL_HINTS) and not _has(text, CORPORATE_ISSUERS))


def _fund(text: str, kind: AssetType) -> NameClassification:
    if _has(_without_other_meanings(text), GEARED):
        return NameClassification(kind)
    if _has(text, T_BILLS):
        return NameClassification(kind, Category.CASH_EQUIVALENTS, Sector.BONDS, _bond_region(text))
    if _has(text, MULTI_ASSET):
        return NameClassification(kind, None, Sector.DIVERSIFIED, Region.GLOBAL)
    if _has(text, BOND_FUNDS) or (_has(text, HIGH_YIELD) and not _has(text, NOT_HIGH_YIELD)):
        return _bonds(text, kind)
    sector = _sector(text)
    if sector is None and _has(text, (*COMMODITY_FUNDS, *PHYSICAL, *BITCOIN)):
        return NameClassification(kind, Category.COMMODITIES, Sector.DIVERSIFIED, Region.GLOBAL)
    return _equity_fund(text, kind, sector)


def _without_other_meanings(text: str) -> str:
    for phrase in OTHER_MEANINGS:
        text = text.replace(f" {phrase} ", " ")
    return text


def _sector(text: str) -> Sector | None:
    if _has(text, THEMES):
        return None
    for sector, phrases in FUND_SECTORS.items():
        if _has(text, phrases):
            return sector
    return None


def _equity_fund(text: str, kind: AssetType, sector: Sector | None) -> NameClassification:
    region = _region(text)
    size = _size(text)
    if sector is Sector.REAL_ESTATE:
        return NameClassification(kind, Category.REAL_ESTATE, sector, region)
    broad = None if _has(text, THEMES) else Sector.DIVERSIFIED
    if region is not None and region is not Region.US:
        return NameClassification(kind, _EQUITY_CATEGORIES.get(region), sector or broad, region)
    if size is not None:
        return NameClassification(kind, size, sector or broad, Region.US)
    return NameClassification(kind, None, sector, region)


def _size(text: str) -> Category | None:
    if _has(text, SMALL_CAP):
        return Category.US_SMALL_CAP
    if _has(text, MID_CAP):
        return Category.US_MID_CAP
    return Category.US_LARGE_CAP if _has(text, LARGE_CAP) else None


def _region(text: str) -> Region | None:
    """Where a fund invests; "Global ex-US" is international, so global comes after it."""
    if _has(text, EMERGING):
        return Region.EMERGING_MARKETS
    if _has(text, INTERNATIONAL):
        return Region.DEVELOPED_INTERNATIONAL
    if _has(_without_other_meanings(text), GLOBAL):
        return Region.GLOBAL
    return Region.US if _has(text, US) else None


def _bond_region(text: str) -> Region | None:
    return _region(text) or (Region.US if _has(text, US_BONDS) else None)


def _bonds(text: str, kind: AssetType) -> NameClassification:
    """A bond fund, or a bond without coupon and maturity in its name."""
    region = _bond_region(text)
    return NameClassification(kind, _bond_category(text, region), Sector.BONDS, region)


def _bond_category(text: str, region: Region | None) -> Category | None:
    for phrases, category in _BONDS_ANYWHERE:
        if _has(text, phrases):
            return category
    if region in _EQUITY_CATEGORIES:
        return Category.INTERNATIONAL_BONDS
    for phrases, category in _BONDS_AT_HOME:
        if _has(text, phrases):
            return category
    # Most of an aggregate index of US bonds is Treasuries and agency mortgages; of a world index, not.
    aggregate = _has(text, AGGREGATE_BONDS) and region is not Region.GLOBAL
    return Category.GOVERNMENT_BONDS if aggregate else None


def _company(text: str, kind: AssetType | None) -> NameClassification:
    if kind is AssetType.REIT or (kind is None and _has(text, REIT_WORDS)):
        return NameClassification(AssetType.REIT, Category.REAL_ESTATE, Sector.REAL_ESTATE)
    for sector, phrases in COMPANY_SECTORS.items():
        if _has(text, phrases):
            category = Category.REAL_ESTATE if sector is Sector.REAL_ESTATE else None
            return NameClassification(kind, category, sector)
    return NOTHING_TOLD
