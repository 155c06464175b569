"""The original engine answers as the original service did, and refuses where it crashed."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegressionCV
from sklearn.preprocessing import StandardScaler

from foliolens.errors import Unprocessable
from foliolens.prediction.models import HORIZONS, MarketDays, Sentiment
from foliolens.prediction.original import OriginalEngine

from .markets import market_of, recorded, simulated

ENGINE = OriginalEngine()


@pytest.mark.parametrize("vector", recorded(), ids=lambda vector: str(len(vector["request"]["close"])))
def test_a_recorded_request_gets_the_identical_strings(vector: dict[str, Any]) -> None:
    forecast = ENGINE.forecast(market_of(vector["request"]))

    strings = {name: each.as_text() for name, each in forecast.items()}
    assert strings == {name: vector["response"][name] for name in HORIZONS}


def with_scikit_learn(market: MarketDays, horizon: int) -> str:
    """The model as the original called it, on the matrix it made."""
    values = np.asarray(market.sentiment.values)
    columns = [(values == value).astype(float) for value in np.unique(values)]
    columns += [np.zeros(market.days)] * (4 - len(columns))
    matrix = np.array([market.close, market.volume, market.positive, market.negative, *columns])
    rows = matrix.reshape(market.days, 8)
    labels = (market.close[:-horizon] > market.close[horizon:]).astype(int)
    learned = StandardScaler().fit_transform(rows[:-horizon])
    with warnings.catch_warnings():
        # The original let these pass as well: rare classes and steps that end early.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", FutureWarning)
        model = LogisticRegressionCV(cv=8, random_state=0).fit(learned, labels)
    return f"{model.score(learned, labels)!s} {model.predict(rows[:1])[0]}"


@pytest.mark.parametrize("seed", range(5))
def test_simulated_prices_get_the_strings_of_scikit_learn(seed: int) -> None:
    market = simulated(seed, 70 + 20 * seed)

    forecast = ENGINE.forecast(market)

    expected = {name: with_scikit_learn(market, horizon) for name, horizon in HORIZONS.items()}
    assert {name: each.as_text() for name, each in forecast.items()} == expected


def test_words_give_the_answer_of_their_sorted_order() -> None:
    market = market_of(recorded()[1]["request"])
    order = np.array(["NEG", "NEUT", "POS", "UNKNOWN"])
    words = order[np.asarray(market.sentiment.values, dtype=int)]

    forecast = ENGINE.forecast(replace(market, sentiment=Sentiment("words", words)))

    assert forecast["next"].as_text() == recorded()[1]["response"]["next"]


@pytest.mark.parametrize("distinct", [1, 5])
def test_other_than_two_to_four_sentiments_are_refused(distinct: int) -> None:
    market = simulated(1, 100)
    values = np.arange(100.0) % distinct

    with pytest.raises(Unprocessable, match=f"here are {distinct}"):
        ENGINE.forecast(replace(market, sentiment=Sentiment("scores", values)))


def test_one_class_is_refused() -> None:
    market = replace(simulated(1, 100), close=np.linspace(200, 100, 100))

    with pytest.raises(Unprocessable, match="one class only"):
        ENGINE.forecast(market)


@pytest.mark.parametrize("days", [1, 10, 20, 27])
def test_too_few_days_are_refused(days: int) -> None:
    market = simulated(3, days)

    with pytest.raises(Unprocessable):
        ENGINE.forecast(market)


def test_it_claims_no_skill() -> None:
    forecast = ENGINE.forecast(market_of(recorded()[0]["request"]))

    assert not any(each.evidence.skill for each in forecast.values())
    assert all(each.probability_up is None for each in forecast.values())
