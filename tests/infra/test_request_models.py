"""The gateway's models of bodies: they refuse no body that a function accepts, and most that it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from infra.request_models import request_model
from jsonschema import Draft4Validator
from pydantic import TypeAdapter, ValidationError

from foliolens.kit import json as exact
from foliolens.prediction.schemas import PredictionRequest
from foliolens.sentiment.schemas import BatchInput, SentimentInput
from tests.infra.conftest import Synthesised

_VECTORS = json.loads((Path(__file__).parents[1] / "data" / "original-prediction-vectors.json").read_text())
_DAYS = {"ticker": "A", "close": [1.5], "volume": [0], "positive": [1], "negative": [0.5], "sentiment": [0]}

ACCEPTED: list[tuple[str, Any]] = [
    *(("/v1/predict", vector["request"]) for vector in _VECTORS["vectors"]),
    ("/v1/predict", _DAYS),
    ("/v1/predict", {**_DAYS, "sentiment": ["POS"], "engine": "original"}),
    ("/v1/predict", {**_DAYS, "engine": None, "something": "else"}),
    ("/v1/sentiment", {"text": []}),
    ("/v1/sentiment", {"text": ["Up.", ""], "hash": "abc", "other": 1}),
    ("/v1/sentiment", {"text": ["Up."], "hash": 1.5}),
    ("/v1/sentiment", {"text": ["Up."], "hash": None}),
    ("/v1/sentiment/batch", {"articles": []}),
    ("/v1/sentiment/batch", {"articles": [{"id": "a", "text": "Up."}], "splitting": "client"}),
    ("/v1/sentiment/batch", {"articles": [{"id": 7, "sentences": ["Up."], "text": None}], "more": []}),
    ("/v1/sentiment/batch", {"articles": [{"id": "a", "text": "", "sentences": None}]}),
]
REFUSED: list[tuple[str, Any]] = [
    *(
        (path, body)
        for path in ("/v1/predict", "/v1/sentiment", "/v1/sentiment/batch")
        for body in ({}, [], "text", 1, None)
    ),
    *(("/v1/predict", {name: value for name, value in _DAYS.items() if name != left}) for left in _DAYS),
    ("/v1/predict", {**_DAYS, "ticker": ""}),
    ("/v1/predict", {**_DAYS, "close": 1.5}),
    ("/v1/predict", {**_DAYS, "close": []}),
    ("/v1/predict", {**_DAYS, "volume": ["many"]}),
    ("/v1/predict", {**_DAYS, "sentiment": ["GOOD"]}),
    ("/v1/predict", {**_DAYS, "sentiment": ["POS", 1]}),
    ("/v1/predict", {**_DAYS, "close": [1] * 10_001}),
    ("/v1/predict", {**_DAYS, "engine": "newest"}),
    ("/v1/sentiment", {"text": "Up."}),
    ("/v1/sentiment", {"text": [1]}),
    ("/v1/sentiment", {"text": ["Up."], "hash": True}),
    ("/v1/sentiment", {"text": ["Up."], "hash": []}),
    ("/v1/sentiment/batch", {"articles": {}}),
    ("/v1/sentiment/batch", {"articles": [{"text": "Up."}]}),
    ("/v1/sentiment/batch", {"articles": [{"id": "a"}]}),
    ("/v1/sentiment/batch", {"articles": [{"id": "a", "text": "Up.", "sentences": []}]}),
    ("/v1/sentiment/batch", {"articles": [{"id": [], "text": "Up."}]}),
    ("/v1/sentiment/batch", {"articles": [{"id": "a" * 501, "text": "Up."}]}),
    ("/v1/sentiment/batch", {"articles": [{"id": "a", "text": "Up."}] * 65}),
    ("/v1/sentiment/batch", {"articles": [], "splitting": "words"}),
]
LEFT_TO_THE_FUNCTION: list[tuple[str, Any]] = [
    ("/v1/predict", {**_DAYS, "close": [-1]}),
    ("/v1/predict", {**_DAYS, "volume": [1e16]}),
    ("/v1/predict", {**_DAYS, "ticker": "A\x01"}),
]
_FUNCTIONS: dict[str, TypeAdapter[Any]] = {
    "/v1/predict": TypeAdapter(PredictionRequest),
    "/v1/sentiment": TypeAdapter(SentimentInput),
    "/v1/sentiment/batch": TypeAdapter(BatchInput),
}


def function_accepts(path: str, body: Any) -> bool:
    try:
        _FUNCTIONS[path].validate_python(exact.decode(json.dumps(body)))
    except ValidationError:
        return False
    return True


def gateway_accepts(path: str, body: Any) -> bool:
    return Draft4Validator(request_model(path)).is_valid(body)


@pytest.mark.parametrize(("path", "body"), ACCEPTED)
def test_what_a_function_accepts_gets_through(path: str, body: Any) -> None:
    assert function_accepts(path, body)
    assert gateway_accepts(path, body)


@pytest.mark.parametrize(("path", "body"), REFUSED)
def test_what_has_another_form_wakes_no_function(path: str, body: Any) -> None:
    assert not function_accepts(path, body)
    assert not gateway_accepts(path, body)


@pytest.mark.parametrize(("path", "body"), LEFT_TO_THE_FUNCTION)
def test_the_function_says_which_entry_is_wrong(path: str, body: Any) -> None:
    assert not function_accepts(path, body)
    assert gateway_accepts(path, body)


@pytest.mark.parametrize("path", sorted(_FUNCTIONS))
def test_a_model_is_a_schema_of_draft_4(path: str) -> None:
    Draft4Validator.check_schema(request_model(path))


def test_the_gateway_has_these_models(synthesised: Synthesised) -> None:
    models = [
        model["Properties"]["Schema"] for model in synthesised.of_type("AWS::ApiGateway::Model").values()
    ]

    assert sorted(map(json.dumps, models)) == sorted(json.dumps(request_model(path)) for path in _FUNCTIONS)
