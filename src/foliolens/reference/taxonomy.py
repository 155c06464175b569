"""The words FolioLens classifies holdings with: asset type, category, sector, region.

Sectors are the eleven of the Global Industry Classification Standard (GICS, MSCI and S&P),
plus three of our own for what no single sector describes.
"""

from enum import StrEnum

__all__ = ["AssetType", "Category", "Region", "Sector"]


class AssetType(StrEnum):
    """What kind of instrument a holding is."""

    STOCK = "stock"
    ETF = "etf"
    MUTUAL_FUND = "mutual_fund"
    BOND = "bond"
    REIT = "reit"
    COMMODITY = "commodity"
    CASH = "cash"


class Category(StrEnum):
    """What a holding invests in; the last two are the coarse ones accepted on input."""

    US_LARGE_CAP = "us_large_cap"
    US_MID_CAP = "us_mid_cap"
    US_SMALL_CAP = "us_small_cap"
    INTERNATIONAL_DEVELOPED = "international_developed"
    EMERGING_MARKETS = "emerging_markets"
    GOVERNMENT_BONDS = "government_bonds"
    CORPORATE_BONDS = "corporate_bonds"
    HIGH_YIELD_BONDS = "high_yield_bonds"
    INTERNATIONAL_BONDS = "international_bonds"
    INFLATION_PROTECTED = "inflation_protected"
    REAL_ESTATE = "real_estate"
    COMMODITIES = "commodities"
    CASH_EQUIVALENTS = "cash_equivalents"
    DOMESTIC_EQUITY = "domestic_equity"
    INTERNATIONAL_EQUITY = "international_equity"


class Sector(StrEnum):
    """GICS sector, or why there is none."""

    COMMUNICATION_SERVICES = "communication_services"
    CONSUMER_DISCRETIONARY = "consumer_discretionary"
    CONSUMER_STAPLES = "consumer_staples"
    ENERGY = "energy"
    FINANCIALS = "financials"
    HEALTH_CARE = "health_care"
    INDUSTRIALS = "industrials"
    INFORMATION_TECHNOLOGY = "information_technology"
    MATERIALS = "materials"
    REAL_ESTATE = "real_estate"
    UTILITIES = "utilities"
    DIVERSIFIED = "diversified"
    BONDS = "bonds"
    UNKNOWN = "unknown"


class Region(StrEnum):
    """Where a holding's economic exposure lies."""

    US = "us"
    DEVELOPED_INTERNATIONAL = "developed_international"
    EMERGING_MARKETS = "emerging_markets"
    GLOBAL = "global"
    UNKNOWN = "unknown"
