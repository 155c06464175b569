"""A whole plan in the contract's form, with prices and without."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from foliolens.errors import Unprocessable
from foliolens.holdings.models import Holding
from foliolens.kit import json
from foliolens.market.demo.prices import demo_series
from foliolens.ports.prices import PriceHistory, PriceSeries
from foliolens.rebalancing.model_portfolios import Model
from foliolens.rebalancing.schemas import RebalancePlan, RebalanceRequest
from foliolens.rebalancing.service import RebalancingService, Subject
from foliolens.risk.market.conventions import Conventions
from foliolens.risk.service import RiskService
from tests.no_prices import NoPrices
from tests.unit.rebalancing.cases import NOW, TODAY, bonds, fund, money, series, stock


class Fixed:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


@dataclass(frozen=True)
class Stored:
    """Prices that are there."""

    series: dict[str, PriceSeries]

    def read(self, symbols: Sequence[str], start: date, end: date) -> PriceHistory:
        found = {symbol: self.series[symbol] for symbol in symbols if symbol in self.series}
        return PriceHistory(found, {symbol: "NO_PROVIDER" for symbol in symbols if symbol not in found})


DEMO = Stored(demo_series())


def service(prices: Any = NoPrices()) -> RebalancingService:  # noqa: B008 - immutable
    return RebalancingService(prices, Fixed(), RiskService(Fixed(), prices, Conventions("^GSPC")))


def subject(*holdings: Holding, model: Model | None = None, currency: str = "USD") -> Subject:
    return Subject(holdings, currency, TODAY, model)


def planned(of: Subject, targets: dict[str, Any], prices: Any = NoPrices(), **options: Any) -> RebalancePlan:  # noqa: B008
    request = RebalanceRequest.model_validate(json.decode(json.encode({"targets": targets, **options})))
    return service(prices).plan(of, request)


PLAIN = subject(fund("US", 7000, 20), bonds("GOV", 1000, 10), stock("ACME", 2500, 10), money(500))


class TestThePlan:
    def test_rows_tell_what_is_held_and_what_should_be(self) -> None:
        plan = planned(PLAIN, {"model": "moderate"}, cashFlow=1000)

        assert (plan.value_before, plan.cash_flow, plan.value_after) == (11_000, 1000, 12_000)
        assert sum(row.weight for row in plan.before) == sum(row.weight for row in plan.after) == 100
        assert sum(row.amount for row in plan.after) == plan.value_after
        us = next(row for row in plan.after if row.symbol == "US")
        assert (us.group, us.amount, us.shares) == ("equity", Decimal("5250.00"), 15)
        assert (us.weight, us.target_weight, us.drift) == (
            Decimal("43.75"),
            Decimal("44.21"),
            Decimal("-0.46"),
        )

    def test_groups_tell_their_bands(self) -> None:
        groups = {group.key: group for group in planned(PLAIN, {"model": "moderate"}).groups}

        assert groups["equity"].symbols == ["ACME", "US"]
        assert (groups["equity"].lowest_weight, groups["equity"].highest_weight) == (55, 65)
        assert (groups["cash"].lowest_weight, groups["cash"].highest_weight) == (
            Decimal("3.75"),
            Decimal("6.25"),
        )
        assert [group.in_band_before for group in groups.values()] == [False, False, True]
        assert all(group.in_band_after for group in groups.values())

    def test_every_trade_says_why_and_where_its_price_comes_from(self) -> None:
        trades = planned(PLAIN, {"US": 60, "GOV": 40}, cashFlow=100).trades

        assert [(t.symbol, t.action, t.shares, t.amount, t.price, t.price_source) for t in trades] == [
            ("ACME", "sell", 10, 2500, 250, "holding"),
            ("CASH", "sell", None, 450, None, None),
            ("US", "sell", 1, 350, 350, "holding"),
            ("GOV", "buy", 34, 3400, 100, "holding"),
        ]
        assert [trade.reason for trade in trades] == [
            "ACME: no part of the target.",
            "Pays for the purchases.",
            "Pays for the purchases: US at 63.06% of the portfolio is above its target of 60.00%.",
            "GOV at 9.01% of the portfolio is below its band around 40.00%.",
        ]

    def test_steps_are_in_the_order_in_which_they_can_be_taken(self) -> None:
        assert planned(PLAIN, {"US": 60, "GOV": 40}, cashFlow=100).steps == [
            "Pay in 100.00.",
            "Sell all of ACME, about 2,500.00.",
            "Use 450.00 of CASH.",
            "Sell 1 share of US at about 350 each, 350.00 together.",
            "Wait until the sales are settled.",
            "Buy 34 shares of GOV at about 100 each, 3,400.00 together.",
        ]
        mixed = subject(fund("US", 700), bonds("GOV", 300))
        assert planned(mixed, {"US": 70, "GOV": 30}, cashFlow=-10).steps == [
            "Sell US for 7.00.",
            "Sell GOV for 3.00.",
            "Wait until the sales are settled.",
            "Withdraw 10.00.",
        ]

    def test_nothing_to_do_is_a_step_too(self) -> None:
        calm = subject(fund("US", 600), bonds("GOV", 400))

        assert planned(calm, {"US": 60, "GOV": 40}).steps == [
            "Nothing to do: every holding is within its band."
        ]
        stuck = planned(calm, {"US": 90, "GOV": 10}, mode="buy_only")
        (step,) = stuck.steps
        assert step.startswith("Nothing to do: no trade that these options allow would bring the portfolio")
        assert stuck.notes[0] == (
            "GOV stays at 40.00%, outside its band of 7.50% to 12.50%: buy-only sells nothing."
        )

    def test_turnover_is_half_of_what_is_traded(self) -> None:
        plan = planned(subject(fund("US", 700), bonds("GOV", 300)), {"US": 50, "GOV": 50})

        assert (plan.bought, plan.sold, plan.turnover) == (200, 200, 20)

    def test_what_the_plan_mends_is_said(self) -> None:
        found = planned(PLAIN, {"model": "conservative"}).recommendations

        assert [(each.code, each.mended_by_plan) for each in found] == [
            ("OVER_CONCENTRATED", True),
            ("HOME_BIAS", False),
        ]

    def test_a_first_purchase_is_described_by_the_reference_table(self) -> None:
        plan = planned(PLAIN, {"US": 50, "VXUS": 50})

        bought = next(trade for trade in plan.trades if trade.symbol == "VXUS")
        assert (bought.name, bought.shares) == ("Vanguard Total International Stock ETF", None)
        assert any("No price of a share is known for VXUS" in note for note in plan.notes)
        home = next(change for change in plan.risk_change if change.metric == "geographicRisk")
        assert home.change is not None
        assert home.change < -0.4


class TestPrices:
    def test_recent_closes_value_the_whole_portfolio(self) -> None:
        closes = Stored({"US": series("US", [1.0], close=400), "ACME": series("ACME", [1.0], close="200.5")})
        held = subject(fund("US", 7000, 20), stock("ACME", 2500, 10), money(500))

        plan = planned(held, {"US": 50, "ACME": 50}, closes)

        assert (plan.valuation.basis, plan.valuation.as_of) == ("closes", TODAY)
        assert plan.value_before == Decimal("10505.00")
        assert {
            (trade.price, trade.price_source, trade.price_date) for trade in plan.trades if trade.price
        } == {
            (400, "close", TODAY),
            (Decimal("200.5"), "close", TODAY),
        }
        assert plan.notes[0].startswith(
            "Valued at the closes of 2026-03-02, the portfolio is worth 10,505.00"
        )

    def test_prices_of_another_currency_are_not_used(self) -> None:
        closes = Stored({"US": series("US", [1.0], close=400)})
        plan = planned(
            subject(fund("US", 700), bonds("GOV", 300), currency="EUR"), {"US": 50, "GOV": 50}, closes
        )

        assert plan.trades[0].price is None

    @pytest.mark.parametrize("method", ["minimum_variance", "risk_parity"])
    def test_methods_weigh_by_prices_and_every_figure_from_them_changes(self, method: str) -> None:
        held = [stock(symbol, 1000 + 500 * n, 10) for n, symbol in enumerate(["AAPL", "JNJ", "XOM", "PG"])]

        plan = planned(subject(*held), {"method": method}, DEMO, band=0, fractionalShares=True)

        assert plan.residual_cash == 0
        changes = {change.metric: change for change in plan.risk_change}
        volatility = changes["market.volatility"]
        assert volatility.after is not None
        assert volatility.before is not None
        assert volatility.change == pytest.approx(volatility.after - volatility.before, abs=1e-12)
        if method == "minimum_variance":
            assert volatility.after < volatility.before
        assert {"market.sharpeRatio", "market.benchmark.beta", "market.maxDrawdown"} <= changes.keys()
        assert any("by the daily returns of 1257 days" in note for note in plan.notes)

    def test_minimum_variance_is_less_volatile_than_any_nearby_portfolio(self) -> None:
        symbols = ["AAPL", "JNJ", "XOM", "PG"]
        plan = planned(
            subject(*(stock(symbol, 250_000) for symbol in symbols)),
            {"method": "minimum_variance"},
            DEMO,
            band=0,
        )

        returns = np.column_stack(
            [DEMO.series[symbol].adjusted[1:] / DEMO.series[symbol].adjusted[:-1] for symbol in symbols]
        )
        weights = {row.symbol: float(row.amount) / 1e6 for row in plan.after}
        ours = np.array([weights.get(symbol, 0.0) for symbol in symbols])
        least = np.std(returns @ ours)
        for one in range(4):
            for other in range(4):
                moved = ours.copy()
                part = min(0.01, moved[one])
                moved[one] -= part
                moved[other] += part
                assert np.std(returns @ moved) >= least * (1 - 1e-9)

    def test_figures_of_other_days_are_not_subtracted(self) -> None:
        late = DEMO.series["XOM"]
        young = replace(late, days=late.days[-700:], adjusted=late.adjusted[-700:])
        prices = Stored({**DEMO.series, "XOM": young})

        plan = planned(subject(stock("AAPL", 500), stock("XOM", 500)), {"AAPL": 100}, prices)

        volatility = next(change for change in plan.risk_change if change.metric == "market.volatility")
        assert volatility.before is not None
        assert volatility.after is not None
        assert volatility.change is None
        assert any("of other days before and after" in note for note in plan.notes)
        assert next(change for change in plan.risk_change if change.metric == "hhi").change == pytest.approx(
            0.5
        )

    def test_missing_prices_refuse_a_method_and_nothing_else(self) -> None:
        with pytest.raises(Unprocessable, match="there are none of"):
            planned(PLAIN, {"method": "risk_parity"})
        assert planned(PLAIN, {"method": "equal_weight"}).trades


class TestAdvice:
    def test_it_holds_the_portfolio_against_the_model_of_its_risk_profile(self) -> None:
        advice = service().advise(replace(PLAIN, model=Model.MODERATE))

        assert advice.model == "moderate"
        assert advice.plan is not None
        assert advice.needs_rebalancing is True
        assert advice.recommendations == advice.plan.recommendations
        assert advice.disclaimer == "This is information, not advice."

    def test_without_a_risk_profile_it_still_recommends(self) -> None:
        advice = service().advise(PLAIN)

        assert (advice.model, advice.plan, advice.needs_rebalancing) == (None, None, None)
        assert advice.reason is not None
        assert "risk profile" in advice.reason
        assert [each.code for each in advice.recommendations] == ["OVER_CONCENTRATED", "HOME_BIAS"]
        assert not any(each.mended_by_plan for each in advice.recommendations)

    def test_an_impossible_model_is_explained(self) -> None:
        advice = service().advise(subject(stock("ACME", 100), model=Model.AGGRESSIVE))

        assert advice.plan is None
        assert advice.reason is not None
        assert "wants 12% bonds" in advice.reason
        assert {each.code for each in advice.recommendations} >= {"OVER_CONCENTRATED", "MISSING_BONDS"}
