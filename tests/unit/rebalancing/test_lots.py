"""Lots: exact counts of what costs how much."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foliolens.rebalancing.lots import CENTS, Lots, lots_of

LOTS = st.builds(Lots, st.integers(1, 10**9), st.integers(1, 10**6), st.none(), st.none())


@given(LOTS, st.integers(0, 10**9))
def test_within_is_the_most_that_costs_no_more(lots: Lots, cents: int) -> None:
    count = lots.within(cents)

    assert lots.cents(count) <= cents or count == 0
    assert lots.cents(count + 1) > cents


@given(LOTS, st.integers(1, 10**9))
def test_covering_is_the_fewest_that_cost_as_much(lots: Lots, cents: int) -> None:
    count = lots.covering(cents)

    assert lots.cents(count) >= cents
    assert lots.cents(count - 1) < cents


@given(LOTS, st.integers(0, 10**9), st.integers(0, 10**6))
def test_what_is_affordable_is_so_on_top_of_anything(lots: Lots, cents: int, bought: int) -> None:
    count = lots.affordable(cents)

    assert lots.cents(bought + count) - lots.cents(bought) <= cents or count == 0


@given(LOTS, st.integers(0, 10**9))
def test_the_last_of_the_nearest_lots_brings_the_sum_closer(lots: Lots, cents: int) -> None:
    count = lots.nearest(cents)

    price = Fraction(lots.numerator, lots.denominator)
    if count:
        assert abs(cents - count * price) <= abs(cents - (count - 1) * price)
    assert cents - count * price <= price / 2 + 1


def test_a_lot_is_a_share_or_a_millionth_or_a_cent() -> None:
    assert lots_of(Fraction(50), Decimal("7.9"), fractional=False) == Lots(5000, 1, 7, Fraction(1))
    assert lots_of(Fraction(50), Decimal("7.9"), fractional=True) == CENTS
    assert lots_of(Fraction(700_000), Decimal("1.5"), fractional=True) == Lots(
        70, 1, 1_500_000, Fraction(1, 1_000_000)
    )


@pytest.mark.parametrize(("held", "cents", "count"), [(None, 999, 9), (5, 999, 5)])
def test_no_more_can_be_sold_than_is_held(held: int | None, cents: int, count: int) -> None:
    assert Lots(100, 1, held, Fraction(1)).sellable(cents) == count
