"""How much of a portfolio cannot be sold on any given day."""

import re
from collections.abc import Sequence

from foliolens.reference.taxonomy import AssetType
from foliolens.risk.positions import Position

__all__ = ["illiquid_share", "trades_daily"]

_TREASURY = re.compile(r"\b(?:treasury|treasuries|t-?(?:bill|note|bond)s?)\b", re.IGNORECASE)
_UNLISTED = re.compile(
    r"\b(?:non-?traded|unlisted|interval fund|private (?:credit|placement|reit|real estate))\b", re.IGNORECASE
)


def trades_daily(position: Position) -> bool:
    """Whether a holding can be sold on any trading day at a published price.

    Stocks, ETFs, mutual funds, listed REITs, commodities and cash can; so can United States Treasuries,
    the most traded bonds there are. Other individual bonds may wait days for a buyer, and what its name
    calls unlisted, non-traded or private has no market. The rest is presumed listed.
    """
    if position.is_cash or position.type is AssetType.ETF:
        return True
    if _UNLISTED.search(position.name):
        return False
    is_single_bond = position.type is AssetType.BOND and not position.is_fund
    return not is_single_bond or _TREASURY.search(position.name) is not None


def illiquid_share(positions: Sequence[Position]) -> float:
    """Return the share of the value that does not trade daily."""
    return min(1.0, sum(position.weight for position in positions if not trades_daily(position)))
