"""A plan in words: why each trade is made, and what to do in which order."""

from decimal import Decimal

from foliolens.holdings.apportionment import from_hundredths
from foliolens.rebalancing.models import Cause, Group, Options, Trade
from foliolens.rebalancing.plan import Plan
from foliolens.risk.wording import opening

__all__ = ["money", "reason", "steps"]


def money(cents: int) -> str:
    """Write cents as an amount: `1,234.50`."""
    return f"{from_hundredths(cents):,.2f}"


def reason(plan: Plan, trade: Trade, options: Options) -> str:  # noqa: PLR0911 - one for each cause
    """Say why a trade is in the plan, in one sentence."""
    stake = plan.stakes[trade.stake]
    group = next(group for group in plan.groups if trade.stake in group.members)
    held = sum(plan.stakes[index].cents for index in group.members)
    target = _share(group.target, plan.total)
    is_ = f"{group.label} at {_share(held, plan.total)} of the portfolio"
    label = opening(is_)
    match trade.cause:
        case Cause.OVER_MAXIMUM:
            share = _share(stake.cents, plan.total)
            return f"{stake.symbol} is {share} of the portfolio, above the {options.most}% allowed."
        case Cause.ABOVE_BAND if not group.target:
            return f"{opening(group.label)}: no part of the target."
        case Cause.ABOVE_BAND:
            return f"{label} is above its band around {target}."
        case Cause.BELOW_BAND:
            return f"{label} is below its band around {target}."
        case Cause.PLACES_CASH:
            return f"Places cash: {is_} is below its target of {target}."
        case Cause.WITHDRAWAL:
            return f"Raises cash for the withdrawal: {is_}, its target {target}."
        case Cause.RAISES_CASH if stake.is_money:
            return "Pays for the purchases."
        case Cause.RAISES_CASH:
            return f"Pays for the purchases: {is_} is above its target of {target}."
        case Cause.KEEPS_REST:
            return "What the other trades leave over."


def steps(plan: Plan, options: Options) -> list[str]:
    """Say what to do, in order."""
    if not plan.trades:
        return _nothing_to_do(plan, options)
    told = []
    sales = [trade for trade in plan.trades if trade.cents < 0]
    purchases = [trade for trade in plan.trades if trade.cents > 0]
    if options.cash_flow > 0:
        told.append(f"Pay in {money(options.cash_flow)}.")
    told += [_step(plan, trade) for trade in sales]
    if any(not plan.stakes[trade.stake].is_money for trade in sales) and (purchases or options.cash_flow < 0):
        told.append("Wait until the sales are settled.")
    if options.cash_flow < 0:
        told.append(f"Withdraw {money(-options.cash_flow)}.")
    told += [_step(plan, trade) for trade in purchases]
    if plan.residual:
        told.append(f"Keep {money(plan.residual)} as cash.")
    return told


def _nothing_to_do(plan: Plan, options: Options) -> list[str]:
    if options.cash_flow > 0:
        return [f"Pay in {money(options.cash_flow)} and keep it as cash."]
    if all(_in_band(plan, group) for group in plan.groups):
        return ["Nothing to do: every holding is within its band."]
    return [
        "Nothing to do: no trade that these options allow would bring the portfolio closer to its targets."
    ]


def _in_band(plan: Plan, group: Group) -> bool:
    return group.low <= plan.held_after(group) <= group.high


def _step(plan: Plan, trade: Trade) -> str:
    stake = plan.stakes[trade.stake]
    amount = money(abs(trade.cents))
    if stake.is_money:
        return f"Use {amount} of {stake.symbol}." if trade.cents < 0 else f"Put {amount} into {stake.symbol}."
    verb = "Buy" if trade.cents > 0 else "Sell"
    if trade.closes:
        return f"Sell all of {stake.symbol}, about {amount}."
    if trade.shares is None or stake.price is None:
        return f"{verb} {stake.symbol} for {amount}."
    shares = "1 share" if trade.shares == 1 else f"{_number(trade.shares)} shares"
    return f"{verb} {shares} of {stake.symbol} at about {_number(stake.price.shown)} each, {amount} together."


def _share(cents: int, total: int) -> str:
    return f"{100 * cents / total:.2f}%"


def _number(value: Decimal) -> str:
    return f"{value:,f}"
