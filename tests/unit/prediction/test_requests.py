"""Requests: the stocks app's pass unchanged, everything else gets a clear error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from foliolens.errors import ValidationFailed
from foliolens.kit import json
from foliolens.prediction.schemas import PredictionRequest


def body(**changes: object) -> dict[str, Any]:
    request: dict[str, Any] = {
        "ticker": "AAPL",
        "close": [3, 2, 1],
        "volume": [1, 2, 3],
        "positive": [0, 1, 0],
        "negative": [0, 0, 1],
        "sentiment": [0, 1, 3],
    }
    return {**request, **changes}


def read(request: dict[str, Any]) -> PredictionRequest:
    return PredictionRequest.model_validate(json.decode(json.encode(request)))


def test_the_android_client_sends_everything_as_floats() -> None:
    floats = {name: [0.0, 1.0, 3.0] for name in ("positive", "negative", "sentiment")}

    market = read(body(**floats, volume=[1.5e7, 2.0, 3.0], close=[3.5, 2.25, 1.0])).market_days()

    assert market.close.tolist() == [3.5, 2.25, 1.0]
    assert market.volume.tolist() == [1.5e7, 2.0, 3.0]
    assert market.sentiment.kind == "classes"


@pytest.mark.parametrize(
    ("values", "kind"),
    [([0, 1, 3], "classes"), (["POS", "NEUT", "UNKNOWN"], "words"), ([0.5, -0.25, 1], "scores")],
)
def test_sentiment_comes_in_three_kinds(values: list[object], kind: str) -> None:
    assert read(body(sentiment=values)).market_days().sentiment.kind == kind


def test_unknown_keys_of_old_clients_are_ignored() -> None:
    assert read(body(hash=17, logistic=True)).ticker == "AAPL"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"close": []}, "close", "OUT_OF_RANGE"),
        ({"close": [1] * 10_001}, "close", "OUT_OF_RANGE"),
        ({"close": "1,2,3"}, "close", "INVALID_TYPE"),
        ({"close": {"0": 1}}, "close", "INVALID_TYPE"),
        ({"close": [1, 2, "3"]}, "close", "INVALID_TYPE"),
        ({"close": [1, 2, None]}, "close", "INVALID_TYPE"),
        ({"close": [1, 2, True]}, "close", "INVALID_TYPE"),
        ({"close": [1, 2, [3]]}, "close", "INVALID_TYPE"),
        ({"close": [1, 2, 0]}, "close", "OUT_OF_RANGE"),
        ({"close": [1, 2, -3]}, "close", "OUT_OF_RANGE"),
        ({"close": [1, 2, 1e300]}, "close", "OUT_OF_RANGE"),
        ({"close": [1, 2, 10**400]}, "close", "OUT_OF_RANGE"),
        ({"volume": [1, 2, -1]}, "volume", "OUT_OF_RANGE"),
        ({"positive": [1, 2, -1]}, "positive", "OUT_OF_RANGE"),
        ({"sentiment": [1, "POS", 2]}, "sentiment", "INVALID_TYPE"),
        ({"sentiment": ["POS", "GOOD", "NEG"]}, "sentiment", "INVALID_VALUE"),
        ({"ticker": ""}, "ticker", "string_too_short"),
        ({"ticker": 5}, "ticker", "string_type"),
        ({"ticker": "A" * 101}, "ticker", "string_too_long"),
        ({"ticker": "A\x07"}, "ticker", "string_pattern_mismatch"),
        ({"engine": "best"}, "engine", "literal_error"),
    ],
)
def test_bad_input_is_refused_by_field(changes: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PredictionRequest.model_validate(body(**changes))

    assert [(problem["loc"], problem["type"]) for problem in caught.value.errors()] == [((field,), code)]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValidationError, match="entry 1 is beyond"):
        PredictionRequest.model_validate(body(volume=[1.0, value, 2.0]))


def test_unequal_lengths_are_named_field_by_field() -> None:
    request = read(body(volume=[1, 2], sentiment=[0]))

    with pytest.raises(ValidationFailed) as caught:
        request.market_days()

    assert isinstance(caught.value.details, list)
    assert [problem["field"] for problem in caught.value.details] == ["volume", "sentiment"]


def test_ten_thousand_days_are_read() -> None:
    days = 10_000
    lists = {name: [1.25] * days for name in ("close", "volume", "positive", "negative")}

    market = read(body(**lists, sentiment=[0] * days)).market_days()

    assert market.days == days
    assert np.all(market.close == 1.25)
