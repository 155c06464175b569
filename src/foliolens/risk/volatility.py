"""How much a portfolio's value is likely to fluctuate, without prices: long-run figures per category.

The estimate is the weighted mean Σwσ of the holdings' long-run annual volatilities. That is the exact
volatility of holdings that all move together, so it ignores what diversification takes off and is an
upper bound (H. Markowitz, "Portfolio Selection", Journal of Finance 7, 1952: σp ≤ Σwσ). Cash has the
smallest figure of all, hence more cash never raises it.

Sources of the figures, standard deviations of returns in US dollars, rounded to whole percents:
- US large caps 17 (16.6), developed markets 19 (18.6), emerging markets 27 (26.6), Treasuries 6 (5.7),
  corporate bonds 7 (7.3), commodities 21 (20.6), cash 1 (1.1): W. Kinlaw, M. Kritzman, D. Turkington,
  "Asset Allocation" (Wiley), table 2.2, monthly returns from January 1976 to December 2015.
- High yield 11 (11.33), foreign bonds in their currencies 11 (11.22), US real estate 24 (23.55), and,
  as the lower of growth and value, small caps 22 (22.46): Morningstar Office's planning assumptions.
- Mid caps 19 (18.75): S&P MidCap 400, ten years to January 2002, Morningstar.
- Ours, for want of a long record: inflation-protected bonds like Treasuries; coarse domestic equity like
  large caps; coarse international equity as three quarters developed and one quarter emerging markets.
- Single stocks 30, as agreed for the score: about what a typical large company's shares fluctuate by.
- Ours, in round figures, because the category would mislead: cryptoassets 60, and funds that promise two
  or three times an index that many times their category's figure. Only the name gives them away.
"""

import re
from collections.abc import Sequence
from typing import Final

from foliolens.reference.taxonomy import Category, Region, Sector
from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.positions import Position

__all__ = [
    "CASH",
    "CRYPTO",
    "LONG_RUN",
    "SINGLE_STOCK",
    "_UNKNOWN_FUND",
    "long_run_volatility",
    "portfolio_volatility",
]

LONG_RUN: Final = {
    Category.US_LARGE_CAP: 0.17,
    Category.US_MID_CAP: 0.19,
    Category.US_SMALL_CAP: 0.22,
    Category.INTERNATIONAL_DEVELOPED: 0.19,
    Category.EMERGING_MARKETS: 0.27,
    Category.GOVERNMENT_BONDS: 0.06,
    Category.CORPORATE_BONDS: 0.07,
    Category.HIGH_YIELD_BONDS: 0.11,
    Category.INTERNATIONAL_BONDS: 0.11,
    Category.INFLATION_PROTECTED: 0.06,
    Category.REAL_ESTATE: 0.24,
    Category.COMMODITIES: 0.21,
    Category.CASH_EQUIVALENTS: 0.01,
    Category.DOMESTIC_EQUITY: 0.17,
    Category.INTERNATIONAL_EQUITY: 0.21,
}
"""Annual volatility by category, as a fraction."""

CASH: Final = LONG_RUN[Category.CASH_EQUIVALENTS]
SINGLE_STOCK: Final = 0.30
CRYPTO: Final = 0.60
_UNKNOWN_FUND: Final = LONG_RUN[Category.EMERGING_MARKETS]
"""A fund of unknown category is taken for the most volatile kind there is."""

_UNKNOWN_CATEGORY: Final[dict[AssetClass | None, float]] = {
    AssetClass.FIXED_INCOME: LONG_RUN[Category.HIGH_YIELD_BONDS],
    AssetClass.REAL_ASSETS: LONG_RUN[Category.REAL_ESTATE],
}

_BROAD_REGIONS = frozenset({Region.US, Region.DEVELOPED_INTERNATIONAL, Region.GLOBAL})
_CRYPTO_NAME = re.compile(r"\b(?:bitcoin|ethereum|ether|crypto\w*)\b", re.IGNORECASE)
_LEVERAGED_NAME = re.compile(r"\b([23])x\b|\bultrapro\b", re.IGNORECASE)


def long_run_volatility(position: Position) -> float:
    """Return a holding's annual volatility by long-run figures, as a fraction.

    Shares of a single company, REITs among them, count 30 percent whatever their category. Where the
    category is unknown, the highest figure that may apply does: of bonds or real assets for those; of
    shares in developed markets for a diversified fund (a world or a balanced one); else of all funds.
    """
    if position.is_cash:
        return CASH
    if position.is_equity and not position.is_fund:
        return SINGLE_STOCK
    if _CRYPTO_NAME.search(position.name):
        return CRYPTO
    leverage = _LEVERAGED_NAME.search(position.name) if position.is_fund else None
    return _by_category(position) * (float(leverage[1] or 3) if leverage else 1.0)


def _by_category(position: Position) -> float:
    if position.category is not None:
        return LONG_RUN[position.category]
    if position.is_commodity:
        return LONG_RUN[Category.COMMODITIES]
    if position.asset_class in _UNKNOWN_CATEGORY:
        return _UNKNOWN_CATEGORY[position.asset_class]
    is_broad = position.sector is Sector.DIVERSIFIED and position.region in _BROAD_REGIONS
    return LONG_RUN[Category.INTERNATIONAL_DEVELOPED] if is_broad else _UNKNOWN_FUND


def portfolio_volatility(positions: Sequence[Position]) -> float:
    """Return Σwσ, the annual volatility of the portfolio if all its holdings moved together."""
    return sum(position.weight * long_run_volatility(position) for position in positions)
