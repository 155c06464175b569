"""Which symbols a provider of daily prices can be asked for, and how they are spelt in the store."""

import re

from foliolens.reference.table import lookup, normalise
from foliolens.reference.taxonomy import AssetType

__all__ = ["is_priced", "stored_spelling"]

_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_CUSIP = re.compile(r"[0-9]{3}[A-Z0-9]{5}[0-9]")
_LONGEST = 12
# Coins, and the tickers of funds at the same time: a fund's price would be a wrong price of the coin.
_AMBIGUOUS = {"BTC", "ETH"}


def stored_spelling(symbol: str) -> str:
    """The one spelling under which prices are kept: capitals, the share class after a dot (`BRK.B`)."""
    return normalise(symbol)


def is_priced(symbol: str) -> bool:
    """Whether a symbol in the stored spelling may have a daily price.

    Cash and money market funds have none, nor have ISINs, CUSIPs and options, which no provider of ours
    knows; asking for them would waste the quota.
    """
    if len(symbol) > _LONGEST or symbol in _AMBIGUOUS:
        return False
    if _ISIN.fullmatch(symbol) or _CUSIP.fullmatch(symbol):
        return False
    known = lookup(symbol)
    return known is None or known.type is not AssetType.CASH
