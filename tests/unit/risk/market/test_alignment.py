"""Whose prices are compared, and on which days."""

import numpy as np
import pytest

from foliolens.ports.prices import PriceSeries
from foliolens.risk.market.alignment import CommonPrices, Exclusion, align
from tests.unit.risk.market.series import day, only, prices_of, walk


def aligned(*held: tuple[PriceSeries, float], cash: float = 0.0, lookback: int | None = 1826) -> CommonPrices:
    """Align series, each with its share of one portfolio."""
    return align(
        [series for series, _ in held], np.array([[share for _, share in held]]), np.array([cash]), lookback
    )


def reasons(common: CommonPrices) -> dict[str, str]:
    return {symbol: found.reason for symbol, found in common.excluded.items()}


def since(symbol: str, first: str, count: int) -> PriceSeries:
    return walk(symbol, count, first=first)


LONG = since("LONG", "2020-01-01", 1300)
"""Ends on 2024-12-24."""


def latest(symbol: str, count: int) -> PriceSeries:
    """The last days of a history as long as LONG's."""
    return only(since(symbol, "2020-01-01", 1300), slice(-count, None))


def test_common_dates_are_those_that_all_have() -> None:
    gaps = only(LONG, np.arange(1300) % 10 != 3)
    other = PriceSeries("GAPS", gaps.days, gaps.adjusted, gaps.last_close, "made up", 1)

    common = aligned((LONG, 0.5), (other, 0.5))

    assert common.symbols == ("LONG", "GAPS")
    assert (common.days == gaps.days).all()
    assert (common.prices[:, 0] == common.prices[:, 1]).all()
    assert not common.excluded


def test_sixty_days_are_enough_and_fifty_nine_are_not() -> None:
    assert aligned((walk("A", 60), 1.0)).enough
    short = aligned((walk("A", 59), 1.0))
    assert not short.enough
    assert short.excluded == {"A": Exclusion("SHORT_HISTORY", day("2024-01-01"), day("2024-03-21"), 59)}


def test_a_single_day_is_left_out_and_shortens_nobody() -> None:
    common = aligned((LONG, 0.4), (latest("NEW", 1), 0.6))
    assert common.symbols == ("LONG",)
    assert len(common.days) == 1300
    assert reasons(common) == {"NEW": "SHORT_HISTORY"}


def test_a_small_young_holding_shortens_nobody() -> None:
    common = aligned((LONG, 0.9), (latest("NEW", 200), 0.1))
    assert (common.symbols, len(common.days)) == (("LONG",), 1300)
    assert reasons(common) == {"NEW": "SHORT_HISTORY"}


def test_a_large_young_holding_shortens_the_history_for_all() -> None:
    common = aligned((LONG, 0.89), (latest("NEW", 200), 0.11))
    assert (common.symbols, len(common.days)) == (("LONG", "NEW"), 200)


def test_half_of_the_history_is_enough_to_stay() -> None:
    common = aligned((LONG, 0.99), (latest("NEW", 660), 0.01))
    assert (common.symbols, len(common.days)) == (("LONG", "NEW"), 660)


def test_young_holdings_are_left_out_together_only_up_to_a_tenth() -> None:
    common = aligned((LONG, 0.88), (latest("NEW", 300), 0.06), (latest("NEWER", 100), 0.06))
    assert (common.symbols, len(common.days)) == (("LONG", "NEW"), 300)
    assert reasons(common) == {"NEWER": "SHORT_HISTORY"}


def test_no_young_holding_is_left_out_where_that_would_bring_coverage_below_80_percent() -> None:
    """Of 0.16 without any prices, LONG alone would leave 0.79."""
    common = aligned((LONG, 0.79), (latest("NEW", 200), 0.05))
    assert common.symbols == ("LONG", "NEW")
    with_cash = aligned((LONG, 0.79), (latest("NEW", 200), 0.05), cash=0.02)
    assert with_cash.symbols == ("LONG",)


