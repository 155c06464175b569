"""A share of the keys goes to another engine, and each stays where it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from foliolens.kit.rollout import Rollout

KEYS = [f"key {number}".encode() for number in range(4000)]


def test_the_setting_names_engine_and_share() -> None:
    assert Rollout.stated("original:12.5") == Rollout("original", 12.5)
    assert Rollout.stated(None) is None


@given(st.binary(max_size=40))
def test_none_is_nobody_and_all_is_everybody(key: bytes) -> None:
    assert not Rollout("original", 0).includes(key)
    assert Rollout("original", 100).includes(key)


@given(st.binary(max_size=40), st.floats(0, 100), st.floats(0, 100))
def test_a_larger_share_takes_nobody_back(key: bytes, one: float, other: float) -> None:
    smaller, larger = sorted((one, other))

    assert Rollout("x", larger).includes(key) or not Rollout("x", smaller).includes(key)


def test_the_share_is_about_what_was_asked_for() -> None:
    for percent in (1, 10, 50, 90):
        included = sum(Rollout("x", percent).includes(key) for key in KEYS)

        # Five standard deviations of the binomial; the keys are always the same.
        assert abs(included / len(KEYS) - percent / 100) < 5 * (0.25 / len(KEYS)) ** 0.5


def test_a_key_has_the_same_place_in_every_version() -> None:
    tickers = (b"AAPL", b"MSFT", b"KO", b"SPY")

    assert [ticker for ticker in tickers if Rollout("x", 50).includes(ticker)] == [b"AAPL", b"SPY"]
