"""The four asset classes a portfolio is spread over, and what follows from them."""

import re
from enum import StrEnum

from foliolens.reference.taxonomy import AssetType, Category, Sector

__all__ = ["AssetClass", "asset_class"]


class AssetClass(StrEnum):
    """What kind of return a holding earns."""

    EQUITY = "equity"
    FIXED_INCOME = "fixed_income"
    REAL_ASSETS = "real_assets"
    CASH = "cash"


_BY_CATEGORY = {
    Category.US_LARGE_CAP: AssetClass.EQUITY,
    Category.US_MID_CAP: AssetClass.EQUITY,
    Category.US_SMALL_CAP: AssetClass.EQUITY,
    Category.INTERNATIONAL_DEVELOPED: AssetClass.EQUITY,
    Category.EMERGING_MARKETS: AssetClass.EQUITY,
    Category.DOMESTIC_EQUITY: AssetClass.EQUITY,
    Category.INTERNATIONAL_EQUITY: AssetClass.EQUITY,
    Category.GOVERNMENT_BONDS: AssetClass.FIXED_INCOME,
    Category.CORPORATE_BONDS: AssetClass.FIXED_INCOME,
    Category.HIGH_YIELD_BONDS: AssetClass.FIXED_INCOME,
    Category.INTERNATIONAL_BONDS: AssetClass.FIXED_INCOME,
    Category.INFLATION_PROTECTED: AssetClass.FIXED_INCOME,
    Category.REAL_ESTATE: AssetClass.REAL_ASSETS,
    Category.COMMODITIES: AssetClass.REAL_ASSETS,
    Category.CASH_EQUIVALENTS: AssetClass.CASH,
}

_BY_TYPE = {
    AssetType.CASH: AssetClass.CASH,
    AssetType.BOND: AssetClass.FIXED_INCOME,
    AssetType.REIT: AssetClass.REAL_ASSETS,
    AssetType.COMMODITY: AssetClass.REAL_ASSETS,
    AssetType.STOCK: AssetClass.EQUITY,
}

_BY_SECTOR = {
    Sector.BONDS: AssetClass.FIXED_INCOME,
    Sector.REAL_ESTATE: AssetClass.REAL_ASSETS,
    Sector.DIVERSIFIED: None,  # also what a balanced fund is, which belongs to no single class
    Sector.UNKNOWN: None,
}


# World funds have no category of ours; a balanced fund would not call itself one of these.
_EQUITY_NAME = re.compile(
    r"\b(?:stocks?|equit(?:y|ies)|acwi|all[- ]world|(?:msci|developed) world)\b", re.IGNORECASE
)


def asset_class(type_: AssetType, category: Category | None, sector: Sector, name: str) -> AssetClass | None:
    """Return the class of a holding, or None where nothing known about it tells.

    The type decides where it leaves no choice; a stock is equity unless it is categorised as real
    estate; a Treasury bill may be a bond by type and cash by category, and then is cash. Of a fund
    the category decides, else its sector, else whether its name speaks of stocks.
    """
    if type_ is AssetType.STOCK:
        return AssetClass.REAL_ASSETS if category is Category.REAL_ESTATE else AssetClass.EQUITY
    if type_ is AssetType.BOND and category is Category.CASH_EQUIVALENTS:
        return AssetClass.CASH
    if type_ in _BY_TYPE:
        return _BY_TYPE[type_]
    if category is not None:
        return _BY_CATEGORY[category]
    if sector is Sector.DIVERSIFIED and _EQUITY_NAME.search(name):
        return AssetClass.EQUITY
    return _BY_SECTOR.get(sector, AssetClass.EQUITY)
