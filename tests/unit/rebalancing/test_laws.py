"""What holds for every plan there is: ten thousand random requests, and what hypothesis makes of them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from foliolens.errors import Unprocessable
from foliolens.holdings.models import Holding
from foliolens.rebalancing.models import Mode, Options
from foliolens.rebalancing.plan import Plan, percentages
from tests.unit.rebalancing.cases import Case, random_case

CASES = 10_000
PARTS = 5
HUNDRED = Decimal("100.00")


def test_the_sum_of_all_parts_is_every_case() -> None:
    assert CASES % PARTS == 0


@pytest.mark.parametrize("part", range(PARTS))
def test_the_laws_hold_for_random_requests(part: int) -> None:
    planned = sum(_holds(seed) for seed in range(part, CASES, PARTS))

    assert planned > CASES // PARTS // 3, "most requests must lead to a plan, or this tests nothing"


@settings(max_examples=200, deadline=None)
@given(st.integers(CASES, 10**12))
def test_the_laws_hold_for_any_request(seed: int) -> None:
    _holds(seed)


def _holds(seed: int) -> bool:
    """Check every law; whether there was a plan rather than a refusal."""
    case = random_case(seed)
    try:
        plan = case.plan(case.holdings, case.options)
    except Unprocessable as refusal:
        assert refusal.message, seed
        assert refusal.details, seed
        return False
    _cash_balances(plan, case, seed)
    _nothing_is_negative(plan, seed)
    _options_are_kept(plan, case, seed)
    _weights_sum_to_one_hundred(plan, seed)
    if seed % 10 == 0:
        _the_same_input_gives_the_same_plan(plan, case, seed)
    _asking_again_proposes_nothing(plan, case, seed)
    return True


def _cash_balances(plan: Plan, case: Case, seed: int) -> None:
    assert case.options.cash_flow + plan.sold == plan.bought + plan.residual, seed
    assert sum(plan.cents_after) + plan.residual == plan.total, seed
    for trade in plan.trades:
        stake = plan.stakes[trade.stake]
        assert plan.cents_after[trade.stake] - stake.cents == trade.cents, seed
        if stake.price is not None and trade.shares is not None:
            worth = Fraction(trade.shares) * stake.price.exact * 100
            assert abs(worth - abs(trade.cents)) <= 1, f"{seed}: {stake.symbol} {trade}"


def _nothing_is_negative(plan: Plan, seed: int) -> None:
    assert plan.residual >= 0, seed
    assert min(plan.cents_after) >= 0, seed
    assert all(shares is None or shares >= 0 for shares in plan.shares_after), seed


def _options_are_kept(plan: Plan, case: Case, seed: int) -> None:
    options = case.options
    if options.mode is Mode.BUY_ONLY:
        assert plan.sold == 0, seed
    if options.mode is Mode.SELL_ONLY:
        assert plan.bought == 0, seed
    for trade in plan.trades:
        symbol = plan.stakes[trade.stake].symbol
        assert abs(trade.cents) >= options.least, seed
        assert trade.cents > 0 or symbol not in options.never_sell, seed
        if not options.fractional and trade.shares is not None and not trade.closes:
            assert trade.shares == trade.shares.to_integral_value(), seed
    if options.most is not None:
        _no_position_grows_above_the_maximum(plan, options.most, seed)
    if options.cash_flow == 0 and options.most is None:
        held = [sum(plan.stakes[index].cents for index in group.members) for group in plan.groups]
        if all(group.low <= cents <= group.high for group, cents in zip(plan.groups, held, strict=True)):
            assert not plan.trades, f"{seed}: inside the band there is no trade"


def _no_position_grows_above_the_maximum(plan: Plan, most: Decimal, seed: int) -> None:
    ceiling = Fraction(most) * plan.total / 100
    for stake, cents in zip(plan.stakes, plan.cents_after, strict=True):
        assert stake.is_cash or cents <= max(ceiling, stake.cents), seed


def _weights_sum_to_one_hundred(plan: Plan, seed: int) -> None:
    assert sum(percentages([stake.cents for stake in plan.stakes])) == HUNDRED, seed
    assert sum(percentages([*plan.cents_after, plan.residual])) == HUNDRED, seed
    assert sum(group.target for group in plan.groups) == plan.total, seed


def _the_same_input_gives_the_same_plan(plan: Plan, case: Case, seed: int) -> None:
    again = case.plan(case.holdings[::-1], case.options)

    assert (again.trades, again.cents_after, again.residual) == (
        plan.trades,
        plan.cents_after,
        plan.residual,
    ), seed


def _asking_again_proposes_nothing(plan: Plan, case: Case, seed: int) -> None:
    """Once the trades are made, and uninvested cash is a holding of money or is offered once more.

    Where whole shares, the maximum or a withdrawal left nothing of a holding that has a target, what is
    spread over the holdings is spread over others, so those are other targets. Cash that is a target is not
    offered again: as new cash it would be invested where that is most short.
    """
    sold_out = {trade.stake for trade in plan.trades if trade.closes}
    if any(group.target and sold_out & set(group.members) for group in plan.groups):
        return
    held = plan.holdings_after()
    kept = {holding.symbol for holding in held}
    options = replace(case.options, cash_flow=0, never_sell=case.options.never_sell & kept)
    assert not _traded(case, held, options), f"{seed}: trades though the plan was carried out"
    if plan.residual and not any(group.target for group in plan.groups if group.takes_uninvested):
        money = {stake.symbol for stake in plan.stakes if stake.is_money}
        again = _traded(case, held[:-1], replace(options, cash_flow=plan.residual))
        assert set(again) <= money, f"{seed}: the same cash is invested after all"


def _traded(case: Case, held: list[Holding], options: Options) -> list[str]:
    """The symbols of a second plan's trades; none where a target has lost all of its holdings."""
    try:
        plan = case.plan(held, options)
    except Unprocessable as refusal:
        assert isinstance(refusal.details, list)
        assert {problem["code"] for problem in refusal.details} == {"NOTHING_HELD"}
        return []
    return [plan.stakes[trade.stake].symbol for trade in plan.trades]
