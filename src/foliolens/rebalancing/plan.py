"""The plan: from targets and options to trades, with the portfolio before and after."""

import itertools
import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from foliolens.errors import FieldProblem, Unprocessable
from foliolens.holdings.apportionment import from_hundredths, largest_remainder
from foliolens.holdings.models import Holding
from foliolens.rebalancing.book import Book
from foliolens.rebalancing.lots import CENTS, lots_of
from foliolens.rebalancing.models import Group, Mode, Options, Stake, Trade
from foliolens.rebalancing.targets import GroupTarget, Targets, described
from foliolens.rebalancing.tolerance import bounds
from foliolens.rebalancing.trading import CannotWithdraw, trade
from foliolens.rebalancing.valuation import Valuation
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

__all__ = ["Plan", "make_plan", "percentages"]

_SHARE_DECIMALS = Decimal("0.000001")


class Plan(Struct, frozen=True):
    """A plan of trades.

    Attributes:
        stakes: What was held before, and what is bought for the first time.
        groups: The targets in cents, with their bands.
        trades: Sales first, the largest first, then purchases likewise.
        cents_after: Cents of each stake after the trades.
        shares_after: Shares of each; None where they are not known.
        before_total: Cents before the cash flow.
        total: Cents after it.
        residual: Cents that no position took: what is set aside, and what is left over.
        residual_symbol: What that is called where it is a holding; nothing held has this symbol.
    """

    stakes: tuple[Stake, ...]
    groups: tuple[Group, ...]
    trades: tuple[Trade, ...]
    cents_after: tuple[int, ...]
    shares_after: tuple[Decimal | None, ...]
    before_total: int
    total: int
    residual: int
    residual_symbol: str

    @property
    def bought(self) -> int:
        """Cents of all purchases."""
        return sum(each.cents for each in self.trades if each.cents > 0)

    @property
    def sold(self) -> int:
        """Cents of all sales."""
        return -sum(each.cents for each in self.trades if each.cents < 0)

    def held_after(self, group: Group) -> int:
        """Return the cents of a group afterwards, uninvested cash included where it counts towards it."""
        held = sum(self.cents_after[index] for index in group.members)
        return held + (self.residual if group.takes_uninvested else 0)

    def holdings_before(self) -> list[Holding]:
        """Return what is held before, valued as the plan values it."""
        return [stake.holding for stake in self.stakes if stake.cents]

    def holdings_after(self) -> list[Holding]:
        """Return what is held afterwards, uninvested cash as a holding of money."""
        held = [
            replace(stake.holding, amount=from_hundredths(cents), shares=shares)
            for stake, cents, shares in zip(self.stakes, self.cents_after, self.shares_after, strict=True)
            if cents
        ]
        if self.residual:
            held.append(_money(self.residual_symbol, self.residual))
        return held


def make_plan(valuation: Valuation, targets: Targets, options: Options) -> Plan:
    """Make the plan.

    Args:
        valuation: What is held, and with amount 0 what may be bought beside that.
        targets: Every symbol of the valuation is in one of the groups.
        options: How it may be made.

    Raises:
        Unprocessable: There is no such plan; the message says why.
    """
    stakes = tuple(
        _stake(holding, valuation, options) for holding in sorted(valuation.holdings, key=lambda h: h.symbol)
    )
    before_total = sum(stake.cents for stake in stakes)
    total = before_total + options.cash_flow
    _check_cash_flow(before_total, options)
    groups = _groups(targets, stakes, total, options)
    ceiling = None if options.most is None else math.floor(Fraction(options.most) * total / 100)
    if ceiling is not None:
        _check_ceiling(groups, stakes, ceiling, options)
    purse = _purse(stakes)
    try:
        book = trade(
            (*stakes, purse),
            [_with_purse(group, len(stakes)) for group in groups],
            cash=options.cash_flow,
            mode=options.mode,
            least=options.least,
            ceiling=ceiling,
        )
    except CannotWithdraw as missing:
        raise _impossible(
            "cashFlow",
            "NOT_ENOUGH_TO_SELL",
            f"What may be sold raises {from_hundredths(missing.missing):,.2f} less than is to be withdrawn: "
            "withdraw less, or allow more to be sold.",
        ) from missing
    trades = [_trade(book, index) for index in range(len(stakes)) if book.traded(index)]
    trades.sort(key=lambda each: (each.cents > 0, -abs(each.cents), stakes[each.stake].symbol))
    return Plan(
        stakes,
        tuple(groups),
        tuple(trades),
        tuple(book.amount(index) for index in range(len(stakes))),
        _shares_after(stakes, trades),
        before_total,
        total,
        book.cash + book.amount(book.purse),
        purse.symbol,
    )


