"""Concentration: the Herfindahl-Hirschman index and what derives from it."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foliolens.risk.concentration import (
    effective_holdings,
    hhi,
    look_through_hhi,
    normalized_hhi,
    top_share,
)


def test_reference_values() -> None:
    index = hhi([0.5, 0.3, 0.2])
    assert index == pytest.approx(0.38, abs=1e-15)
    assert effective_holdings(index) == pytest.approx(2.6316, abs=5e-5)
    assert normalized_hhi(index, 3) == pytest.approx(0.07, abs=1e-12)


def test_equal_weights_are_as_many_effective_holdings_as_there_are() -> None:
    index = hhi([0.125] * 8)
    assert effective_holdings(index) == 8
    assert normalized_hhi(index, 8) == 0


def test_a_single_holding_is_fully_concentrated_although_the_formula_is_zero_by_zero() -> None:
    assert normalized_hhi(1.0, 1) == 1.0


def test_a_fund_counts_as_its_constituents() -> None:
    assert look_through_hhi([0.5, 0.5], [1, 100]) == pytest.approx(0.25 + 0.0025)


def test_top_share_of_more_than_there_are_is_everything() -> None:
    assert top_share([0.5, 0.3, 0.2], 1) == 0.5
    assert top_share([0.5, 0.3, 0.2], 3) == 1
    assert top_share([0.5, 0.3, 0.2], 10) == 1


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 500)), min_size=1, max_size=60))
def test_agrees_with_exact_arithmetic(rows: list[tuple[int, int]]) -> None:
    total = sum(amount for amount, _ in rows)
    exact = [Fraction(amount, total) for amount, _ in rows]
    weights = [float(weight) for weight in exact]
    plain = sum(weight**2 for weight in exact)
    looked_through = sum(weight**2 / n for weight, (_, n) in zip(exact, rows, strict=True))

    assert hhi(weights) == pytest.approx(float(plain), rel=1e-12)
    assert look_through_hhi(weights, [n for _, n in rows]) == pytest.approx(float(looked_through), rel=1e-12)
    assert effective_holdings(hhi(weights)) == pytest.approx(float(1 / plain), rel=1e-12)
    if len(rows) > 1:
        equal = Fraction(1, len(rows))
        expected = float((plain - equal) / (1 - equal))
        assert normalized_hhi(hhi(weights), len(rows)) == pytest.approx(expected, abs=1e-12)
