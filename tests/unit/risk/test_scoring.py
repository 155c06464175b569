"""Scoring: bands, piecewise linear scores, and the weights of what does not apply."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foliolens.risk import scoring
from foliolens.risk.scoring import Band, Scale, band_of_score, share_out

_SCALES = {
    "concentration": (scoring.CONCENTRATION, 0.20, 0.40),
    "sector": (scoring.SECTOR, 0.25, 0.40),
    "geography": (scoring.GEOGRAPHY, 0.70, 0.85),
    "liquidity": (scoring.LIQUIDITY, 0.10, 0.25),
    "credit": (scoring.CREDIT, 0.10, 0.30),
    "volatility": (scoring.VOLATILITY, 0.10, 0.20),
}

scales = pytest.mark.parametrize(("scale", "low", "high"), _SCALES.values(), ids=_SCALES)


@scales
def test_both_edges_belong_to_the_moderate_band(scale: Scale, low: float, high: float) -> None:
    assert scale.band(low - 0.001) is Band.LOW
    assert scale.band(low) is Band.MODERATE
    assert scale.band(high) is Band.MODERATE
    assert scale.band(high + 0.001) is Band.HIGH


@scales
def test_scores_at_minimum_edges_and_maximum(scale: Scale, low: float, high: float) -> None:
    assert scale.score(0) == 1
    assert scale.score(low) == pytest.approx(4)
    assert scale.score(high) == pytest.approx(7)
    assert scale.score(scale.maximum) == 10


@scales
def test_scores_are_linear_in_between(scale: Scale, low: float, high: float) -> None:
    assert scale.score(low / 2) == pytest.approx(2.5)
    assert scale.score((low + high) / 2) == pytest.approx(5.5)
    assert scale.score((high + scale.maximum) / 2) == pytest.approx(8.5)


def test_more_than_the_maximum_scores_ten() -> None:
    assert scoring.VOLATILITY.score(1.2) == 10


def test_a_sum_of_binary_fractions_just_beside_an_edge_lies_on_it() -> None:
    assert scoring.CONCENTRATION.band(0.1 + 0.1 + 0.1 + 0.1 + 1e-16) is Band.MODERATE
    assert scoring.GEOGRAPHY.band(0.1 * 7 - 1e-15) is Band.MODERATE


@given(st.floats(0, 2), st.floats(0, 2))
def test_a_larger_metric_never_scores_less(one: float, other: float) -> None:
    smaller, larger = sorted((one, other))
    for scale, _, _ in _SCALES.values():
        assert 1 <= scale.score(smaller) <= scale.score(larger) <= 10


def test_bands_of_scores() -> None:
    assert [band_of_score(score) for score in (1.0, 3.9, 4.0, 7.0, 7.1, 10.0)] == [
        Band.LOW,
        Band.LOW,
        Band.MODERATE,
        Band.MODERATE,
        Band.HIGH,
        Band.HIGH,
    ]


def test_what_does_not_apply_gives_its_weight_to_the_rest_in_proportion() -> None:
    assert share_out([0.5, 0.3, 0.2], [True, True, False]) == pytest.approx([0.625, 0.375, 0.0])


def test_something_must_apply() -> None:
    with pytest.raises(ValueError, match="nothing to score"):
        share_out([0.5, 0.5], [False, False])
