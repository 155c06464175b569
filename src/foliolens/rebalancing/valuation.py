"""What holdings are worth, and what a share of each costs: by recent closes, else as their owner states it.

One date for the whole plan: holdings are valued at closing prices only where all of them can be, and only if
those are no older than what the owner states: prices of one day beside amounts of another would look like
drift. A price that may be wrong is worse than none: what is old, or in another currency, or makes a holding
worth twice or half of what its owner states, is not used.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from foliolens.holdings.apportionment import HUNDREDTH
from foliolens.holdings.models import Holding
from foliolens.ports.prices import PriceHistory, PriceSeries
from foliolens.reference.taxonomy import AssetType

__all__ = ["LONGEST_AGE", "Basis", "PriceSource", "SharePrice", "Valuation", "value"]

LONGEST_AGE: Final = timedelta(days=7)
"""How old a close may be to trade by: over a week with holidays there always is one."""

_PRICE_CURRENCY = "USD"  # of every provider there is
_PLAUSIBLE = Decimal(2)
_PRICE_DECIMALS = Decimal("0.000001")


class PriceSource(StrEnum):
    """Where the price of a share comes from."""

    CLOSE = "close"
    HOLDING = "holding"


class Basis(StrEnum):
    """What the amounts of a plan are."""

    CLOSES = "closes"
    STATED = "stated"


class SharePrice(Struct, frozen=True):
    """The price of one share.

    Attributes:
        exact: In the portfolio's currency.
        source: A close, or the holding's own amount divided by its shares.
        day: Of the close; None for the holding's own price.
        reported_by: Who reported the close.
    """

    exact: Fraction
    source: PriceSource
    day: date | None = None
    reported_by: str | None = None

    @property
    def shown(self) -> Decimal:
        """The price with at most six decimals."""
        rounded = Decimal(self.exact.numerator) / Decimal(self.exact.denominator)
        return rounded.quantize(_PRICE_DECIMALS).normalize() + Decimal(0)


class Valuation(Struct, frozen=True):
    """Holdings with the amounts a plan starts from.

    Attributes:
        holdings: One for each symbol.
        prices: By symbol; what has none is traded by amount.
        basis: Where the amounts come from.
        day: The oldest close among those the amounts come from.
        notes: What the owner should know about it.
    """

    holdings: tuple[Holding, ...]
    prices: Mapping[str, SharePrice]
    basis: Basis
    day: date | None
    notes: tuple[str, ...]


def value(
    holdings: Sequence[Holding], history: PriceHistory, *, currency: str, stated_on: date, today: date
) -> Valuation:
    """Value holdings of distinct symbols.

    Args:
        holdings: As their owner states them.
        history: Stored closes, those of symbols to buy among them.
        currency: Of the amounts.
        stated_on: When they were stated.
        today: In UTC.
    """
    closes = {
        symbol: SharePrice(Fraction(series.last_close), PriceSource.CLOSE, day, series.source)
        for symbol, series in history.series.items()
        if (day := _last_day(series)) >= today - LONGEST_AGE
        and currency == _PRICE_CURRENCY
        and series.last_close > 0
    }
    securities = [holding for holding in holdings if holding.type is not AssetType.CASH]
    priced = {
        holding.symbol: closes[holding.symbol]
        for holding in securities
        if holding.symbol in closes and holding.type is not AssetType.BOND and holding.shares
    }
    days = [close.day for close in priced.values() if close.day is not None]
    if securities and len(priced) == len(securities) and min(days) >= stated_on:
        doubtful = [h.symbol for h in securities if not _plausible(h, priced[h.symbol])]
        if not doubtful:
            valued = tuple(_at_close(holding, priced.get(holding.symbol)) for holding in holdings)
            return Valuation(valued, closes, Basis.CLOSES, min(days), _restated(holdings, valued, min(days)))
        notes = tuple(
            f"The close of {symbol} does not fit its amount and shares: check the number of shares. The plan "
            "uses the amounts as they are stated."
            for symbol in doubtful
        )
    else:
        notes = ()
    prices = dict(closes)
    for holding in securities:
        if holding.shares and holding.amount:
            prices[holding.symbol] = SharePrice(
                Fraction(holding.amount) / Fraction(holding.shares), PriceSource.HOLDING
            )
        elif holding.type is AssetType.BOND:
            prices.pop(holding.symbol, None)  # quoted in percent, if at all
    return Valuation(tuple(holdings), prices, Basis.STATED, None, notes)


def _last_day(series: PriceSeries) -> date:
    day: date = series.days[-1].item()
    return day


def _amount(holding: Holding, price: SharePrice) -> Decimal:
    cents = Fraction(holding.shares or 0) * price.exact * 100
    exact = Decimal(cents.numerator) / Decimal(cents.denominator) / 100
    return exact.quantize(HUNDREDTH, ROUND_HALF_UP)


def _plausible(holding: Holding, price: SharePrice) -> bool:
    amount = _amount(holding, price)
    return holding.amount <= _PLAUSIBLE * amount and amount <= _PLAUSIBLE * holding.amount


def _at_close(holding: Holding, price: SharePrice | None) -> Holding:
    return holding if price is None else replace(holding, amount=_amount(holding, price))


def _restated(before: Sequence[Holding], after: Sequence[Holding], day: date) -> tuple[str, ...]:
    stated = sum((holding.amount for holding in before), Decimal())
    now = sum((holding.amount for holding in after), Decimal())
    if stated == now:
        return ()
    return (f"Valued at the closes of {day}, the portfolio is worth {now:,.2f}; it states {stated:,.2f}.",)