def percentages(cents: Sequence[int]) -> list[Decimal]:
    """Return the weights of amounts in percent with two decimals; they sum to exactly 100.00."""
    return [from_hundredths(part) for part in largest_remainder(cents, 100_00)]


def _stake(holding: Holding, valuation: Valuation, options: Options) -> Stake:
    price = valuation.prices.get(holding.symbol)
    is_money = holding.type is AssetType.CASH
    by_amount = price is None or is_money
    return Stake(
        holding=holding,
        cents=int(holding.amount.scaleb(2)),
        price=None if by_amount else price,
        lots=CENTS
        if price is None or by_amount
        else lots_of(price.exact, holding.shares, fractional=options.fractional),
        is_money=is_money,
        is_cash=described(holding).is_cash,
        sellable=holding.symbol not in options.never_sell,
    )


def _check_cash_flow(before_total: int, options: Options) -> None:
    if options.cash_flow + before_total <= 0:
        raise _impossible(
            "cashFlow",
            "WITHDRAWS_EVERYTHING",
            f"The portfolio is worth {from_hundredths(before_total):,.2f}: withdraw less than that, so that "
            "something is left to rebalance.",
        )
    if options.cash_flow < 0 and options.mode is Mode.BUY_ONLY:
        raise _impossible(
            "cashFlow", "NOT_ENOUGH_TO_SELL", "A withdrawal needs sales: choose the mode full or sell_only."
        )


def _purse(stakes: Sequence[Stake]) -> Stake:
    """Return the position of money that uninvested cash is, under a symbol that nothing held has."""
    held = {stake.symbol for stake in stakes}
    symbols = itertools.chain(("CASH", "USD"), (f"CASH-{number}" for number in itertools.count(2)))
    symbol = next(symbol for symbol in symbols if symbol not in held)
    return Stake(_money(symbol, 0), 0, None, CENTS, is_money=True, is_cash=True, sellable=True)


def _with_purse(group: Group, index: int) -> Group:
    return replace(group, members=(*group.members, index)) if group.takes_uninvested else group


def _groups(targets: Targets, stakes: Sequence[Stake], total: int, options: Options) -> list[Group]:
    """Turn weights into cents that sum to the total, with the bands around them.

    Uninvested cash counts towards the cash as a whole where that is a target, else it is a group of its own.
    """
    places = {stake.symbol: index for index, stake in enumerate(stakes)}
    kept = sum(
        stakes[places[symbol]].cents
        for group in targets.groups
        if group.weight is None
        for symbol in group.members
    )
    if kept >= total:
        raise _impossible(
            "cashFlow",
            "NOT_ENOUGH_TO_SELL",
            "Holdings of unknown class are left as they are, and are worth more than what would be left.",
        )
    wanted = list(targets.groups)
    takes = next((group.key for group in wanted if group.is_cash and not targets.reserve), None)
    if takes is None:
        takes = ""
        wanted.append(GroupTarget(takes, "uninvested cash", targets.reserve, (), is_cash=True))
    # Cash comes last, whether it is held or stays uninvested, so that a cent too many is never its.
    wanted.sort(key=lambda group: (group.is_cash, group.key))
    weights = [group.weight or Fraction(0) for group in wanted]
    scale = math.lcm(*(weight.denominator for weight in weights))
    parts = largest_remainder([int(weight * scale) for weight in weights], total - kept)

    def group(target: GroupTarget, part: int) -> Group:
        members = tuple(places[symbol] for symbol in target.members)
        if target.weight is None:
            held = sum(stakes[index].cents for index in members)
            return Group(target.key, target.label, members, held, held, held, is_cash=False)
        is_cash = target.is_cash or all(stakes[index].is_money for index in members)
        # A part of nothing is nothing: money that should be none would be over its band by a cent.
        band = replace(options.band, relative=None) if is_cash and not target.weight else options.band
        low, high = bounds(target.weight * (total - kept) / total, total, band)
        return Group(
            target.key,
            target.label,
            members,
            part,
            min(low, part),
            max(high, part),
            is_cash=is_cash,
            takes_uninvested=target.key == takes,
        )

    return [group(target, part) for target, part in zip(wanted, parts, strict=True)]


