"""Comparison and the market part of the risk report over HTTP, with prices from files and without."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from foliolens.market.demo.prices import demo_prices

from .conftest import Server, User, signed_up
from .exchanges import assert_error, create_portfolio, holding, portfolio, problems

FILES = {"ZZAPPLE": "AAPL", "ZZKOKE": "KO", "ZZINDEX": "^GSPC"}
"""Symbols that no other test holds, with the real prices they are given."""


@dataclass(frozen=True)
class Estate:
    """A user with two portfolios that have prices, and one that has none."""

    user: User
    apple: str
    mixed: str
    unpriced: str

    @property
    def priced(self) -> list[str]:
        return [self.apple, self.mixed]


def write_prices(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    known = demo_prices()
    for symbol, source in FILES.items():
        with (folder / f"{symbol}.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["date", "close"])
            rows.writerows((price.day, price.close) for price in known[source])


def priced_report(client: httpx.Client, portfolio_id: str) -> dict[str, Any]:
    """Ask for the report as often as it says that prices are on their way."""
    for _ in range(30):
        answer = client.get(f"/portfolios/{portfolio_id}/risk", params={"benchmark": "zzindex"})
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        market = report["market"]
        if market["prices"]["retryAfter"] is None and market["benchmark"]["beta"]["value"] is not None:
            return report
        time.sleep(0.2)  # a client's pause; it is told a longer one
    raise AssertionError(f"the prices did not come: {market}")


@pytest.fixture(scope="module")
def estate(server: Server) -> Iterator[Estate]:
    write_prices(server.data / "prices")
    with signed_up(server) as user:
        made = [
            create_portfolio(user.client, **portfolio(name, *assets, overrideRules=True))["id"]
            for name, assets in {
                "Apple": (holding("ZZAPPLE", 1000),),
                "Mixed": (holding("ZZAPPLE", 250), holding("ZZKOKE", 250), holding("CASH", 500)),
                "Unpriced": (holding("ZZNOPRICE", 1000),),
            }.items()
        ]
        for portfolio_id in made[:2]:
            priced_report(user.client, portfolio_id)
        yield Estate(user, *made)


def compare(estate: Estate, ids: list[str], **options: object) -> httpx.Response:
    return estate.user.client.post("/portfolios/compare", json={"portfolioIds": ids, **options})


def compared(estate: Estate, ids: list[str], **options: object) -> dict[str, Any]:
    answer = compare(estate, ids, **options)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


class TestTheReport:
    def test_is_measured_once_prices_are_there(self, estate: Estate) -> None:
        report = priced_report(estate.user.client, estate.mixed)
        market = report["market"]

        assert market["prices"]["firstDay"] == "2017-12-29"
        assert market["prices"]["lastDay"] == "2022-12-28"
        assert market["prices"]["days"] == 1258
        assert market["prices"]["coverage"] == 1
        assert market["benchmark"]["symbol"] == "ZZINDEX"
        assert 0 < market["volatility"]["value"] < 0.2
        assert market["maxDrawdown"]["peak"] < market["maxDrawdown"]["trough"]
        assert sum(each["contribution"] for each in market["riskContributions"]) == pytest.approx(
            market["volatility"]["value"]
        )
        assert report["volatility"]["measured"]
        assert report["volatility"]["value"] == pytest.approx(market["volatility"]["value"])

    def test_is_the_same_in_the_portfolio_and_its_score_is_listed(self, estate: Estate) -> None:
        report = priced_report(estate.user.client, estate.apple)
        shown = estate.user.client.get(f"/portfolios/{estate.apple}").json()
        listed = estate.user.client.get("/portfolios").json()["portfolios"]

        assert shown["riskMetrics"]["market"]["volatility"] == report["market"]["volatility"]
        scores = {each["id"]: each["riskScore"] for each in listed}
        assert scores[estate.apple] == shown["riskScore"] == report["overallRiskScore"]

    def test_says_what_it_would_tell_with_prices(self, estate: Estate) -> None:
        market = estate.user.client.get(f"/portfolios/{estate.unpriced}/risk").json()["market"]

        assert market["reason"] == "No holding has prices: there is no source of prices."
        assert market["volatility"] == {"value": None, "reason": market["reason"]}
        assert market["prices"]["missing"][0]["symbols"] == ["ZZNOPRICE"]
        assert market["benchmark"]["symbol"] == "SPY"

    @pytest.mark.parametrize("benchmark", ["", "a b", "x" * 21, "../SPY", "SPY\n"])
    def test_refuses_what_is_no_symbol(self, estate: Estate, benchmark: str) -> None:
        answer = estate.user.client.get(f"/portfolios/{estate.apple}/risk", params={"benchmark": benchmark})
        assert problems(assert_error(answer, 400, "VALIDATION_ERROR")) == {("benchmark", "INVALID_VALUE")}


class TestComparison:
    def test_with_prices(self, estate: Estate) -> None:
        found = compared(estate, estate.priced, benchmark="ZZINDEX")

        assert found["period"] == {
            "firstDay": "2017-12-29",
            "lastDay": "2022-12-28",
            "days": 1258,
            "reason": None,
            "retryAfter": None,
        }
        assert [(each["id"], each["name"]) for each in found["portfolios"]] == [
            (estate.apple, "Apple"),
            (estate.mixed, "Mixed"),
        ]
        (pair,) = found["pairs"]
        assert (pair["first"], pair["second"]) == (estate.apple, estate.mixed)
        assert pair["overlap"] == pytest.approx(0.25)
        assert pair["jaccard"] == pytest.approx(1 / 3)
        assert 0 < pair["correlation"]["value"] < 1
        assert found["leastDiversifying"]["by"] == "correlation"
        best = {each["metric"]: each["portfolioIds"] for each in found["best"]}
        assert best["volatility"] == [estate.mixed]
        assert best["annualReturn"] == [estate.apple]
        assert found["holdings"][0] == {"symbol": "ZZAPPLE", "name": "ZZAPPLE", "weights": [1, 0.25]}
        assert len(found["performance"]["days"]) == len(found["performance"]["benchmark"]["values"]) == 261

    def test_of_chosen_days(self, estate: Estate) -> None:
        found = compared(estate, estate.priced, **{"from": "2020-01-02", "to": "2020-12-31"})

        assert (found["period"]["firstDay"], found["period"]["lastDay"]) == ("2020-01-02", "2020-12-31")
        assert len(found["performance"]["days"]) == found["period"]["days"] == 253

    def test_without_prices(self, estate: Estate) -> None:
        other = create_portfolio(
            estate.user.client, **portfolio("Other", holding("ZZNOPRICE", 6), holding("CASH", 4))
        )["id"]
        found = compared(estate, [estate.unpriced, other])

        reason = "No holding has prices: there is no source of prices."
        assert found["period"]["reason"] == reason
        assert found["pairs"][0]["overlap"] == pytest.approx(0.6)
        assert found["pairs"][0]["correlation"] == {"value": None, "reason": reason}
        assert found["leastDiversifying"]["by"] == "overlap"

    def test_changes_nothing(self, estate: Estate) -> None:
        before = estate.user.client.get(f"/portfolios/{estate.apple}").json()
        compared(estate, estate.priced)
        after = estate.user.client.get(f"/portfolios/{estate.apple}").json()

        assert (after["version"], after["analysisCount"]) == (before["version"], before["analysisCount"])

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"portfolioIds": []}, ("portfolioIds", "INVALID_VALUE")),
            ({"portfolioIds": [str(uuid4())]}, ("portfolioIds", "INVALID_VALUE")),
            ({"portfolioIds": [str(uuid4()) for _ in range(11)]}, ("portfolioIds", "INVALID_VALUE")),
            ({"portfolioIds": ["x", "y"]}, ("portfolioIds.0", "INVALID_TYPE")),
            ({"portfolioIds": None}, ("portfolioIds", "INVALID_TYPE")),
            ({"from": "2020-13-01"}, ("from", "INVALID_VALUE")),
            ({"to": "yesterday"}, ("to", "INVALID_VALUE")),
            ({"to": 1577836800}, ("to", "INVALID_VALUE")),
            ({"from": "2020-01-01T00:00:00"}, ("from", "INVALID_VALUE")),
            ({"from": "2020-02-01", "to": "2020-01-01"}, ("from", "OUT_OF_RANGE")),
            ({"from": "1990-01-01"}, ("from", "OUT_OF_RANGE")),
            ({"benchmark": "a b"}, ("benchmark", "INVALID_VALUE")),
            ({"until": "2020-01-01"}, ("until", "UNKNOWN_FIELD")),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, estate: Estate, options: dict[str, object], expected: tuple[str, str]
    ) -> None:
        body = {"portfolioIds": estate.priced, **options}
        answer = estate.user.client.post("/portfolios/compare", json=body)
        assert expected in problems(assert_error(answer, 400, "VALIDATION_ERROR"))

    def test_refuses_a_portfolio_twice(self, estate: Estate) -> None:
        answer = compare(estate, [estate.apple, estate.mixed, estate.apple])
        assert problems(assert_error(answer, 400, "VALIDATION_ERROR")) == {
            ("portfolioIds", "DUPLICATE_VALUE")
        }

    def test_needs_a_token(self, estate: Estate, client: httpx.Client) -> None:
        answer = client.post("/portfolios/compare", json={"portfolioIds": estate.priced})
        assert_error(answer, 401, "AUTHENTICATION_REQUIRED")

    def test_somebody_elses_portfolio_is_as_unknown_as_none(self, estate: Estate, server: Server) -> None:
        with signed_up(server) as stranger:
            own = create_portfolio(stranger.client)["id"]
            answers = [
                stranger.client.post("/portfolios/compare", json={"portfolioIds": ids})
                for ids in ([own, estate.apple], [estate.apple, own], [own, str(uuid4())])
            ]
        bodies = [assert_error(answer, 404, "PORTFOLIO_NOT_FOUND") for answer in answers]
        assert len({str({**body, "requestId": ""}) for body in bodies}) == 1
