"""A plan in the contract's form."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from foliolens.holdings.apportionment import from_hundredths, largest_remainder
from foliolens.rebalancing.model_portfolios import Model
from foliolens.rebalancing.models import Group, Mode, Options, Trade
from foliolens.rebalancing.plan import Plan, percentages
from foliolens.rebalancing.recommendations import Finding, findings, mended
from foliolens.rebalancing.risk_change import comparable_prices, metric_changes
from foliolens.rebalancing.schemas import (
    GroupView,
    PositionView,
    RebalancePlan,
    RecommendationView,
    RiskChange,
    SuggestedTrade,
    TradeView,
    ValuationView,
)
from foliolens.rebalancing.targets import described
from foliolens.rebalancing.valuation import Valuation
from foliolens.rebalancing.wording import money, reason, steps
from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.models import RiskReport
from foliolens.risk.report import DISCLAIMER
from foliolens.risk.wording import listed, opening

__all__ = ["Context", "plan_view", "recommendation_views"]


class Context(Struct, frozen=True):
    """What a plan's view tells beside the plan.

    Attributes:
        currency: Of the amounts.
        stated_on: The day of the amounts as they are stored.
        now: When the plan was made.
        model: The model of the owner's risk profile, if there is one.
        before: The risk report of the portfolio before.
        after: The risk report after the plan.
    """

    currency: str
    stated_on: date
    now: datetime
    model: Model | None
    before: RiskReport
    after: RiskReport


def plan_view(
    plan: Plan, valuation: Valuation, notes: Sequence[str], options: Options, context: Context
) -> RebalancePlan:
    """Write a plan."""
    before, after = plan.holdings_before(), plan.holdings_after()
    found = findings(before, model=context.model, never_sell=options.never_sell)
    return RebalancePlan(
        as_of=context.now,
        currency=context.currency,
        valuation=ValuationView(basis=valuation.basis, as_of=valuation.day or context.stated_on),
        value_before=from_hundredths(plan.before_total),
        cash_flow=from_hundredths(options.cash_flow),
        value_after=from_hundredths(plan.total),
        trades=[_trade_view(plan, trade, options) for trade in plan.trades],
        bought=from_hundredths(plan.bought),
        sold=from_hundredths(plan.sold),
        residual_cash=from_hundredths(plan.residual),
        turnover=_percent(plan.bought + plan.sold, 2 * plan.total),
        before=_positions(plan, [stake.cents for stake in plan.stakes], None),
        after=_positions(plan, plan.cents_after, plan.residual),
        groups=[_group_view(plan, group) for group in plan.groups if group.members or group.target],
        risk_change=[
            RiskChange(metric=each.metric, before=each.before, after=each.after, change=each.change)
            for each in metric_changes(context.before, context.after)
        ],
        steps=steps(plan, options),
        recommendations=recommendation_views(found, mended(found, after)),
        notes=[*valuation.notes, *notes, *_left_over(plan, options), *_other_days(context)],
        disclaimer=DISCLAIMER,
    )


def recommendation_views(
    found: Sequence[Finding], mended_by_plan: Sequence[Finding]
) -> list[RecommendationView]:
    """Write findings about a portfolio, and which of them a plan mends."""
    gone = {each.about for each in mended_by_plan}
    return [
        RecommendationView(
            code=each.code,
            message=each.message,
            symbols=list(each.symbols),
            trades=[
                SuggestedTrade(
                    symbol=trade.symbol,
                    action="buy" if trade.cents > 0 else "sell",
                    amount=from_hundredths(abs(trade.cents)),
                )
                for trade in each.trades
            ],
            mended_by_plan=each.about in gone,
        )
        for each in found
    ]


def _trade_view(plan: Plan, trade: Trade, options: Options) -> TradeView:
    stake = plan.stakes[trade.stake]
    price = stake.price
    return TradeView(
        symbol=stake.symbol,
        name=stake.holding.name,
        action="buy" if trade.cents > 0 else "sell",
        shares=trade.shares,
        amount=from_hundredths(abs(trade.cents)),
        price=None if price is None else price.shown,
        price_source=None if price is None else price.source,
        price_date=None if price is None else price.day,
        cause=trade.cause,
        reason=reason(plan, trade, options),
    )


def _positions(plan: Plan, cents: Sequence[int], residual: int | None) -> list[PositionView]:
    """Write the rows before the plan, or after it where there is a residual, largest first."""
    is_after = residual is not None
    groups = {index: group for group in plan.groups for index in group.members}
    targets = _target_cents(plan)
    rows = [index for index in range(len(plan.stakes)) if cents[index]]
    amounts = [cents[index] for index in rows] + ([residual] if residual else [])
    weights = percentages(amounts)
    views = []
    for index, weight in zip(rows, weights, strict=False):
        stake = plan.stakes[index]
        target = _percent(targets[index], plan.total)
        views.append(
            PositionView(
                symbol=stake.symbol,
                name=stake.holding.name,
                asset_class=described(stake.holding).asset_class,
                group=groups[index].key,
                shares=plan.shares_after[index] if is_after else stake.holding.shares,
                amount=from_hundredths(cents[index]),
                weight=weight,
                target_weight=target,
                drift=weight - target,
                residual=False,
            )
        )
    if residual:
        own = next(group for group in plan.groups if group.takes_uninvested)
        target = _percent(0 if own.members else own.target, plan.total)
        views.append(
            PositionView(
                symbol=plan.residual_symbol,
                name="Cash",
                asset_class=AssetClass.CASH,
                group=own.key or None,
                shares=None,
                amount=from_hundredths(residual),
                weight=weights[-1],
                target_weight=target,
                drift=weights[-1] - target,
                residual=True,
            )
        )
    return sorted(views, key=lambda view: (view.residual, -view.amount, view.symbol))


def _target_cents(plan: Plan) -> dict[int, int]:
    """Return each position's part of its group's target, in proportion to what is held."""
    targets: dict[int, int] = {}
    for group in plan.groups:
        if not group.members:
            continue
        held = [plan.stakes[index].cents for index in group.members]
        weights = held if sum(held) else [1] * len(held)
        targets.update(zip(group.members, largest_remainder(weights, group.target), strict=True))
    return targets


def _group_view(plan: Plan, group: Group) -> GroupView:
    before = sum(plan.stakes[index].cents for index in group.members)
    after = plan.held_after(group)
    return GroupView(
        key=group.key,
        label=group.label,
        symbols=[plan.stakes[index].symbol for index in group.members],
        target_weight=_percent(group.target, plan.total),
        lowest_weight=_percent(group.low, plan.total),
        highest_weight=_percent(group.high, plan.total),
        weight_before=_percent(before, plan.total),
        weight_after=_percent(after, plan.total),
        in_band_before=group.low <= before <= group.high,
        in_band_after=group.low <= after <= group.high,
    )


def _left_over(plan: Plan, options: Options) -> list[str]:
    """Say what stays outside its band, and why."""
    notes = []
    stuck = []
    for group in plan.groups:
        after = plan.held_after(group)
        if group.low <= after <= group.high:
            continue
        is_over = after > group.high
        if is_over and options.mode is Mode.BUY_ONLY:
            cause = "buy-only sells nothing"
        elif not is_over and options.mode is Mode.SELL_ONLY:
            cause = "sell-only buys nothing"
        elif is_over and group.members and not any(plan.stakes[index].sellable for index in group.members):
            cause = "it is never to be sold"
        else:
            stuck.append(group.label)
            continue
        share = f"{100 * after / plan.total:.2f}%"
        band = f"{100 * group.low / plan.total:.2f}% to {100 * group.high / plan.total:.2f}%"
        notes.append(f"{opening(group.label)} stays at {share}, outside its band of {band}: {cause}.")
    if stuck:
        notes.append(
            f"Outside the band all the same: {listed(stuck)}. Whole shares, limits, the smallest trade "
            "or the cash there is allow nothing closer."
        )
    by_amount = [
        plan.stakes[trade.stake].symbol
        for trade in plan.trades
        if trade.shares is None and not plan.stakes[trade.stake].is_money
    ]
    if by_amount:
        notes.append(f"No price of a share is known for {listed(by_amount)}: traded by amount.")
    if plan.residual:
        notes.append(f"{money(plan.residual)} stays uninvested and is shown as {plan.residual_symbol}.")
    return notes


def _other_days(context: Context) -> list[str]:
    if comparable_prices(context.before, context.after):
        return []
    return ["The risk figures from prices are of other days before and after, so their change is not given."]


def _percent(part: int, whole: int) -> Decimal:
    return from_hundredths((2 * part * 100_00 + whole) // (2 * whole))
