"""The sentiment routes over real HTTP: the original's contract, and what is new."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.api.conftest import Server, running_server

LABELS = ("positive", "neutral", "negative")
JSON = {"Content-Type": "application/json"}


def post(client: httpx.Client, body: str | bytes, path: str = "/sentiment") -> httpx.Response:
    return client.post(path, content=body, headers=JSON)


def problem(response: httpx.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["error"], body["details"][0]["field"]


def test_an_article_is_answered_as_the_original_service_did(client: httpx.Client) -> None:
    body = {
        "text": ["Profit rose 12%.", "The office is in Leeds.", "Sales fell.", "Costs rose."],
        "hash": "9f2c",
    }

    response = client.post("/sentiment", json=body)

    assert response.status_code == 200
    result = response.json()
    assert list(result) == ["positive", "neutral", "negative", "hash"]
    assert [result[label][0] for label in LABELS] == [1, 1, 2]
    assert all(isinstance(result[label][0], int) for label in LABELS)
    assert all(1 / 3 < result[label][1] <= 1 for label in LABELS)
    assert result["hash"] == "9f2c"


def test_a_label_without_sentences_is_zero_and_zero(client: httpx.Client) -> None:
    response = post(client, '{"text": ["Profit rose 12%."], "hash": 1}')

    assert '"neutral":[0,0],"negative":[0,0]' in response.text


@pytest.mark.parametrize("body", ['{"text": [], "hash": 7}', '{"text": ["", "  "], "hash": 7}'])
def test_no_sentences_are_zero_counts(client: httpx.Client, body: str) -> None:
    response = post(client, body)

    assert response.text == '{"positive":[0,0],"neutral":[0,0],"negative":[0,0],"hash":7}'


@pytest.mark.parametrize(
    "sent",
    ["12345678901234567890", "1.50", "-0", "1e5", "0.1000", "9" * 40, '"a\\u00e9"', '""', '"12"', "null"],
)
def test_the_hash_comes_back_as_the_very_characters_that_were_sent(client: httpx.Client, sent: str) -> None:
    response = post(client, '{"text": [], "hash": ' + sent + "}")

    assert response.text.endswith(f'"hash":{sent}}}')


def test_a_request_without_hash_gets_null(client: httpx.Client) -> None:
    assert post(client, '{"text": []}').json()["hash"] is None


def test_keys_the_contract_does_not_know_are_ignored(client: httpx.Client) -> None:
    assert post(client, '{"text": ["Profit rose."], "hash": 1, "ticker": "AAPL", "v": {}}').status_code == 200


def test_every_response_names_its_model(client: httpx.Client) -> None:
    assert post(client, '{"text": []}').headers["X-Sentiment-Model"] == "embedded"
    assert post(client, '{"articles": []}', "/sentiment/batch").headers["X-Sentiment-Model"] == "embedded"


def test_detail_adds_each_sentence_with_its_probabilities(client: httpx.Client) -> None:
    body = '{"text": ["Profit rose.", "", "Sales fell."], "hash": "h"}'

    result = post(client, body, "/sentiment?detail=true").json()

    assert list(result) == ["positive", "neutral", "negative", "hash", "truncated", "model", "sentences"]
    assert [sentence["text"] for sentence in result["sentences"]] == ["Profit rose.", "Sales fell."]
    assert [sentence["label"] for sentence in result["sentences"]] == ["positive", "negative"]
    for sentence in result["sentences"]:
        total = sentence["positive"] + sentence["neutral"] + sentence["negative"]
        assert total == pytest.approx(1, abs=1e-9)
    assert result["positive"][1] == result["sentences"][0]["positive"]
    assert result["model"]["name"] == "embedded"


def test_a_sentence_longer_than_the_model_reads_is_counted_as_truncated(client: httpx.Client) -> None:
    body = {"text": ["profit " * 600, "Profit rose."], "hash": 1}

    result = client.post("/sentiment", json=body).json()

    assert list(result) == ["positive", "neutral", "negative", "hash", "truncated"]
    assert result["truncated"] == 1


def test_a_batch_judges_raw_text_and_sentences(client: httpx.Client) -> None:
    articles = [
        {"id": "a", "text": "Profit rose 12%. Mr. Lee said sales fell in the U.S. market."},
        {"id": 2, "sentences": ["The office is in Leeds."]},
        {"id": "empty", "text": ""},
    ]

    result = client.post("/sentiment/batch", json={"articles": articles}).json()

    assert [article["id"] for article in result["articles"]] == ["a", 2, "empty"]
    counts = [tuple(article[label][0] for label in LABELS) for article in result["articles"]]
    assert counts == [(1, 0, 1), (0, 1, 0), (0, 0, 0)]


def test_a_batch_splits_as_the_app_does_where_it_is_asked_to(client: httpx.Client) -> None:
    body = {"articles": [{"id": 1, "text": "Mr. Lee, he left."}], "splitting": "client"}

    result = client.post("/sentiment/batch?detail=true", json=body).json()

    assert [sentence["text"] for sentence in result["articles"][0]["sentences"]] == ["Mr.", "Lee he left."]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", (400, "VALIDATION_ERROR", "body")),
        ("[]", (400, "VALIDATION_ERROR", "body")),
        ("{", (400, "VALIDATION_ERROR", "body")),
        ('{"hash": 1}', (400, "VALIDATION_ERROR", "text")),
        ('{"text": null}', (400, "VALIDATION_ERROR", "text")),
        ('{"text": "Profit rose."}', (400, "VALIDATION_ERROR", "text")),
        ('{"text": {"0": "Profit rose."}}', (400, "VALIDATION_ERROR", "text")),
        ('{"text": ["a", 1]}', (400, "VALIDATION_ERROR", "text.1")),
        ('{"text": [["a"]]}', (400, "VALIDATION_ERROR", "text.0")),
        ('{"text": [null]}', (400, "VALIDATION_ERROR", "text.0")),
        ('{"text": [], "hash": [1]}', (400, "VALIDATION_ERROR", "hash")),
        ('{"text": [], "hash": {}}', (400, "VALIDATION_ERROR", "hash")),
        ('{"text": [], "hash": true}', (400, "VALIDATION_ERROR", "hash")),
        ('{"text": [], "hash": NaN}', (400, "VALIDATION_ERROR", "body")),
        ('{"text": [], "hash": Infinity}', (400, "VALIDATION_ERROR", "body")),
        ('{"text": ["\\ud800"]}', (400, "VALIDATION_ERROR", "body")),
        ('{"text": ["\\u0000"]}', (400, "VALIDATION_ERROR", "body")),
        (b'{"text": ["\xff"]}', (400, "VALIDATION_ERROR", "body")),
        (json.dumps({"text": ["x"] * 10_000}), (400, "VALIDATION_ERROR", "text")),
        (json.dumps({"text": [1] * 10_000}), (400, "VALIDATION_ERROR", "text.0")),
        ("[" * 100_000, (400, "VALIDATION_ERROR", "body")),
    ],
)
def test_bad_input_is_the_contracts_error(
    client: httpx.Client, body: str | bytes, expected: tuple[int, str, str]
) -> None:
    assert problem(post(client, body)) == expected


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{}", "articles"),
        ('{"articles": [{"id": 1, "text": "\\ud800"}]}', "body"),
        ('{"articles": [{"id": NaN, "text": "a"}]}', "body"),
        (json.dumps({"articles": [{"id": 1, "text": "It rose. " * 10_000}]}), "articles"),
        ('{"articles": [{"text": "a"}]}', "articles.0.id"),
        ('{"articles": [{"id": null, "text": "a"}]}', "articles.0.id"),
        ('{"articles": [{"id": 1.5, "text": "a"}]}', "articles.0.id"),
        (json.dumps({"articles": [{"id": "i" * 501, "text": "a"}]}), "articles.0.id"),
        ('{"articles": [{"id": 1}]}', "articles.0"),
        ('{"articles": [{"id": 1, "text": "a", "sentences": []}]}', "articles.0"),
        ('{"articles": [{"id": 1, "text": 5}]}', "articles.0.text"),
        ('{"articles": [], "splitting": "words"}', "splitting"),
        (json.dumps({"articles": [{"id": 1, "text": "a"}] * 65}), "articles"),
        (json.dumps({"articles": [{"id": 1, "sentences": ["a"] * 101}] * 2}), "articles"),
    ],
)
def test_a_bad_batch_is_the_contracts_error(client: httpx.Client, body: str, field: str) -> None:
    assert problem(post(client, body, "/sentiment/batch")) == (400, "VALIDATION_ERROR", field)


@pytest.mark.parametrize("size", [100_001, 5_000_000])
def test_more_text_than_allowed_is_too_large(client: httpx.Client, size: int) -> None:
    response = post(client, json.dumps({"text": ["x" * size], "hash": 1}))

    assert (response.status_code, response.json()["error"]) == (413, "PAYLOAD_TOO_LARGE")


def test_a_batch_of_more_text_than_allowed_is_too_large(client: httpx.Client) -> None:
    articles = [{"id": 1, "text": "x" * 60_000}, {"id": 2, "text": "y" * 60_000}]

    response = client.post("/sentiment/batch", json={"articles": articles})

    assert (response.status_code, response.json()["error"]) == (413, "PAYLOAD_TOO_LARGE")
    assert "120000 bytes" in response.json()["message"]


def test_another_media_type_is_refused(client: httpx.Client) -> None:
    response = client.post("/sentiment", content="text=a", headers={"Content-Type": "text/csv"})

    assert response.status_code == 415


@pytest.fixture(scope="module")
def narrow_server() -> Iterator[Server]:
    """A server whose model nobody may wait for, and where FinBERT is asked for and missing."""
    settings = {"sentiment_waiting": "0", "sentiment_model": "finbert", "sentiment_fallback": "embedded"}
    with running_server(**settings) as started:
        yield started


def test_a_fallback_is_named_in_the_response(narrow_server: Server) -> None:
    response = httpx.post(f"{narrow_server.url}/v1/sentiment", json={"text": []}, timeout=30)

    assert response.headers["X-Sentiment-Model"] == "embedded; fallback-for=finbert"


def test_overload_is_a_503_with_retry_after_and_other_routes_answer(narrow_server: Server) -> None:
    start = threading.Barrier(16)

    def ask(number: int) -> httpx.Response:
        # Long sentences that nobody asked for before.
        body = {"text": [f"{number} {part} " + "profit rose " * 200 for part in range(25)], "hash": number}
        with httpx.Client(timeout=60) as client:
            start.wait()
            return client.post(f"{narrow_server.url}/v1/sentiment", json=body)

    with ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(ask, number) for number in range(16)]
        alive = httpx.get(f"{narrow_server.url}/v1/health", timeout=10)
        answers = [each.result() for each in asked]

    assert alive.status_code == 200
    refused = [answer for answer in answers if answer.status_code != 200]
    assert refused
    assert len(refused) < len(answers)
    assert {answer.json()["error"] for answer in refused} == {"SERVICE_UNAVAILABLE"}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
