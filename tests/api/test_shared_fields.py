"""The allow-list: every field a link shows is named here, and nothing else may come out of one.

A field that is added to the answers fails these tests until it is written down here, by somebody who asked
what it tells a stranger.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from foliolens.entrypoints.application import api_document_text

from .conftest import Server, User, signed_up

DOCUMENT: dict[str, Any] = json.loads(api_document_text())

PORTFOLIO = {
    "name",
    "updatedAt",
    "expiresAt",
    "permissions",
    "showAmounts",
    "assets",
    "assets.symbol",
    "assets.name",
    "assets.type",
    "assets.category",
    "assets.sector",
    "assets.geographicRegion",
    "assets.allocationPercentage",
}

PORTFOLIO_WITH_AMOUNTS = PORTFOLIO | {"currency", "totalValue", "assets.dollarAmount"}

_METRIC = {"value", "band", "reason"}
_COVERAGE = {"share", "unclassified"}
_SLICE = {"key", "share"}
_FIGURE = {"value", "reason"}

RISK = {
    "asOf",
    "summary",
    "overallRiskScore",
    "overallRiskBand",
    "holdingsCount",
    "method",
    "dataSources",
    "disclaimer",
    *(
        f"{place}{field}"
        for place, fields in {
            "components": {"name", "value", "band", "score", "weight", "contribution", "explanation"},
            "warnings": {"code", "message"},
            "hhi": _METRIC,
            "hhiLookThrough": _METRIC,
            "effectiveHoldings": _METRIC,
            "normalizedHhi": _METRIC,
            "topHoldings": {"1", "3", "5", "10"},
            "volatility": _METRIC | {"measured"},
            "sectorConcentration": _METRIC | {"largestSector", "hhi"},
            "geographicRisk": _METRIC | {"hhi"},
            "assetTypeDiversification": _METRIC,
            "creditRisk": _METRIC,
            "liquidityRisk": _METRIC,
            "diversification": {"sector", "geography", "assetType", "composite"},
            "coverage": {"sector", "region", "assetType", "category"},
            "coverage.sector": _COVERAGE,
            "coverage.region": _COVERAGE,
            "coverage.assetType": _COVERAGE,
            "coverage.category": _COVERAGE,
            "breakdowns": {"sector", "region", "assetClass", "category"},
            "breakdowns.sector": _SLICE,
            "breakdowns.region": _SLICE,
            "breakdowns.assetClass": _SLICE,
            "breakdowns.category": _SLICE,
            "market": {"reason", "riskFreeRate"},
            "market.prices": {
                "firstDay",
                "lastDay",
                "days",
                "coverage",
                "missing",
                "retryAfter",
                "sources",
            },
            "market.prices.missing": {"reason", "symbols", "share", "message"},
            "market.volatility": _FIGURE,
            "market.annualReturn": _FIGURE,
            "market.maxDrawdown": _FIGURE | {"peak", "trough", "recovery"},
            "market.sharpeRatio": _FIGURE,
            "market.sortinoRatio": _FIGURE,
            "market.valueAtRisk95": _FIGURE,
            "market.valueAtRisk99": _FIGURE,
            "market.conditionalValueAtRisk95": _FIGURE,
            "market.conditionalValueAtRisk99": _FIGURE,
            "market.diversificationRatio": _FIGURE,
            "market.benchmark": {"symbol", "days", "beta", "correlation"},
            "market.benchmark.beta": _FIGURE,
            "market.benchmark.correlation": _FIGURE,
            "market.riskContributions": {"symbol", "weight", "volatility", "contribution", "share"},
            "market.correlations": {"symbols", "matrix"},
        }.items()
        for field in ("", *(f".{name}" for name in fields))
    ),
}

ONLY_WITH_PRICES = {field for field in RISK if field.startswith("market.riskContributions.")}
"""What the report of this server cannot have, which knows no prices."""

EVERYTHING = {
    "name": "Nest egg",
    "description": "DESCRIPTION of mine",
    "currency": "CHF",
    "riskProfile": "aggressive",
    "investmentHorizon": "long",
    "isPublic": True,
    "overrideRules": True,
    "assets": [
        {
            "symbol": "VTI",
            "shares": 1234.567891,
            "currentPrice": 271.31,
            "avgPurchasePrice": 198.7654,
            "expenseRatio": 0.0321,
            "dividendYield": 1.4567,
            "riskRating": 9,
        },
        {"symbol": "ZZQQ", "dollarAmount": 98765.43, "shares": 777.5},
        {"symbol": "HYG", "dollarAmount": 43210.98},
        {"symbol": "FORD31", "name": "Ford 5% 2031", "type": "bond", "dollarAmount": 21098.76},
        {"symbol": "CASH", "type": "cash", "dollarAmount": 10987.65},
    ],
}
"""A portfolio with a value in every field there is."""

PRIVATE = [
    "DESCRIPTION",
    "aggressive",
    "1234.567891",
    "271.31",
    "198.7654",
    "0.0321",
    "1.4567",
    "777.5",
    "Lovelace",
    "isPublic",
    "version",
    "analysis",
]
"""What no link may say."""

AMOUNTS = ["98765", "43210.98", "21098.76", "10987.65", "334950", "CHF"]
"""What only a link with amounts may say; 1234.567891 shares at 271.31 are 334,950.61."""


@dataclass(frozen=True)
class Links:
    """One portfolio behind two links."""

    owner: User
    portfolio_id: str
    percent: str
    amounts: str


@pytest.fixture(scope="module")
def links(server: Server) -> Iterator[Links]:
    with signed_up(server) as owner:
        created = owner.client.post("/portfolios", json=EVERYTHING)
        assert created.status_code == 201, created.text
        portfolio_id = created.json()["id"]
        owner.client.get(f"/portfolios/{portfolio_id}/risk")
        tokens = [
            owner.client.post(
                f"/portfolios/{portfolio_id}/share",
                json={"permissions": ["analyze"], "showAmounts": with_amounts},
            ).json()["shareToken"]
            for with_amounts in (False, True)
        ]
        yield Links(owner, portfolio_id, *tokens)


def fields_in(value: object, place: str = "") -> set[str]:
    """Every field of an answer, with where it stands."""
    if isinstance(value, list):
        return {field for entry in value for field in fields_in(entry, place)}
    if not isinstance(value, dict):
        return set()
    found = set()
    for name, inner in value.items():
        here = f"{place}.{name}".removeprefix(".")
        found |= {here} | fields_in(inner, here)
    return found


def fields_of(schema: dict[str, Any], place: str = "") -> set[str]:
    """Every field the document says an answer may have."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return fields_of(DOCUMENT["components"]["schemas"][name], place)
    found = set()
    for inner in (*schema.get("anyOf", ()), *schema.get("prefixItems", ())):
        found |= fields_of(inner, place)
    if "items" in schema:
        found |= fields_of(schema["items"], place)
    for name, inner in schema.get("properties", {}).items():
        here = f"{place}.{name}".removeprefix(".")
        found |= {here} | fields_of(inner, here)
    if schema.get("additionalProperties"):
        found.add(f"{place}.*")
    return found


