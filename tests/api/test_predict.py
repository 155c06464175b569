"""`POST /v1/predict` through a real server: the original's contract, the detail beyond it, and bad input."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.unit.prediction.markets import recorded

from .conftest import Server, running_server


@pytest.fixture(scope="module")
def narrow_server() -> Iterator[Server]:
    """Answers with the engine original, one request at a time, and lets none wait."""
    with running_server(prediction_engine="original", prediction_waiting="0") as started:
        yield started


def request_of(days: int = 250) -> dict[str, Any]:
    vectors = [vector["request"] for vector in recorded()]
    return next(request for request in vectors if len(request["close"]) == days)


@pytest.mark.parametrize("vector", recorded(), ids=lambda vector: str(len(vector["request"]["close"])))
def test_the_engine_original_answers_byte_for_byte(client: httpx.Client, vector: dict[str, Any]) -> None:
    answer = client.post("/predict", json={**vector["request"], "engine": "original"})

    assert answer.status_code == 200
    assert answer.headers["X-Prediction-Engine"] == "original"
    assert list(answer.json().items()) == list(vector["response"].items())


def test_the_default_engine_keeps_the_contract(client: httpx.Client) -> None:
    answer = client.post("/predict", json=request_of())

    assert answer.status_code == 200
    assert answer.headers["X-Prediction-Engine"] == "calibrated"
    assert list(answer.json()) == ["next", "week", "month", "ticker"]
    for horizon in ("next", "week", "month"):
        score, predicted = answer.json()[horizon].split(" ")
        assert repr(float(score)) == score
        assert predicted in {"0", "1"}


def test_detail_says_what_stands_behind_it(client: httpx.Client) -> None:
    answer = client.post("/predict?detail=true", json=request_of()).json()

    detail = answer["detail"]["next"]
    assert answer["next"] == f"{detail['accuracy']!r} {int(detail['probabilityUp'] > 0.5)}"
    assert detail["evaluations"] == 233
    assert detail["confidenceInterval"]["lower"] < detail["accuracy"] < detail["confidenceInterval"]["upper"]
    assert detail["skill"] is False
    assert detail["explanation"].startswith("No skill has been shown")
    assert answer["detail"]["month"]["horizonDays"] == 20


def test_the_setting_chooses_the_engine(narrow_server: Server) -> None:
    vector = recorded()[2]

    answer = httpx.post(f"{narrow_server.url}/v1/predict", json=vector["request"], timeout=30)

    assert answer.json() == vector["response"]


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"close": []}, 400, "close"),
        ({"close": None}, 400, "close"),
        ({"volume": "many"}, 400, "volume"),
        ({"volume": [-1] * 250}, 400, "volume"),
        ({"close": [0] * 250}, 400, "close"),
        ({"close": ["100"] * 250}, 400, "close"),
        ({"positive": [True] * 250}, 400, "positive"),
        ({"negative": {"0": 1}}, 400, "negative"),
        ({"sentiment": []}, 400, "sentiment"),
        ({"sentiment": ["POS", 1] * 125}, 400, "sentiment"),
        ({"sentiment": ["HAPPY"] * 250}, 400, "sentiment"),
        ({"volume": [1] * 249}, 400, "volume"),
        ({"sentiment": [[]] * 250}, 400, "sentiment"),
        ({"close": [1] * 10_001}, 400, "close"),
        ({"ticker": {"a": 1}}, 400, "ticker"),
        ({"engine": "other"}, 400, "engine"),
        ({"close": [100] * 250}, 422, None),
        ({"close": list(range(250, 0, -1))}, 422, None),
        ({"close": [100] * 250, "engine": "original"}, 422, None),
        ({"sentiment": [0] * 250, "engine": "original"}, 422, None),
        ({name: [1, 2] for name in ("close", "volume", "positive", "negative", "sentiment")}, 422, None),
    ],
)
def test_bad_input_gets_the_contracts_error(
    client: httpx.Client, changes: dict[str, Any], status: int, field: str | None
) -> None:
    answer = client.post("/predict", json={**request_of(), **changes})

    assert answer.status_code == status, answer.text
    assert answer.json()["error"] == {400: "VALIDATION_ERROR", 422: "UNPROCESSABLE"}[status]
    if field is not None:
        assert field in {problem["field"] for problem in answer.json()["details"]}


@pytest.mark.parametrize(
    "spoiled",
    [
        '"close": [NaN, ',
        '"close": [Infinity, ',
        '"close": [-Infinity, ',
        '"close": [1e999, ',
        '"ticker": "\\ud800", "close": [',
    ],
)
def test_what_is_no_json_is_refused(client: httpx.Client, spoiled: str) -> None:
    text = json.dumps(request_of()).replace('"close": [', spoiled)

    answer = client.post("/predict", content=text, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == "VALIDATION_ERROR"


def test_ten_thousand_days_are_answered(client: httpx.Client) -> None:
    request = request_of()
    long = {name: values * 40 if isinstance(values, list) else values for name, values in request.items()}

    assert client.post("/predict", json=long).status_code == 200


def test_overload_is_refused_with_a_time_to_come_back(narrow_server: Server) -> None:
    request = {
        name: values * 40 if isinstance(values, list) else values for name, values in request_of().items()
    }
    answers: list[httpx.Response] = []

    def ask() -> None:
        with httpx.Client(base_url=f"{narrow_server.url}/v1", timeout=60) as client:
            answers.extend(client.post("/predict", json=request) for _ in range(3))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counts = Counter(answer.status_code for answer in answers)
    assert set(counts) == {200, 503}, counts
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert refused.json()["error"] == "SERVICE_UNAVAILABLE"
    assert int(refused.headers["Retry-After"]) >= 1
    after = httpx.post(f"{narrow_server.url}/v1/predict", json=request_of(), timeout=60)
    assert after.status_code == 200
