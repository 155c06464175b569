"""Which trades a plan holds, one rule at a time."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from foliolens.errors import Unprocessable
from foliolens.rebalancing.model_portfolios import Model, model_targets
from foliolens.rebalancing.models import DEFAULT_BAND, Band, Cause, Mode
from foliolens.reference.taxonomy import Category
from tests.unit.rebalancing.cases import (
    after,
    bills,
    bonds,
    fund,
    money,
    percent,
    plan_for,
    stock,
    trades,
    unknown,
)


def dollars(**amounts: Any) -> dict[str, Decimal]:
    return {symbol: Decimal(str(amount)) for symbol, amount in amounts.items()}


def refused(*arguments: Any, **options: Any) -> tuple[str, str]:
    """Field and code of the one problem of a plan that there is not."""
    with pytest.raises(Unprocessable) as refusal:
        plan_for(*arguments, **options)
    assert isinstance(refusal.value.details, list)
    (problem,) = refusal.value.details
    return problem["field"], problem["code"]


class TestTargets:
    def test_without_a_band_every_holding_goes_to_its_target(self) -> None:
        plan = plan_for([stock("A", 700), stock("B", 300)], percent(A=50, B=50))

        assert trades(plan) == dollars(A=-200, B=200)
        assert plan.residual == 0

    def test_what_has_no_target_is_sold(self) -> None:
        plan = plan_for([stock("A", 600), stock("B", 400)], percent(A=100))

        assert trades(plan) == dollars(A=400, B=-400)
        assert [trade.closes for trade in plan.trades] == [True, False]

    def test_thirds_of_a_dollar_are_apportioned_by_symbol(self) -> None:
        third = Fraction(1, 3)
        plan = plan_for([stock("B", 1), stock("A", 0), stock("C", 0)], {"A": third, "B": third, "C": third})

        assert after(plan) == dollars(A="0.34", B="0.33", C="0.33")

    def test_a_class_is_spread_in_proportion_to_what_is_held_of_it(self) -> None:
        held = [stock("A", 600), fund("F", 200), bonds("G", 200)]
        plan = plan_for(held, {"class:equity": Fraction(40, 100), "class:fixed_income": Fraction(60, 100)})

        assert trades(plan) == dollars(A=-300, F=-100, G=400)

    def test_a_category_is_taken_out_of_its_class_and_a_symbol_out_of_its_category(self) -> None:
        held = [
            stock("A", 100),
            stock("B", 100),
            fund("SMALL", 400, category=Category.US_SMALL_CAP),
            fund("EM", 400, category=Category.EMERGING_MARKETS),
        ]
        wanted = {
            "A": Fraction(10, 100),
            "category:us_large_cap": Fraction(20, 100),
            "class:equity": Fraction(70, 100),
        }
        plan = plan_for(held, wanted)

        assert after(plan) == dollars(A=100, B=200, SMALL=350, EM=350)

    def test_a_model_is_spread_over_equity_bonds_and_cash(self) -> None:
        held = [stock("A", 300), fund("F", 600), bonds("G", 50), money(50)]
        plan = plan_for(held, model_targets(Model.MODERATE, held))

        assert after(plan) == dollars(A=200, F=400, G=350, CASH=50)

    def test_a_model_keeps_its_cash_uninvested_where_none_is_held(self) -> None:
        held = [stock("A", 900), bonds("G", 100)]
        plan = plan_for(held, model_targets(Model.CONSERVATIVE, held))

        assert after(plan) == dollars(A=300, G=600)
        assert plan.residual == 100_00

    def test_a_model_leaves_alone_what_it_cannot_place(self) -> None:
        held = [stock("A", 500), bonds("G", 500), unknown("BALANCED", 1000)]
        targets = model_targets(Model.AGGRESSIVE, held)
        plan = plan_for(held, targets)

        assert after(plan) == dollars(A=850, G=120, BALANCED=1000)
        assert plan.residual == 30_00
        assert any("BALANCED" in note for note in targets.notes)


class TestBands:
    def test_inside_the_band_there_is_no_trade(self) -> None:
        plan = plan_for([stock("A", 540), stock("B", 460)], percent(A=50, B=50), band=DEFAULT_BAND)

        assert plan.trades == ()

    @pytest.mark.parametrize(("amount", "sold"), [("550.00", 0), ("550.01", "-50.01")])
    def test_the_edge_belongs_to_the_band(self, amount: str, sold: object) -> None:
        rest = Decimal(1000) - Decimal(amount)
        plan = plan_for([stock("A", amount), stock("B", rest)], percent(A=50, B=50), band=DEFAULT_BAND)

        assert trades(plan).get("A", 0) == Decimal(sold)

    def test_a_quarter_of_a_small_target_is_nearer_than_five_points(self) -> None:
        held = [stock("A", 870), stock("B", 130)]

        assert trades(plan_for(held, percent(A=90, B=10), band=DEFAULT_BAND)) == dollars(A=30, B=-30)
        assert plan_for(held, percent(A=90, B=10), band=Band(Decimal(5), None)).trades == ()

    def test_what_leaves_its_band_goes_to_its_target_and_the_rest_only_pays_or_takes(self) -> None:
        held = [stock("A", 600), stock("B", 240), stock("C", 160)]
        plan = plan_for(held, percent(A=50, B=27, C=23), band=Band(Decimal(8), None))

        assert trades(plan) == dollars(A=-100, B=30, C=70)

    def test_what_is_within_its_band_is_sold_no_further_than_the_purchase_takes(self) -> None:
        held = [stock("A", 550), stock("B", 350), stock("C", 100)]
        plan = plan_for(held, percent(A=45, B=35, C=20), band=Band(Decimal(11), Decimal(40)))

        assert trades(plan) == dollars(A=-100, C=100)
        assert {trade.cause for trade in plan.trades} == {Cause.RAISES_CASH, Cause.BELOW_BAND}

    def test_a_group_is_judged_as_a_whole(self) -> None:
        held = [stock("A", 590), stock("B", 10), bonds("G", 400)]
        wanted = {"class:equity": Fraction(60, 100), "class:fixed_income": Fraction(40, 100)}

        assert plan_for(held, wanted, band=DEFAULT_BAND).trades == ()

    def test_a_little_money_without_a_target_is_within_its_band(self) -> None:
        held = [stock("A", 480), stock("B", 480), money(40)]

        assert plan_for(held, percent(A=50, B=50), band=DEFAULT_BAND).trades == ()
        assert trades(plan_for(held, percent(A=50, B=50))) == dollars(A=20, B=20, CASH=-40)


class TestNewCash:
    def test_it_is_placed_where_it_is_most_short_even_inside_the_band(self) -> None:
        held = [stock("A", 480), stock("B", 520)]
        plan = plan_for(held, percent(A=50, B=50), band=DEFAULT_BAND, cash_flow=20_00)

        assert trades(plan) == dollars(A=20)

    def test_it_fills_one_shortage_after_the_other(self) -> None:
        held = [stock("A", 300), stock("B", 330), stock("C", 370)]
        plan = plan_for(
            held, {symbol: Fraction(1, 3) for symbol in "ABC"}, band=DEFAULT_BAND, cash_flow=110_00
        )

        assert trades(plan) == dollars(A=70, B=40)

    def test_ties_break_by_symbol(self) -> None:
        held = [stock("B", 500, shares=5), stock("A", 500, shares=5)]
        plan = plan_for(held, percent(A=50, B=50), cash_flow=110_00)

        assert trades(plan) == dollars(A=100)
        assert plan.residual == 10_00

    def test_it_is_spent_before_anything_is_sold(self) -> None:
        held = [stock("A", 800), stock("B", 200)]
        plan = plan_for(held, percent(A=50, B=50), cash_flow=600_00)

        assert trades(plan) == dollars(B=600)

    def test_money_that_is_held_pays_before_anything_is_sold(self) -> None:
        held = [stock("A", 500), stock("B", 300), money(200)]
        plan = plan_for(held, percent(A=50, B=50))

        assert trades(plan) == dollars(B=200, CASH=-200)
        assert plan.trades[0].cause is Cause.RAISES_CASH


class TestModes:
    def test_buy_only_sells_nothing_and_spends_only_new_cash(self) -> None:
        held = [stock("A", 700), stock("B", 100), money(200)]
        plan = plan_for(held, percent(A=50, B=50), mode=Mode.BUY_ONLY, cash_flow=50_00)

        assert trades(plan) == dollars(B=50)

    def test_sell_only_keeps_what_it_raises(self) -> None:
        plan = plan_for([stock("A", 700), stock("B", 300)], percent(A=50, B=50), mode=Mode.SELL_ONLY)

        assert trades(plan) == dollars(A=-200)
        assert plan.residual == 200_00

    def test_sell_only_never_sells_money(self) -> None:
        held = [stock("A", 500), bills("T", 200), money(300)]
        wanted = {"class:equity": Fraction(90, 100), "class:cash": Fraction(10, 100)}

        assert plan_for(held, wanted, mode=Mode.SELL_ONLY).trades == ()

    def test_what_is_never_to_be_sold_stays(self) -> None:
        held = [stock("A", 700), stock("B", 200), stock("C", 100)]
        plan = plan_for(held, percent(A=40, B=30, C=30), never_sell=frozenset({"A"}), cash_flow=50_00)

        assert trades(plan) == dollars(C=50)


class TestWithdrawals:
    def test_they_come_from_what_is_above_its_target(self) -> None:
        plan = plan_for([stock("A", 700), stock("B", 300)], percent(A=50, B=50), cash_flow=-200_00)

        assert trades(plan) == dollars(A=-300, B=100)
        plan = plan_for(
            [stock("A", 700), stock("B", 300)],
            percent(A=50, B=50),
            cash_flow=-200_00,
            band=Band(Decimal(50), None),
        )
        assert trades(plan) == dollars(A=-200)

    def test_money_that_is_held_goes_first(self) -> None:
        held = [stock("A", 450), stock("B", 450), money(100)]

        assert trades(plan_for(held, percent(A=50, B=50), cash_flow=-100_00)) == dollars(CASH=-100)

    def test_whole_shares_raise_at_least_what_is_wanted(self) -> None:
        held = [stock("A", 500, shares=5), stock("B", 500, shares=2)]
        plan = plan_for(held, percent(A=50, B=50), cash_flow=-130_00, band=Band(Decimal(50), None))

        assert trades(plan) == dollars(A=-200)
        assert plan.residual == 70_00

    def test_nothing_is_planned_for_an_empty_portfolio(self) -> None:
        held = [stock("A", 100)]

        assert refused(held, percent(A=100), cash_flow=-100_00) == ("cashFlow", "WITHDRAWS_EVERYTHING")

    def test_buy_only_raises_nothing(self) -> None:
        held = [stock("A", 100)]

        assert refused(held, percent(A=100), cash_flow=-1_00, mode=Mode.BUY_ONLY) == (
            "cashFlow",
            "NOT_ENOUGH_TO_SELL",
        )

    def test_what_may_be_sold_must_be_enough(self) -> None:
        held = [stock("A", 900), stock("B", 100)]

        assert refused(held, percent(A=50, B=50), cash_flow=-200_00, never_sell=frozenset({"A"})) == (
            "cashFlow",
            "NOT_ENOUGH_TO_SELL",
        )


class TestLots:
    def test_whole_shares_are_the_nearest_to_the_target(self) -> None:
        held = [stock("A", 700, shares=7), stock("B", 300, shares=3)]
        plan = plan_for(held, percent(A=46, B=54))

        assert trades(plan) == dollars(A=-200, B=200)
        assert [trade.shares for trade in plan.trades] == [2, 2]

    def test_fractions_meet_the_target_to_the_cent(self) -> None:
        held = [stock("A", 700, shares=7), stock("B", 300, shares=3)]
        plan = plan_for(held, percent(A=46, B=54), fractional=True)

        assert trades(plan) == dollars(A=-240, B=240)
        assert [trade.shares for trade in plan.trades] == [Decimal("2.4"), Decimal("2.4")]

    def test_what_is_sold_entirely_takes_its_fraction_along(self) -> None:
        held = [stock("A", 750, shares=Decimal("7.5")), stock("B", 250, shares=1)]
        plan = plan_for(held, percent(B=100))

        assert trades(plan) == dollars(A=-750, B=750)
        assert plan.trades[0].shares == Decimal("7.5")

    def test_a_holding_with_a_target_is_not_rounded_away(self) -> None:
        held = [stock("A", 300, shares=1), stock("B", 700, shares=7)]
        plan = plan_for(held, percent(A=10, B=90))

        assert plan.trades == ()

    def test_money_takes_what_whole_shares_leave_over(self) -> None:
        held = [stock("A", 200, shares=2), money(150)]
        plan = plan_for(held, percent(A=100), cash_flow=100_00)

        assert trades(plan) == dollars(A=200, CASH=-100)
        assert plan.residual == 0

    def test_cash_stays_uninvested_where_no_money_is_held(self) -> None:
        plan = plan_for([stock("A", 200, shares=2)], percent(A=100), cash_flow=150_00)

        assert trades(plan) == dollars(A=100)
        assert plan.residual == 50_00
        assert plan.residual_symbol == "CASH"
        assert plan.holdings_after()[-1].amount == Decimal("50.00")

    def test_no_trade_is_smaller_than_the_smallest(self) -> None:
        held = [stock("A", 520), stock("B", 480)]

        assert plan_for(held, percent(A=50, B=50), least=20_01).trades == ()
        assert trades(plan_for(held, percent(A=50, B=50), least=20_00)) == dollars(A=-20, B=20)

    def test_small_parts_of_a_group_go_to_its_larger_holdings(self) -> None:
        held = [stock("A", 800), stock("B", 100), bonds("G", 100)]
        wanted = {"class:equity": Fraction(80, 100), "class:fixed_income": Fraction(20, 100)}
        plan = plan_for(held, wanted, least=50_00)

        assert trades(plan) == dollars(A=-100, G=100)


class TestMaximumPosition:
    def test_what_is_larger_is_cut_and_the_rest_of_its_group_takes_over(self) -> None:
        held = [stock("A", 500), stock("B", 100), bonds("G", 400)]
        wanted = {"class:equity": Fraction(60, 100), "class:fixed_income": Fraction(40, 100)}
        plan = plan_for(held, wanted, most=Decimal(40), band=DEFAULT_BAND)

        assert trades(plan) == dollars(A=-100, B=100)
        assert plan.trades[0].cause is Cause.OVER_MAXIMUM

    def test_cash_is_exempt(self) -> None:
        held = [stock("A", 400), money(600)]
        wanted = {"A": Fraction(40, 100), "CASH": Fraction(60, 100)}

        assert plan_for(held, wanted, most=Decimal(40)).trades == ()

    def test_too_few_holdings_for_a_target_are_refused(self) -> None:
        held = [stock("A", 500), bonds("G", 500)]

        assert refused(held, percent(A=50, G=50), most=Decimal(40)) == (
            "maxPosition",
            "MAX_POSITION_TOO_SMALL",
        )

    def test_what_is_never_to_be_sold_cannot_be_cut(self) -> None:
        held = [stock("A", 600), stock("B", 300), stock("C", 100)]
        wanted = {symbol: Fraction(1, 3) for symbol in "ABC"}

        assert refused(held, wanted, most=Decimal(40), never_sell=frozenset({"A"})) == (
            "neverSell",
            "MAX_POSITION_TOO_SMALL",
        )


class TestImpossibleTargets:
    @pytest.mark.parametrize("model", Model)
    def test_a_model_needs_equity_and_bonds(self, model: Model) -> None:
        with pytest.raises(Unprocessable, match="bonds, and the portfolio holds none"):
            model_targets(model, [stock("A", 100)])
        with pytest.raises(Unprocessable, match="equity, and the portfolio holds none"):
            model_targets(model, [bonds("G", 100), money(100)])

    def test_a_class_needs_a_holding_unless_it_is_cash(self) -> None:
        held = [stock("A", 100)]

        assert refused(held, {"A": Fraction(1, 2), "class:fixed_income": Fraction(1, 2)}) == (
            "targets.class:fixed_income",
            "NOTHING_HELD",
        )
        plan = plan_for(held, {"A": Fraction(1, 2), "class:cash": Fraction(1, 2)})
        assert (trades(plan), plan.residual) == (dollars(A=-50), 50_00)

    def test_what_is_left_alone_cannot_be_withdrawn(self) -> None:
        held = [stock("A", 50), bonds("G", 50), unknown("X", 900)]

        assert refused(held, model_targets(Model.MODERATE, held), cash_flow=-150_00) == (
            "cashFlow",
            "NOT_ENOUGH_TO_SELL",
        )