def documented(path: str) -> set[str]:
    content = DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]
    return fields_of(content["application/json"]["schema"])


class TestTheAllowList:
    def test_the_document_names_no_other_field_of_a_portfolio(self) -> None:
        assert documented("/v1/shared/{token}") == PORTFOLIO_WITH_AMOUNTS

    def test_the_document_names_no_other_field_of_a_report(self) -> None:
        assert documented("/v1/shared/{token}/risk") == RISK

    def test_a_link_in_percent_shows_these_fields(self, links: Links, client: httpx.Client) -> None:
        assert fields_in(client.get(f"/shared/{links.percent}").json()) == PORTFOLIO

    def test_a_link_with_amounts_shows_these_fields(self, links: Links, client: httpx.Client) -> None:
        assert fields_in(client.get(f"/shared/{links.amounts}").json()) == PORTFOLIO_WITH_AMOUNTS

    @pytest.mark.parametrize("kind", ["percent", "amounts"])
    def test_the_report_shows_these_fields(self, links: Links, client: httpx.Client, kind: str) -> None:
        assert fields_in(client.get(f"/shared/{getattr(links, kind)}/risk").json()) == RISK - ONLY_WITH_PRICES

    def test_the_owner_is_shown_more(self, links: Links) -> None:
        own = fields_in(links.owner.client.get(f"/portfolios/{links.portfolio_id}").json())

        assert {"id", "description", "totalValue", "assets.shares", "assets.avgPurchasePrice"} <= own


class TestWhatIsNeverTold:
    @pytest.mark.parametrize("kind", ["percent", "amounts"])
    @pytest.mark.parametrize("path", ["", "/risk"])
    def test_the_owner_and_what_is_the_owners(
        self, links: Links, client: httpx.Client, kind: str, path: str
    ) -> None:
        answer = client.get(f"/shared/{getattr(links, kind)}{path}")

        told = answer.text + str(answer.headers.raw)
        private = [*PRIVATE, links.owner.id, links.owner.email, links.portfolio_id]
        assert [secret for secret in private if secret in told] == []

    @pytest.mark.parametrize("path", ["", "/risk"])
    def test_amounts_unless_the_owner_shows_them(self, links: Links, client: httpx.Client, path: str) -> None:
        in_percent = client.get(f"/shared/{links.percent}{path}").text.replace(",", "")
        with_amounts = client.get(f"/shared/{links.amounts}").text

        assert [amount for amount in AMOUNTS if amount in in_percent] == []
        assert [amount for amount in AMOUNTS if amount not in with_amounts] == []
