"""What a comparison says of holdings alone."""

import pytest

from foliolens.comparison.schemas import ComparedHolding
from foliolens.ports.prices import PriceHistory
from tests.unit.comparison.cases import best, compared, pair
from tests.unit.risk.cases import cash, fund, holding

MISSING = PriceHistory({}, dict.fromkeys(("A", "B", "C"), "PENDING"), retry_after=5)


def test_the_reference_values_of_the_design() -> None:
    found = pair(
        compared({"x": [holding("A", 25), holding("B", 75)], "y": [holding("A", 60), holding("C", 40)]}),
        "x",
        "y",
    )
    assert found.overlap == pytest.approx(0.25)
    assert found.jaccard == pytest.approx(1 / 3)


def test_every_pair_comes_once_in_the_order_of_the_portfolios() -> None:
    found = compared({key: [holding("A", 1)] for key in "wxyz"})
    assert [(each.first, each.second) for each in found.pairs] == [
        *(("w", "x"), ("w", "y"), ("w", "z"), ("x", "y"), ("x", "z"), ("y", "z"))
    ]
    assert {(each.overlap, each.jaccard) for each in found.pairs} == {(1, 1)}


def test_rows_of_one_symbol_count_as_one() -> None:
    split = [holding("A", 10), holding("B", 75), holding("A", 15)]
    found = pair(compared({"x": split, "y": [holding("A", 60), holding("C", 40)]}), "x", "y")
    assert (found.overlap, found.jaccard) == (pytest.approx(0.25), pytest.approx(1 / 3))


def test_the_union_of_holdings_has_each_ones_weight_largest_first() -> None:
    found = compared(
        {"x": [holding("A", 25), holding("B", 75)], "y": [holding("A", 60, name="Other"), cash(40)]}
    )
    assert found.holdings == (
        ComparedHolding(symbol="B", name="B Inc.", weights=(0.75, 0.0)),
        ComparedHolding(symbol="A", name="A Inc.", weights=(0.25, 0.6)),
        ComparedHolding(symbol="ZZCASH", name="ZZCASH Inc.", weights=(0.0, 0.4)),
    )


def test_what_prices_would_tell_is_null_with_the_reason() -> None:
    found = compared({"x": [holding("A", 1)], "y": [holding("B", 1), holding("C", 1)]}, MISSING)

    reason = "No holding has prices: the prices are being fetched."
    assert found.period.reason == reason
    assert (found.period.days, found.period.first_day, found.period.retry_after) == (0, None, 5)
    assert found.pairs[0].correlation.reason == reason
    for portfolio in found.portfolios:
        assert portfolio.figures.volatility.value is None
        assert portfolio.figures.volatility.reason == reason
        assert portfolio.prices.coverage == 0
    assert found.portfolios[1].prices.missing[0].symbols == ("B", "C")
    assert found.performance.days == ()
    assert [(line.id, line.values) for line in found.performance.portfolios] == [("x", None), ("y", None)]


def test_score_and_concentration_are_those_of_the_report() -> None:
    found = compared({"x": [holding("A", 50), holding("B", 30), holding("C", 20)], "y": [fund("D", 1)]})
    first, second = found.portfolios

    assert (first.id, first.name, first.holdings_count) == ("x", "X", 3)
    assert first.hhi == pytest.approx(0.38)
    assert first.effective_holdings == pytest.approx(2.6316, abs=5e-5)
    assert second.hhi_look_through == pytest.approx(0.01)
    assert second.overall_risk_score < first.overall_risk_score
    assert best(found, "overallRiskScore").portfolio_ids == ("y",)
    assert best(found, "effectiveHoldings").portfolio_ids == ("x",)
    assert best(found, "volatility").portfolio_ids == ()
    assert best(found, "volatility").reason == "Fewer than two portfolios have a value."


def test_equally_good_portfolios_are_named_together() -> None:
    found = compared({"x": [holding("A", 1)], "y": [holding("B", 2)], "z": [fund("C", 1), fund("D", 1)]})
    assert best(found, "overallRiskScore").portfolio_ids == ("z",)
    assert best(found, "hhiLookThrough").portfolio_ids == ("z",)
    both = compared({"x": [holding("A", 1)], "y": [holding("B", 2)]})
    assert best(both, "overallRiskScore").portfolio_ids == ("x", "y")


def test_the_pair_with_most_in_common_adds_the_least() -> None:
    found = compared(
        {
            "x": [holding("A", 50), holding("B", 50)],
            "y": [holding("C", 100)],
            "z": [holding("A", 40), holding("B", 60)],
        }
    ).least_diversifying
    assert found is not None
    assert (found.first, found.second, found.by) == ("x", "z", "overlap")
    assert found.value == pytest.approx(0.9)
    assert found.explanation == (
        "X and Z have most in common (90% of the value is held alike); prices would tell more."
    )


def test_no_pair_is_named_where_nothing_is_shared() -> None:
    assert compared({"x": [holding("A", 1)], "y": [holding("B", 1)]}).least_diversifying is None
