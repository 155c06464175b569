"""What a holding is: the user's own words first, then the table, then its name, then unknown."""

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from foliolens.reference.names import NOTHING_TOLD, NameClassification, classify_by_name
from foliolens.reference.table import ReferenceEntry, lookup, normalise
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

__all__ = ["Classification", "Exposure", "classify", "exposure_of", "is_diversified_fund"]

_FUNDS = frozenset({AssetType.ETF, AssetType.MUTUAL_FUND})
# Fewer effective holdings than this are a bet on single names, whatever the wrapper.
_DIVERSIFIED_FROM = 5

# Ticker-like names of money. Some are tickers too (USD, CASH, HKD, SGD): a name settles it.
_MONEY = frozenset(
    "CASH USD EUR GBP CHF JPY CAD AUD NZD SEK DKK HKD SGD CNY PLN CZK HUF".split()  # noqa: SIM905 - reads better
)
_MONEY_WORDS = frozenset(
    {
        *(code.lower() for code in _MONEY),
        *(
            "dollar",
            "dollars",
            "euros",
            "pound",
            "pounds",
            "sterling",
            "franc",
            "francs",
            "euro",
            "yen",
            "yuan",
        ),
        *("renminbi", "krona", "krone", "zloty", "koruna", "forint", "currency", "money", "sweep", "balance"),
    }
)

_SECTOR_OF_TYPE = {
    AssetType.BOND: Sector.BONDS,
    AssetType.REIT: Sector.REAL_ESTATE,
    AssetType.COMMODITY: Sector.DIVERSIFIED,
    AssetType.CASH: Sector.DIVERSIFIED,
}
_CATEGORY_OF_TYPE = {
    AssetType.REIT: Category.REAL_ESTATE,
    AssetType.COMMODITY: Category.COMMODITIES,
    AssetType.CASH: Category.CASH_EQUIVALENTS,
}
_SECTOR_OF_CATEGORY = {
    Category.GOVERNMENT_BONDS: Sector.BONDS,
    Category.CORPORATE_BONDS: Sector.BONDS,
    Category.HIGH_YIELD_BONDS: Sector.BONDS,
    Category.INTERNATIONAL_BONDS: Sector.BONDS,
    Category.INFLATION_PROTECTED: Sector.BONDS,
    Category.REAL_ESTATE: Sector.REAL_ESTATE,
    Category.COMMODITIES: Sector.DIVERSIFIED,
    Category.CASH_EQUIVALENTS: Sector.DIVERSIFIED,
}
_REGION_OF_CATEGORY = {
    Category.US_LARGE_CAP: Region.US,
    Category.US_MID_CAP: Region.US,
    Category.US_SMALL_CAP: Region.US,
    Category.DOMESTIC_EQUITY: Region.US,
    Category.INTERNATIONAL_DEVELOPED: Region.DEVELOPED_INTERNATIONAL,
    Category.EMERGING_MARKETS: Region.EMERGING_MARKETS,
    Category.COMMODITIES: Region.GLOBAL,
}
# What a user, or a broker's export, may call a fund of this category without meaning something else.
_TYPES_OF_FUND_CATEGORY = {
    Category.REAL_ESTATE: AssetType.REIT,
    Category.COMMODITIES: AssetType.COMMODITY,
    Category.CASH_EQUIVALENTS: AssetType.CASH,
}


class Classification(Struct, frozen=True):
    """What a holding is, as far as anybody told.

    Attributes:
        name: The user's name, else the table's, else the symbol.
        type: None where neither user, table nor name tells.
        category: None where it is unknown, or where no category describes it.
        sector: `unknown` where it is.
        region: `unknown` where it is.
        expense_ratio: Percent a year, from the table.
        effective_constituents: Effective number of holdings of a fund, from the table; None where
            it is unknown.
        known: Whether the table holds the symbol and it fits the type the user states.
    """

    name: str
    type: AssetType | None
    category: Category | None
    sector: Sector
    region: Region
    expense_ratio: Decimal | None
    effective_constituents: int | None
    known: bool


class Exposure(NamedTuple):
    """What a holding is, without its name: thousands of holdings share one.

    Attributes:
        type: None where neither user, table nor name tells.
        category: None where it is unknown, or where no category describes it.
        sector: `unknown` where it is.
        region: `unknown` where it is.
        entry: The table's entry where it holds the symbol and fits the type the user states.
        is_incomplete: Whether the table does not hold it, and something is unknown that matters.
    """

    type: AssetType | None
    category: Category | None
    sector: Sector
    region: Region
    entry: ReferenceEntry | None
    is_incomplete: bool


class _Told(NamedTuple):
    """What one source tells of a holding; None where it tells nothing."""

    type: AssetType | None
    category: Category | None
    sector: Sector | None
    region: Region | None

    def implied(self) -> "_Told":
        """This, with what follows from it: a government bond fund's sector is bonds."""
        category = self.category or (_CATEGORY_OF_TYPE.get(self.type) if self.type else None)
        sector = self.sector or (_SECTOR_OF_CATEGORY.get(category) if category else None)
        return _Told(
            self.type,
            category,
            sector or (_SECTOR_OF_TYPE.get(self.type) if self.type else None),
            self.region or (_REGION_OF_CATEGORY.get(category) if category else None),
        )

    def completed_by(self, other: "ReferenceEntry | NameClassification") -> "_Told":
        """This, with its gaps filled from another source."""
        return _Told(
            self.type or other.type,
            self.category or other.category,
            self.sector or other.sector,
            self.region or other.region,
        )


