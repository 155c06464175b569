"""Minimum variance and risk parity: against the solvers of others on real prices, and where there is none."""

import importlib
import warnings
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foliolens.errors import Unprocessable
from foliolens.market.demo.prices import demo_series
from foliolens.ports.prices import PriceHistory, PriceSeries
from foliolens.rebalancing.methods import Method, method_targets
from foliolens.rebalancing.minimum_variance import GAP, NotConverged, duality_gap, minimum_variance
from foliolens.rebalancing.risk_parity import risk_parity, risk_shares
from tests.unit.rebalancing.cases import TODAY, bills, bonds, money, series, stock

SERIES = [each for symbol, each in demo_series().items() if not symbol.startswith("^")]
RETURNS = np.column_stack([each.adjusted[1:] / each.adjusted[:-1] - 1 for each in SERIES])
REAL = np.cov(RETURNS, rowvar=False)
EXACT_SOLVER = {"tol_gap_abs": 1e-15, "tol_gap_rel": 1e-15, "tol_feas": 1e-12}


@pytest.fixture(scope="module")
def skfolio() -> Any:
    """The weights that skfolio's convex optimisation of a name finds for the real returns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        optimization = importlib.import_module("skfolio.optimization")

    def weights(name: str, **options: Any) -> Any:
        model = getattr(optimization, name)(solver_params=EXACT_SOLVER, **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return model.fit(RETURNS).weights_

    return weights


@pytest.fixture(scope="module")
def pypfopt() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("pypfopt")


class TestMinimumVariance:
    @pytest.mark.parametrize("most", [1.0, 0.2, 0.1, 0.05])
    def test_it_is_what_skfolio_finds_on_real_prices(self, skfolio: Any, most: float) -> None:
        ours = minimum_variance(REAL, most)

        theirs = skfolio("MeanRisk", max_weights=most)
        assert np.abs(ours - theirs).max() < 1e-5  # at a limit, what its solver leaves depends on its version
        # No solver's tolerance on our side: the variance is not above theirs.
        assert ours @ REAL @ ours <= theirs @ REAL @ theirs * (1 + 1e-12)

    def test_it_is_what_pyportfolioopt_finds_on_real_prices(self, pypfopt: Any) -> None:
        frontier = pypfopt.EfficientFrontier(None, REAL * 252, weight_bounds=(0, 1))
        theirs = np.array(list(frontier.min_volatility().values()))

        ours = minimum_variance(REAL)
        assert np.abs(ours - theirs).max() < 1e-6
        assert ours @ REAL @ ours <= theirs @ REAL @ theirs * (1 + 1e-12)

    def test_two_uncorrelated_holdings_weigh_by_the_inverse_of_their_variance(self) -> None:
        assert minimum_variance(np.diag([1.0, 3.0])) == pytest.approx([0.75, 0.25], abs=1e-12)

    def test_duplicates_share_the_weight_evenly(self) -> None:
        doubled = np.cov(np.column_stack((RETURNS, RETURNS)), rowvar=False)
        weights = minimum_variance(doubled)

        count = len(SERIES)
        assert weights[:count] == pytest.approx(weights[count:], abs=1e-6)
        assert weights[:count] + weights[count:] == pytest.approx(minimum_variance(REAL), abs=1e-6)

    def test_fewer_days_than_holdings_have_an_answer_too(self) -> None:
        weights = minimum_variance(np.cov(RETURNS[:10], rowvar=False))

        assert weights.sum() == pytest.approx(1)
        assert weights.min() >= 0

    def test_a_perfect_hedge_has_no_variance(self) -> None:
        assert minimum_variance(np.array([[1.0, -1.0], [-1.0, 1.0]])) == pytest.approx([0.5, 0.5], abs=1e-6)

    def test_a_single_holding_is_all_there_is(self) -> None:
        assert minimum_variance(np.array([[2.0]])).tolist() == [1.0]

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(st.integers(0, 10**9), st.integers(1, 40), st.floats(0.0, 1.0), st.integers(2, 60))
    def test_no_other_portfolio_has_less(self, seed: int, count: int, room: float, days: int) -> None:
        random = np.random.default_rng(seed)
        returns = random.normal(size=(days, 3)) @ random.normal(size=(3, count))
        returns += random.normal(size=(days, count)) * random.choice([1e-3, 1.0])
        covariance = np.atleast_2d(np.cov(returns, rowvar=False))
        most = 1 / count + room * (1 - 1 / count)

        weights = minimum_variance(covariance, most)

        assert abs(weights.sum() - 1) < 1e-12
        assert weights.min() >= 0
        assert weights.max() <= most * (1 + 1e-9)
        assert duality_gap(covariance / np.mean(np.diag(covariance)), weights, most) <= GAP


class TestRiskParity:
    def test_it_is_what_skfolio_finds_on_real_prices(self, skfolio: Any) -> None:
        assert np.abs(risk_parity(REAL) - skfolio("RiskBudgeting")).max() < 1e-9

    def test_every_holding_carries_the_same(self) -> None:
        shares = risk_shares(REAL, risk_parity(REAL))

        assert shares == pytest.approx(np.full(len(SERIES), 1 / len(SERIES)), rel=1e-10)

    def test_two_holdings_weigh_by_the_inverse_of_their_volatility(self) -> None:
        covariance = np.array([[1.0, 0.6], [0.6, 4.0]])

        assert risk_parity(covariance) == pytest.approx([2 / 3, 1 / 3], abs=1e-12)

    def test_duplicates_carry_the_same_each(self) -> None:
        assert risk_parity(np.ones((3, 3))) == pytest.approx([1 / 3] * 3, abs=1e-12)

    @pytest.mark.parametrize(
        "covariance",
        [
            np.array([[1.0, -1.0], [-1.0, 1.0]]),
            np.cov(np.random.default_rng(0).normal(size=(5, 40)), rowvar=False),
        ],
        ids=["perfect-hedge", "more-holdings-than-days"],
    )
    def test_there_is_none_where_holdings_cancel_each_other_out(self, covariance: Any) -> None:
        with pytest.raises(NotConverged, match="no portfolio in which every holding carries the same risk"):
            risk_parity(covariance)

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(st.integers(0, 10**9), st.integers(1, 40))
    def test_contributions_are_equal_for_any_covariance(self, seed: int, count: int) -> None:
        random = np.random.default_rng(seed)
        returns = random.normal(size=(count + 20, count)) * random.uniform(0.001, 3, count)

        weights = risk_parity(np.atleast_2d(np.cov(returns, rowvar=False)))

        assert weights.min() > 0
        assert abs(weights.sum() - 1) < 1e-12


def history(*all_series: PriceSeries) -> PriceHistory:
    return PriceHistory({each.symbol: each for each in all_series}, {})


def refusal(method: Method, prices: PriceHistory, *symbols: str) -> tuple[str, list[tuple[str, str]]]:
    with pytest.raises(Unprocessable) as refused:
        method_targets(method, [stock(symbol, 100) for symbol in symbols], prices, None)
    assert isinstance(refused.value.details, list)
    return refused.value.message, [(problem["field"], problem["code"]) for problem in refused.value.details]


def walk(seed: int, days: int = 80, spread: float = 0.01) -> list[float]:
    steps = np.random.default_rng(seed).normal(0, spread, days)
    return list(100 * np.exp(np.cumsum(steps)))


@pytest.mark.parametrize("method", [Method.MINIMUM_VARIANCE, Method.RISK_PARITY])
class TestFromPrices:
    def test_weights_come_from_the_common_days_alone(self, method: Method) -> None:
        long, short = walk(1, 300), walk(2, 100)
        held = [stock("A", 900), bonds("B", 50), money(50)]

        whole = method_targets(method, held, history(series("A", long), series("B", short)), None)
        cut = method_targets(method, held, history(series("A", long[-100:]), series("B", short)), None)

        assert whole.groups == cut.groups
        assert sum(group.weight or 0 for group in whole.groups) == 1
        assert whole.notes[0].endswith(f"{TODAY - timedelta(days=99)} to {TODAY}.")
        assert "99 days" in whole.notes[0]

    def test_cash_is_to_be_invested(self, method: Method) -> None:
        held = [stock("A", 900), stock("B", 50), money(50), bills("T", 50)]
        prices = history(series("A", walk(1)), series("B", walk(2)), series("T", walk(3, spread=1e-5)))

        weights = {group.key: group.weight for group in method_targets(method, held, prices, None).groups}

        assert (weights["CASH"], weights["T"]) == (0, 0)
        assert weights["A"] + weights["B"] == 1  # type: ignore[operator]

    def test_the_largest_position_is_a_limit(self, method: Method) -> None:
        held = [stock(symbol, 100) for symbol in "ABC"]
        prices = history(
            series("A", walk(1)), series("B", walk(2, spread=0.1)), series("C", walk(3, spread=0.1))
        )

        targets = method_targets(method, held, prices, Decimal(40))

        assert max(group.weight or 0 for group in targets.groups) == Fraction(2, 5)
        assert sum(group.weight or 0 for group in targets.groups) == 1

    def test_missing_prices_are_named_with_the_reason(self, method: Method) -> None:
        prices = PriceHistory({"A": series("A", walk(1))}, {"B": "PENDING", "C": "UNKNOWN_SYMBOL"}, 30)

        message, problems = refusal(method, prices, "A", "B", "C")

        assert "none of B and C" in message
        assert "Ask again in 30 seconds." in message
        assert problems == [("holdings.B", "PENDING"), ("holdings.C", "UNKNOWN_SYMBOL")]

    @pytest.mark.parametrize(("days", "enough"), [(59, False), (60, True)])
    def test_sixty_common_days_are_the_least(self, method: Method, days: int, enough: bool) -> None:
        prices = history(series("A", walk(1, 300)), series("B", walk(2, days)))
        if enough:
            assert method_targets(method, [stock("A", 1), stock("B", 1)], prices, None).groups
            return

        message, problems = refusal(method, prices, "A", "B")

        assert "only 59 days" in message
        assert problems == [("targets.method", "TOO_FEW_PRICES")]

    def test_prices_that_ended_long_ago_are_no_measure(self, method: Method) -> None:
        prices = history(series("A", walk(1)), series("B", walk(2), TODAY - timedelta(days=31)))

        message, problems = refusal(method, prices, "A", "B")

        assert "prices of B end" in message
        assert problems == [("targets.method", "TOO_FEW_PRICES")]

    def test_a_price_that_never_moves_cannot_be_weighed(self, method: Method) -> None:
        prices = history(series("A", walk(1)), series("B", [10.0] * 80))

        assert refusal(method, prices, "A", "B")[1] == [("targets.method", "NO_VARIATION")]

    def test_prices_that_jump_ten_thousandfold_are_a_mistake(self, method: Method) -> None:
        broken = walk(2)
        broken[40] *= 1e5

        assert refusal(method, history(series("A", walk(1)), series("B", broken)), "A", "B")[1] == [
            ("targets.method", "PRICES_IMPLAUSIBLE")
        ]

    def test_a_portfolio_of_cash_has_nothing_to_weigh(self, method: Method) -> None:
        with pytest.raises(Unprocessable, match="nothing but cash"):
            method_targets(method, [money(100)], PriceHistory({}, {}), None)


def test_holdings_that_cancel_each_other_out_have_no_risk_parity() -> None:
    up = walk(1)
    down = [100.0]
    for before, now in pairwise(up):
        down.append(down[-1] * (2 - now / before))
    prices = history(series("A", up), series("B", down))

    assert refusal(Method.RISK_PARITY, prices, "A", "B")[1] == [("targets.method", "NO_SOLUTION")]


def test_equal_weights_need_no_prices() -> None:
    targets = method_targets(
        Method.EQUAL_WEIGHT, [stock("B", 1), stock("A", 2), money(3)], PriceHistory({}, {}), None
    )

    assert [(group.key, group.weight) for group in targets.groups] == [
        ("A", Fraction(1, 2)),
        ("B", Fraction(1, 2)),
        ("CASH", 0),
    ]


def test_too_few_holdings_for_the_largest_position_are_refused() -> None:
    with pytest.raises(Unprocessable, match="2 holdings of at most 40% each cannot make up the portfolio"):
        method_targets(Method.EQUAL_WEIGHT, [stock("A", 1), stock("B", 1)], PriceHistory({}, {}), Decimal(40))
