"""What a rebalancing plan is made from and made of. Money is whole cents, weights are percent."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

from msgspec import Struct

from foliolens.holdings.models import Holding
from foliolens.rebalancing.lots import Lots
from foliolens.rebalancing.valuation import SharePrice

__all__ = ["DEFAULT_BAND", "DEFAULT_LEAST", "Band", "Cause", "Group", "Mode", "Options", "Stake", "Trade"]


class Mode(StrEnum):
    """Which trades a plan may hold."""

    FULL = "full"
    BUY_ONLY = "buy_only"
    SELL_ONLY = "sell_only"


class Band(Struct, frozen=True):
    """How far a weight may be from its target without a trade; the narrower of the two counts.

    Attributes:
        absolute: Percentage points.
        relative: Percent of the target; None where only `absolute` counts.
    """

    absolute: Decimal
    relative: Decimal | None


DEFAULT_BAND: Final = Band(Decimal(5), Decimal(25))
"""The 5/25 rule: 5 percentage points, or a quarter of a small target."""

DEFAULT_LEAST: Final = Decimal(1)
"""The smallest trade worth proposing, in the portfolio's currency: less is rounding."""


class Options(Struct, frozen=True):
    """How a plan may be made.

    Attributes:
        cash_flow: Cents to invest; negative to withdraw.
        fractional: Whether a part of a share can be traded.
        least: Smallest trade, in cents.
        most: Largest single position, in percent of the portfolio; None without limit. Cash is exempt.
        never_sell: Symbols.
    """

    cash_flow: int = 0
    mode: Mode = Mode.FULL
    fractional: bool = False
    least: int = 0
    band: Band = DEFAULT_BAND
    most: Decimal | None = None
    never_sell: frozenset[str] = frozenset()


class Stake(Struct, frozen=True):
    """One symbol, as it is held before the plan.

    Attributes:
        holding: What it is; its amount is the value the plan starts from. A symbol that is only to be
            bought has the amount 0.
        cents: The same value.
        price: Of one share; None where only amounts are known.
        lots: In what steps it can be traded.
        is_money: Whether it is money itself, so that nothing needs to be sold to spend it.
        is_cash: Whether it is money or its equivalent, which no limit on positions concerns.
        sellable: Whether the owner allows to sell it.
    """

    holding: Holding
    cents: int
    price: SharePrice | None
    lots: Lots
    is_money: bool
    is_cash: bool
    sellable: bool

    @property
    def symbol(self) -> str:
        """Its ticker."""
        return self.holding.symbol


class Group(Struct, frozen=True):
    """Holdings that share one target: one symbol, or what is held of a category or class.

    Attributes:
        key: Unique among the groups of a plan: a symbol, `class:equity`, `category:us_large_cap`.
        label: For people.
        members: Indices of the stakes.
        target: Cents; the targets of all groups and of uninvested cash sum to the value after the cash flow.
        low: Least cents that need no trade.
        high: Most cents that need no trade.
        is_cash: Whether it is cash, which is spent where it is needed and never only sold.
        takes_uninvested: Whether uninvested cash counts towards it; true of exactly one group of a plan,
            which may have no members.
    """

    key: str
    label: str
    members: tuple[int, ...]
    target: int
    low: int
    high: int
    is_cash: bool
    takes_uninvested: bool = False


class Cause(StrEnum):
    """Why a trade is in the plan."""

    OVER_MAXIMUM = "over_maximum"
    ABOVE_BAND = "above_band"
    WITHDRAWAL = "withdrawal"
    RAISES_CASH = "raises_cash"
    BELOW_BAND = "below_band"
    PLACES_CASH = "places_cash"
    KEEPS_REST = "keeps_rest"


class Trade(Struct, frozen=True):
    """One trade.

    Attributes:
        stake: Index of the stake.
        cents: Positive to buy, negative to sell.
        shares: How many; None where no price of a share is known.
        cause: Why.
        closes: Whether it sells all there is.
    """

    stake: int
    cents: int
    shares: Decimal | None
    cause: Cause
    closes: bool