def test_what_ended_long_ago_is_left_out() -> None:
    delisted = only(walk("OLD", 1300, first="2020-01-01"), slice(0, 1000))
    common = aligned((LONG, 0.6), (delisted, 0.4))
    assert (common.symbols, len(common.days)) == (("LONG",), 1300)
    assert reasons(common) == {"OLD": "ENDED"}


def test_prices_that_are_days_late_only_end_the_history_sooner() -> None:
    late = only(walk("LATE", 1300, first="2020-01-01"), slice(0, 1290))
    common = aligned((LONG, 0.6), (late, 0.4))
    assert (common.symbols, len(common.days)) == (("LONG", "LATE"), 1290)


def test_where_most_of_the_value_has_old_prices_the_few_newer_days_go() -> None:
    """So a portfolio of the demo's prices is not measured by one holding with today's."""
    old = only(walk("OLD", 1300, first="2020-01-01"), slice(0, 900))
    common = aligned((LONG, 0.4), (old, 0.6))
    assert (common.symbols, len(common.days)) == (("LONG", "OLD"), 900)


def test_weekly_prices_are_not_taken_for_daily_ones() -> None:
    weekly = only(walk("WEEKLY", 1300, first="2020-01-01"), np.arange(1300) % 5 == 0)
    common = aligned((LONG, 0.5), (weekly, 0.5))
    assert common.symbols == ("LONG",)
    assert reasons(common) == {"WEEKLY": "GAPS"}
    assert reasons(aligned((weekly, 1.0))) == {"WEEKLY": "GAPS"}


def test_a_market_that_never_closes_goes_with_one_that_does() -> None:
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2024-12-25"))
    crypto = prices_of("CRYPTO", 100 + np.arange(len(days)) % 7, days)
    common = aligned((LONG, 0.5), (crypto, 0.5))
    assert (common.symbols, len(common.days)) == (("LONG", "CRYPTO"), 1300)


def test_holes_that_leave_too_few_common_days_cost_who_has_most_of_them() -> None:
    random = np.random.default_rng(1)
    holey = [
        only(walk(f"HOLES{n}", 1300, first="2020-01-01"), random.random(1300) > 0.05 + 0.02 * n)
        for n in range(8)
    ]
    common = aligned((LONG, 0.2), *((each, 0.1) for each in holey))
    assert set(reasons(common).values()) == {"GAPS"}
    assert "LONG" in common.symbols
    assert "HOLES7" in common.excluded
    span = int((common.days[-1] - common.days[0]).astype(int)) + 1
    assert len(common.days) >= span / 2


def test_figures_look_back_five_years() -> None:
    twenty = walk("A", 5200, first="2004-01-01")
    common = aligned((twenty, 1.0))
    assert int((common.days[-1] - common.days[0]).astype(int)) in range(1823, 1827)
    assert len(aligned((twenty, 1.0), lookback=None).days) == 5200


def test_a_young_holding_is_judged_by_every_portfolio_it_is_in() -> None:
    new = latest("NEW", 200)
    small, large = [0.95, 0.05], [0.5, 0.5]
    both = align([LONG, new], np.array([small, large]), np.zeros(2), 1826)
    assert (both.symbols, len(both.days)) == (("LONG", "NEW"), 200)
    rarely = align([LONG, new], np.array([small, small]), np.zeros(2), 1826)
    assert rarely.symbols == ("LONG",)


@pytest.mark.parametrize("seed", range(5))
def test_neither_the_order_of_series_nor_of_portfolios_matters(seed: int) -> None:
    random = np.random.default_rng(seed)
    series = [latest(f"S{n}", int(count)) for n, count in enumerate(random.integers(30, 1300, 8))]
    shares = random.dirichlet(np.ones(8), 3)
    columns, rows = random.permutation(8), random.permutation(3)

    plain = align(series, shares, np.zeros(3), 1826)
    mixed = align([series[n] for n in columns], shares[rows][:, columns], np.zeros(3), 1826)

    assert set(mixed.symbols) == set(plain.symbols)
    assert (mixed.days == plain.days).all()
    assert mixed.excluded == plain.excluded


def test_no_series_is_no_day() -> None:
    assert not aligned().enough
    assert aligned().symbols == ()
