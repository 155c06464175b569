"""The calibrated engine is honest: no look at the future, no skill in noise, skill where there is some."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from foliolens.errors import Unprocessable
from foliolens.prediction.calibrated import CalibratedEngine
from foliolens.prediction.features import features, labels
from foliolens.prediction.models import HORIZONS, MarketDays, Sentiment

from .markets import market_of, recorded, simulated

ENGINE = CalibratedEngine()


def newest(market: MarketDays, days: int) -> MarketDays:
    """The newest days only, as positions in lists that have the newest first."""
    return _each(market, lambda values: values[:days])


def oldest(market: MarketDays, days: int) -> MarketDays:
    return _each(market, lambda values: values[-days:])


def _each(market: MarketDays, change) -> MarketDays:  # type: ignore[no-untyped-def]
    return MarketDays(
        market.ticker,
        change(market.close),
        change(market.volume),
        change(market.positive),
        change(market.negative),
        Sentiment(market.sentiment.kind, change(market.sentiment.values)),
    )


@settings(deadline=None, derandomize=True, max_examples=60)
@given(seed=st.integers(0, 1000), day=st.integers(0, 78))
def test_no_later_day_reaches_a_feature(seed: int, day: int) -> None:
    market, other = simulated(seed, 80), simulated(seed + 5000, 80)
    later = 80 - 1 - day  # how many days come after it; they stand at the front
    perturbed = MarketDays(
        market.ticker,
        *(
            np.concatenate([theirs[:later], ours[later:]])
            for ours, theirs in (
                (market.close, other.close * 7),
                (market.volume, other.volume * 3),
                (market.positive, other.positive + 40),
                (market.negative, other.negative + 40),
            )
        ),
        Sentiment(
            "classes",
            np.concatenate([other.sentiment.values[:later], market.sentiment.values[later:]]).astype(float),
        ),
    )

    before, after = features(market), features(perturbed)

    assert before[: day + 1].tobytes() == after[: day + 1].tobytes()


def test_later_days_change_no_earlier_label() -> None:
    market, other = simulated(11, 260), simulated(12, 260)
    replaced = replace(
        market,
        close=np.concatenate([other.close[:100] * 3, market.close[100:]]),
        positive=np.concatenate([other.positive[:100] + 9, market.positive[100:]]),
    )
    early = oldest(market, 160)

    known = labels(market.close, 20)[:140]

    assert labels(replaced.close, 20)[:140].tolist() == known.tolist() == labels(early.close, 20).tolist()
    assert features(replaced)[:160].tobytes() == features(early).tobytes()


def test_pure_noise_shows_no_skill() -> None:
    markets = [simulated(seed, 250) for seed in range(200)]

    forecasts = [ENGINE.forecast(market) for market in markets]

    honest = [not any(each.evidence.skill for each in forecast.values()) for forecast in forecasts]
    assert sum(honest) >= 180
    for name in HORIZONS:
        intervals = [forecast[name].evidence.confidence_interval for forecast in forecasts]
        held = [each is not None and each.lower <= 0.5 <= each.upper for each in intervals]
        assert sum(held) >= 180, name
        accuracy = np.mean([forecast[name].score for forecast in forecasts])
        assert accuracy == pytest.approx(0.5, abs=0.03), name


def test_a_planted_signal_is_found() -> None:
    forecasts = [ENGINE.forecast(simulated(seed, 500, news_moves_price=0.02)) for seed in range(10)]

    assert all(forecast["next"].evidence.skill for forecast in forecasts)
    assert not any(forecast["month"].evidence.skill for forecast in forecasts)


def test_the_newest_day_is_predicted_by_the_signal() -> None:
    market = simulated(1, 500, news_moves_price=0.03)
    values = np.asarray(market.sentiment.values, dtype=float).copy()

    chances = []
    for kind in (1.0, 3.0):
        values[0] = kind
        forecast = ENGINE.forecast(replace(market, sentiment=Sentiment("classes", values.copy())))
        chances.append(forecast["next"].probability_up)

    good, bad = chances
    assert good is not None
    assert bad is not None
    assert good > 0.75
    assert bad < 0.25


def test_words_and_classes_mean_the_same() -> None:
    market = simulated(2, 120)
    words = np.array(["UNKNOWN", "POS", "NEUT", "NEG"])[np.asarray(market.sentiment.values, dtype=int)]

    spelled = ENGINE.forecast(replace(market, sentiment=Sentiment("words", words)))

    assert spelled == ENGINE.forecast(market)


def test_a_score_is_a_feature_of_its_own() -> None:
    market = simulated(2, 120)
    scores = np.linspace(-1.0, 1.0, 120)

    rows = features(replace(market, sentiment=Sentiment("scores", scores)))

    assert rows[:, 6].tolist() == scores[::-1].tolist()
    assert not rows[:, 7:].any()


@pytest.mark.parametrize("vector", recorded(), ids=lambda vector: str(len(vector["request"]["close"])))
def test_every_recorded_request_has_an_answer(vector: dict[str, dict[str, object]]) -> None:
    forecast = ENGINE.forecast(market_of(vector["request"]))

    for each in forecast.values():
        score, predicted = each.as_text().split(" ")
        assert 0.0 <= float(score) <= 1.0
        assert predicted == str(int(each.probability_up is not None and each.probability_up > 0.5))


def test_a_month_that_cannot_be_tested_is_called_a_coin_flip() -> None:
    month = ENGINE.forecast(simulated(4, 45))["month"]

    assert month.score == 0.5
    assert month.evidence.evaluations == 0
    assert month.evidence.accuracy is None
    assert "coin flip" in month.evidence.explanation


@pytest.mark.parametrize("days", [1, 2, 39])
def test_too_few_days_are_refused(days: int) -> None:
    with pytest.raises(Unprocessable, match="too few days"):
        ENGINE.forecast(newest(simulated(5, 60), days))


@pytest.mark.parametrize("closes", [np.full(80, 100.0), np.linspace(200, 100, 80), np.linspace(100, 200, 80)])
def test_one_class_is_refused(closes: np.ndarray) -> None:
    with pytest.raises(Unprocessable, match="one class only"):
        ENGINE.forecast(replace(simulated(6, 80), close=closes))


def test_a_horizon_of_one_class_has_no_skill() -> None:
    # It rises over every month, though not every day.
    wobbling = 100 * np.exp(0.01 * np.arange(120) + 0.02 * (np.arange(120) % 2))[::-1]

    forecast = ENGINE.forecast(replace(simulated(7, 120), close=wobbling))

    month = forecast["month"].evidence
    assert month.accuracy == month.baseline_accuracy == 1.0
    assert not month.skill
    assert forecast["month"].probability_up is not None
    assert 0.5 < forecast["month"].probability_up < 1.0
