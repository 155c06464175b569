"""A share of the traffic for another engine, through a real server: sticky by ticker and by hash."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from foliolens.kit.rollout import Rollout
from foliolens.sentiment.installation import TOKENIZER_FILE, finbert_folder
from foliolens.sentiment.installing.placing import Candidate, place
from foliolens.sentiment.models import Label
from tests.unit.prediction.markets import recorded
from tests.unit.sentiment.stand_in_hub import STAND_IN

from .conftest import free_port, start_server, stop_server

SHARE = 40
TICKERS = [f"TICK{number}" for number in range(12)]


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """Of a server with a second model installed, FinBERT's architecture in small."""
    with tempfile.TemporaryDirectory(prefix="foliolens-api-") as name:
        scratch, data = Path(name), Path(name, "data")
        shutil.copy(STAND_IN / "onnx" / "model_quantized.onnx", scratch / "int8.onnx")
        shutil.copy(STAND_IN / TOKENIZER_FILE, scratch / TOKENIZER_FILE)
        order = (Label.POSITIVE, Label.NEGATIVE, Label.NEUTRAL)
        place(Candidate(scratch / "int8.onnx", scratch / TOKENIZER_FILE, order, "int8"), finbert_folder(data))
        server = start_server(
            data,
            free_port(),
            sentiment_model="embedded",
            sentiment_rollout=f"finbert:{SHARE}",
            prediction_rollout=f"original:{SHARE}",
        )
        try:
            with httpx.Client(base_url=f"{server.url}/v1", timeout=60) as opened:
                yield opened
        finally:
            stop_server(server)


def predicted_by(client: httpx.Client, ticker: str, **more: Any) -> str:
    answer = client.post("/predict", json={**recorded()[0]["request"], "ticker": ticker, **more})
    assert answer.status_code == 200
    return answer.headers["X-Prediction-Engine"]


def judged_by(client: httpx.Client, **body: Any) -> str:
    answer = client.post("/sentiment", json={"text": ["Profit rose."], **body})
    assert answer.status_code == 200
    return answer.headers["X-Sentiment-Model"]


def test_a_ticker_stays_with_its_engine(client: httpx.Client) -> None:
    rollout = Rollout("original", SHARE)
    expected = ["original" if rollout.includes(ticker.encode()) else "calibrated" for ticker in TICKERS]

    assert set(expected) == {"original", "calibrated"}
    assert [predicted_by(client, ticker) for ticker in TICKERS] == expected
    assert [predicted_by(client, ticker.lower()) for ticker in TICKERS] == expected


def test_an_engine_that_is_asked_for_answers(client: httpx.Client) -> None:
    assert {predicted_by(client, ticker, engine="calibrated") for ticker in TICKERS} == {"calibrated"}


def test_an_article_stays_with_its_model(client: httpx.Client) -> None:
    first = [judged_by(client, hash=number) for number in range(12)]

    assert set(first) == {"finbert", "embedded"}
    assert [judged_by(client, hash=number) for number in range(12)] == first
    # The hash decides, not what the article says.
    assert [judged_by(client, hash=number, text=["Sales fell."]) for number in range(12)] == first


def test_an_article_without_a_hash_is_told_by_what_it_says(client: httpx.Client) -> None:
    articles = [[f"Profit rose by {number}%."] for number in range(12)]
    first = [judged_by(client, text=text) for text in articles]

    assert set(first) == {"finbert", "embedded"}
    assert [judged_by(client, text=text) for text in articles] == first


def test_a_batch_is_judged_by_the_default(client: httpx.Client) -> None:
    articles = [{"id": str(number), "text": "Profit rose."} for number in range(12)]

    assert (
        client.post("/sentiment/batch", json={"articles": articles}).headers["X-Sentiment-Model"]
        == "embedded"
    )
