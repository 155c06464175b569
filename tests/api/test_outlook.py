"""`GET /v1/market/{ticker}/outlook` and the demo through real servers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests import providers

from .conftest import Server, running_server

DEMO = {"email": "demo@example.com", "password": "Explore-FolioLens-1"}


@pytest.fixture(scope="module")
def demo() -> Iterator[Server]:
    with running_server("--demo") as started:
        yield started


@pytest.fixture(scope="module")
def keyed() -> Iterator[Server]:
    """A server with keys of both providers, which are stand-ins."""
    with (
        providers.running_both() as (tiingo, polygon),
        running_server(**providers.settings_for(tiingo, polygon)) as started,
    ):
        yield started


def outlook(server: Server, ticker: str, **parameters: int) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/v1/market/{ticker}/outlook", params=parameters, timeout=30)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def once_complete(server: Server, ticker: str) -> dict[str, Any]:
    """The outlook when nothing is on its way any more; each answer says when to ask again."""
    deadline = time.monotonic() + 60
    while True:
        told = outlook(server, ticker)
        waits = [part["retryAfter"] for part in told["missing"].values() if part is not None]
        if not any(waits):
            return told
        assert time.monotonic() < deadline, told["missing"]
        time.sleep(min(0.2, *(wait for wait in waits if wait)))


class TestTheDemo:
    def test_prices_say_how_old_they_are(self, demo: Server) -> None:
        prices = outlook(demo, "aapl", days=30)["prices"]

        assert (prices["asOf"], prices["source"]) == ("2022-12-28", "Sample data of skfolio")
        assert prices["changePercent"] == -3.07
        assert prices["days"][-1]["close"] == 125.674
        assert prices["days"][0]["date"] == "2022-11-29"

    def test_predictions_say_what_they_were_worth_and_rest_on(self, demo: Server) -> None:
        prediction = outlook(demo, "JPM")["prediction"]

        assert (prediction["asOf"], prediction["days"], prediction["usesVolume"]) == (
            "2022-12-28",
            1258,
            False,
        )
        for horizon in prediction["detail"].values():
            assert horizon["evaluations"] > 1000
            assert isinstance(horizon["skill"], bool)

    def test_missing_parts_are_null_with_a_reason(self, demo: Server) -> None:
        told = outlook(demo, "BND")

        assert (told["prices"], told["sentiment"], told["prediction"]) == (None, None, None)
        assert {part["reason"] for part in told["missing"].values()} == {"NO_PROVIDER"}
        assert "FOLIOLENS_POLYGON_API_KEY" in told["missing"]["sentiment"]["message"]

    def test_an_index_is_a_ticker(self, demo: Server) -> None:
        assert outlook(demo, "^GSPC")["prices"]["days"][-1]["close"] == 3783.22

    def test_the_sample_account_signs_in_and_its_risk_is_measured(self, demo: Server) -> None:
        with httpx.Client(base_url=f"{demo.url}/v1", timeout=30) as client:
            token = client.post("/auth/login", json=DEMO).json()["accessToken"]
            client.headers["Authorization"] = f"Bearer {token}"
            portfolios = client.get("/portfolios").json()["portfolios"]
            reports = [client.get(f"/portfolios/{each['id']}/risk").json() for each in portfolios]

        assert len(reports) == 3
        for report in reports:
            market = report["market"]
            assert market["volatility"]["value"] > 0
            assert (market["benchmark"]["symbol"], market["prices"]["lastDay"]) == ("^GSPC", "2022-12-28")
            assert market["benchmark"]["beta"]["value"] > 0

    def test_tickers_are_found_and_priced_without_a_key(self, demo: Server) -> None:
        found = httpx.get(f"{demo.url}/v1/search", params={"query": "apple"}, timeout=30).json()
        days = httpx.get(f"{demo.url}/v1/stocks", params={"ticker": "AAPL"}, timeout=30).json()

        assert [match["ticker"] for match in found] == ["AAPL"]
        assert days[0]["date"] == "2022-12-28T00:00:00.000Z"


class TestWithProviders:
    def test_an_outlook_fills_itself(self, keyed: Server) -> None:
        first = outlook(keyed, "AAPL")
        assert {part["reason"] for part in first["missing"].values()} == {"PENDING"}

        told = once_complete(keyed, "AAPL")

        assert told["prices"]["source"] == "Tiingo"
        assert told["prices"]["days"][-1]["volume"] == 7255394
        assert told["sentiment"]["source"] == "Polygon"
        assert len(told["sentiment"]["headlines"]) == 9
        assert sum(day["articles"] for day in told["sentiment"]["days"]) == 9
        # The stand-in's prices never change, so there is nothing to predict.
        assert told["missing"]["prediction"]["reason"] == "NOT_PREDICTABLE"

    def test_a_ticker_nobody_knows_is_not_found(self, keyed: Server) -> None:
        deadline = time.monotonic() + 60
        while (answer := httpx.get(f"{keyed.url}/v1/market/NOPE/outlook", timeout=30)).status_code == 200:
            assert answer.json()["missing"]["prices"]["reason"] == "PENDING"
            assert time.monotonic() < deadline
            time.sleep(0.1)

        assert (answer.status_code, answer.json()["error"]) == (404, "TICKER_NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "field"),
    [("A%20B/outlook", "ticker"), ("..%2Fx/outlook", None), ("AAPL/outlook?days=0", "days")],
)
def test_what_is_no_ticker_is_refused(server: Server, path: str, field: str | None) -> None:
    answer = httpx.get(f"{server.url}/v1/market/{path}", timeout=30)

    assert answer.status_code == (404 if field is None else 400)
    assert field is None or answer.json()["details"][0]["field"] == field