def classify(
    symbol: str,
    name: str | None = None,
    type: AssetType | None = None,  # noqa: A002 - the field's name in the contract
    category: Category | None = None,
    sector: Sector | None = None,
    region: Region | None = None,
) -> Classification:
    """Classify one holding.

    Each value comes from the first source that tells it: the user, what follows from the user's
    values, the reference table, the name, and what follows from all of these. A symbol of the table
    that cannot be what the user's type says (a "bond" called AAPL) is taken as unknown. `unknown`
    as the user's sector or region counts as not stated.

    Args:
        symbol: Ticker, in any spelling.
        name: The user's name of the holding.
        type: The user's type.
        category: The user's category.
        sector: The user's sector.
        region: The user's region.

    Returns:
        The classification. Classifying its values again gives the same one.
    """
    found = exposure_of(symbol, name, type, category, sector, region)
    entry = found.entry
    return Classification(
        name or (symbol if entry is None else entry.name),
        found.type,
        found.category,
        found.sector,
        found.region,
        None if entry is None else entry.expense_ratio,
        None if entry is None else entry.effective_constituents,
        known=entry is not None,
    )


def exposure_of(
    symbol: str,
    name: str | None,
    type: AssetType | None,  # noqa: A002 - the field's name in the contract
    category: Category | None,
    sector: Sector | None,
    region: Region | None,
) -> Exposure:
    """Tell what `classify` tells, for many holdings: five times as fast, without name and figures.

    Args:
        symbol: Ticker, in any spelling.
        name: The user's name of the holding.
        type: The user's type.
        category: The user's category.
        sector: The user's sector.
        region: The user's region.
    """
    entry = lookup(symbol)
    if entry is not None and _describes(entry, name, type):
        return _exposure(_stated(type, category, sector, region).implied().completed_by(entry), entry)
    by_name = NOTHING_TOLD
    if name:
        by_name = classify_by_name(name, type)
        if type is None and by_name.type is not None:
            by_name = classify_by_name(name, by_name.type)
        # A broker without a name repeats the symbol: SHY and PFF are tickers, not words.
        if by_name != (type, None, None, None) and normalise(name) == normalise(symbol):
            by_name = NOTHING_TOLD
    return _exposure_by_name(type, category, sector, region, by_name)


def is_diversified_fund(
    type: AssetType | None,  # noqa: A002 - the field's name in the contract
    sector: Sector,
    category: Category | None,
    effective_constituents: int | None = None,
) -> bool:
    """Whether a holding spreads its money over many others, so that its size alone is no risk.

    True for ETFs and mutual funds, sector funds included, except those of commodities and crypto
    (which hold one thing, or futures on few) and those known to have fewer than five effective
    holdings. A single-stock fund unknown to the table cannot be told from others by these values.

    Args:
        type: The holding's type.
        sector: The holding's sector. A stock whose sector is `diversified` or `bonds` is a fund
            the broker's file calls stock, and counts as one.
        category: The holding's category.
        effective_constituents: The table's 1/Σw² of the fund, where it is known.
    """
    mislabelled = type is AssetType.STOCK and sector in (Sector.DIVERSIFIED, Sector.BONDS)
    return (
        (type in _FUNDS or mislabelled)
        and category is not Category.COMMODITIES
        and (effective_constituents is None or effective_constituents >= _DIVERSIFIED_FROM)
    )


def _stated(
    kind: AssetType | None, category: Category | None, sector: Sector | None, region: Region | None
) -> _Told:
    return _Told(
        kind,
        category,
        None if sector is Sector.UNKNOWN else sector,
        None if region is Region.UNKNOWN else region,
    )


def _exposure(told: _Told, entry: ReferenceEntry | None) -> Exposure:
    return Exposure(
        told.type,
        told.category,
        told.sector or Sector.UNKNOWN,
        told.region or Region.UNKNOWN,
        entry,
        entry is None
        and (told.type is None or told.category is None or told.sector in (None, Sector.UNKNOWN)),
    )


@lru_cache(maxsize=4096)
def _exposure_by_name(
    kind: AssetType | None,
    category: Category | None,
    sector: Sector | None,
    region: Region | None,
    by_name: NameClassification,
) -> Exposure:
    """Return what a symbol that the table does not hold is, by the user's values and its name."""
    return _exposure(_stated(kind, category, sector, region).implied().completed_by(by_name).implied(), None)


def _describes(entry: ReferenceEntry, name: str | None, stated: AssetType | None) -> bool:
    """Whether a table entry can be the holding of this name and type.

    Brokers call ETFs stocks, bond funds bonds and money market funds mutual funds; that does not
    make them something else. A "bond" called AAPL is another thing than Apple's stock.
    """
    if entry.symbol in _MONEY:
        return stated in (None, AssetType.CASH) and _names_money(name)
    if stated is None or stated is entry.type:
        return True
    if entry.type in (AssetType.STOCK, AssetType.REIT):
        return stated in (AssetType.STOCK, AssetType.REIT)
    if stated is AssetType.BOND:
        return entry.sector is Sector.BONDS
    if stated in (AssetType.REIT, AssetType.COMMODITY, AssetType.CASH):
        return entry.category is not None and _TYPES_OF_FUND_CATEGORY.get(entry.category) is stated
    return True


def _names_money(name: str | None) -> bool:
    # USD is ProShares Ultra Semiconductors and CASH is Pathward Financial where the name says so.
    return not name or not _MONEY_WORDS.isdisjoint(name.lower().replace("&", " ").split())