def _check_ceiling(groups: Sequence[Group], stakes: Sequence[Stake], ceiling: int, options: Options) -> None:
    for group in groups:
        limited = [index for index in group.members if not stakes[index].is_cash]
        if len(limited) == len(group.members) and len(limited) * ceiling < group.target - len(limited):
            count = f"{len(limited)} holdings" if len(limited) > 1 else "one holding"
            raise _impossible(
                "maxPosition",
                "MAX_POSITION_TOO_SMALL",
                f"The target for {group.label} cannot be met: {count} of at most {options.most}% each "
                "are too little.",
            )
    stuck = [
        stake.symbol
        for stake in stakes
        if stake.cents > ceiling
        and not stake.sellable
        and not stake.is_cash
        and options.mode is not Mode.BUY_ONLY
    ]
    if stuck:
        raise _impossible(
            "neverSell",
            "MAX_POSITION_TOO_SMALL",
            f"{', '.join(stuck)}: more than {options.most}% of the portfolio, and never to be sold.",
        )


def _impossible(field: str, code: str, message: str) -> Unprocessable:
    return Unprocessable(message, details=[FieldProblem(field=field, code=code, message=message)])


def _trade(book: Book, index: int) -> Trade:
    stake, cents, cause = book.stakes[index], book.traded(index), book.causes[index]
    if cause is None:
        raise AssertionError(f"{stake.symbol} is traded for no reason")
    closes = not book.amount(index)
    return Trade(index, cents, _shares(stake, cents, book.net[index], closes=closes), cause, closes)


def _shares(stake: Stake, cents: int, lots: int, *, closes: bool) -> Decimal | None:
    """Return how many shares a trade is."""
    if closes:
        return stake.holding.shares
    if stake.price is None:
        return None
    if stake.lots.shares is not None:
        exact = abs(lots) * stake.lots.shares
    else:
        exact = Fraction(abs(cents), 100) / stake.price.exact
    shares = Decimal(exact.numerator) / Decimal(exact.denominator)
    return shares.quantize(_SHARE_DECIMALS, ROUND_HALF_EVEN).normalize() + Decimal(0)


def _shares_after(stakes: Sequence[Stake], trades: Sequence[Trade]) -> tuple[Decimal | None, ...]:
    shares = [stake.holding.shares for stake in stakes]
    for each in trades:
        stake = stakes[each.stake]
        before = shares[each.stake] if stake.cents else Decimal(0)
        if before is None or each.shares is None:
            shares[each.stake] = None
        else:
            shares[each.stake] = before + (each.shares if each.cents > 0 else -each.shares)
    return tuple(shares)


def _money(symbol: str, cents: int) -> Holding:
    return Holding(
        symbol=symbol,
        name="Cash",
        type=AssetType.CASH,
        category=Category.CASH_EQUIVALENTS,
        sector=Sector.DIVERSIFIED,
        region=Region.UNKNOWN,
        allocation=Decimal(0),
        amount=from_hundredths(cents),
    )
