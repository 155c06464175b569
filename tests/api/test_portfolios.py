"""Portfolios over HTTP: create, read, list, update, delete, and the risk report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from .conftest import Server, User, signed_up
from .exchanges import assert_error, create_portfolio, exact, holding, portfolio, problems

MISSING = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def user(server: Server) -> Iterator[User]:
    """One user for all tests that look at single portfolios."""
    with signed_up(server) as member:
        yield member


@pytest.fixture(scope="module")
def owner(server: Server) -> Iterator[User]:
    """A user with four portfolios, the first of which was updated last."""
    with signed_up(server) as member:
        for name, amount in (("Bravo", 300), ("Alpha", 100), ("Delta", 200), ("Charlie", 400)):
            create_portfolio(member.client, **portfolio(name, holding("VTI", amount), overrideRules=True))
        first = member.client.get("/portfolios?sortBy=created_at&sortOrder=asc").json()["portfolios"][0]
        stored = exact(member.client.get(f"/portfolios/{first['id']}"))
        updated = member.client.put(f"/portfolios/{first['id']}", json=sent_back(stored, overrideRules=True))
        assert updated.status_code == 200, updated.text
        yield member


def post_text(client: httpx.Client, text: str) -> httpx.Response:
    """Send JSON exactly as written."""
    return client.post("/portfolios", content=text, headers={"Content-Type": "application/json"})


def sent_back(stored: dict[str, Any], **changes: object) -> dict[str, object]:
    """The body of a PUT that keeps what was read, but for the changes."""
    kept = ("name", "description", "currency", "isPublic", "riskProfile", "investmentHorizon", "version")
    assets = [{key: plain(value) for key, value in asset.items()} for asset in stored["assets"]]
    return {**{key: stored[key] for key in kept}, "assets": assets, **changes}


def plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


class TestCreating:
    def test_a_portfolio_is_stored_completed_and_validated(self, user: User) -> None:
        created = user.client.post(
            "/portfolios",
            json=portfolio(
                "Retirement",
                description="For later",
                currency="EUR",
                isPublic=True,
                riskProfile="moderate",
                investmentHorizon="long",
            ),
        )

        assert created.status_code == 201
        body = exact(created)
        assert (body["name"], body["version"], body["holdingsCount"]) == ("Retirement", 1, 3)
        assert str(body["totalValue"]) == "10000.00"
        results = body["validationResults"]
        assert str(results["allocationSum"]) == "100.00"
        assert results["dollarConsistency"] is True
        assert 1 <= results["diversificationScore"] <= 10
        stored = exact(user.client.get(f"/portfolios/{body['id']}"))
        for name, value in (
            ("description", "For later"),
            ("currency", "EUR"),
            ("isPublic", True),
            ("riskProfile", "moderate"),
            ("investmentHorizon", "long"),
        ):
            assert stored[name] == value
        first = stored["assets"][0]
        assert (first["symbol"], first["type"], first["sector"]) == ("VTI", "etf", "diversified")
        assert [str(asset["allocationPercentage"]) for asset in stored["assets"]] == [
            "60.00",
            "30.00",
            "10.00",
        ]

    def test_amounts_are_exact_from_the_request_to_the_answer(self, user: User) -> None:
        created = post_text(
            user.client,
            '{"name": "Cents", "totalValue": 1234.80, "overrideRules": true, "assets": ['
            '{"symbol": "VTI", "dollarAmount": 1234.50},'
            '{"symbol": "BND", "dollarAmount": 0.1}, {"symbol": "AAPL", "dollarAmount": 0.20}]}',
        )

        assert created.status_code == 201, created.text
        assert '"totalValue":1234.80,' in created.text
        stored = user.client.get(f"/portfolios/{created.json()['id']}").text
        for amount in ('"dollarAmount":1234.50,', '"dollarAmount":0.10,', '"dollarAmount":0.20,'):
            assert amount in stored
        assert '"totalValue":1234.80,' in user.client.get("/portfolios").text

    def test_the_largest_amounts_keep_their_cents(self, user: User) -> None:
        created = post_text(
            user.client,
            '{"name": "Large", "assets": [{"symbol": "VTI", "dollarAmount": 999999999999.99},'
            '{"symbol": "VXUS", "dollarAmount": 999999999999.98}, {"symbol": "BND", "dollarAmount": 1e12}]}',
        )
        assert problems(assert_error(created, 400, "VALIDATION_ERROR")) == {
            ("assets.2.dollarAmount", "OUT_OF_RANGE")
        }

        accepted = post_text(
            user.client,
            '{"name": "Large", "assets": [{"symbol": "VTI", "dollarAmount": 999999999999.99},'
            '{"symbol": "VXUS", "dollarAmount": 999999999999.98}]}',
        )

        assert '"totalValue":1999999999999.97,' in accepted.text

    def test_shares_and_prices_are_exact_too(self, user: User) -> None:
        created = post_text(
            user.client,
            '{"name": "Shares", "assets": [{"symbol": "VTI", "shares": 12.345678, "currentPrice": 100,'
            ' "avgPurchasePrice": 99.123456, "expenseRatio": 0.03, "dividendYield": 1.25, "riskRating": 5},'
            '{"symbol": "BND", "dollarAmount": 500.00}]}',
        )

        assert created.status_code == 201, created.text
        first = exact(user.client.get(f"/portfolios/{created.json()['id']}"))["assets"][0]
        assert str(first["shares"]) == "12.345678"
        assert str(first["avgPurchasePrice"]) == "99.123456"
        assert str(first["dollarAmount"]) == "1234.57"
        assert (first["expenseRatio"], first["dividendYield"]) == (Decimal("0.03"), Decimal("1.25"))
        assert first["riskRating"] == 5

    def test_percentages_and_a_total_are_enough(self, user: User) -> None:
        stated = [
            {"symbol": "VTI", "allocationPercentage": 33.33},
            {"symbol": "VXUS", "allocationPercentage": 33.33},
            {"symbol": "BND", "allocationPercentage": 33.34},
        ]

        created = create_portfolio(user.client, name="Thirds", totalValue=1000, assets=stated)

        stored = exact(user.client.get(f"/portfolios/{created['id']}"))
        assert sum(asset["dollarAmount"] for asset in stored["assets"]) == Decimal("1000.00")
        assert sum(asset["allocationPercentage"] for asset in stored["assets"]) == Decimal("100.00")

    def test_every_problem_is_told_at_once_with_its_place(self, user: User) -> None:
        assets: list[dict[str, object]] = [
            holding("not a symbol", -1),
            {"symbol": "MSFT", "type": "lottery", "sector": "fun", "geographicRegion": "moon"},
            holding("VTI", 1, expenseRatio=6, dividendYield=21, riskRating=11, category="none"),
            holding("AAPL", 1.005),
            holding("VTI", 1),
        ]

        refused = user.client.post("/portfolios", json=portfolio("Broken", *assets))

        assert problems(assert_error(refused, 400, "VALIDATION_ERROR")) == {
            ("assets.0.symbol", "INVALID_SYMBOL_FORMAT"),
            ("assets.0.dollarAmount", "OUT_OF_RANGE"),
            ("assets.1.type", "UNSUPPORTED_ASSET_TYPE"),
            ("assets.1.sector", "OUT_OF_RANGE"),
            ("assets.1.geographicRegion", "OUT_OF_RANGE"),
            ("assets.1.dollarAmount", "MISSING_REQUIRED_FIELD"),
            ("assets.2.category", "OUT_OF_RANGE"),
            ("assets.2.expenseRatio", "OUT_OF_RANGE"),
            ("assets.2.dividendYield", "OUT_OF_RANGE"),
            ("assets.2.riskRating", "OUT_OF_RANGE"),
            ("assets.3.dollarAmount", "OUT_OF_RANGE"),
            ("assets.4.symbol", "DUPLICATE_SYMBOL"),
        }

    def test_the_form_of_a_body_is_checked_strictly(self, user: User) -> None:
        body = portfolio("x" * 201, holding("VTI", "6000", colour="red"), isPublic="yes", extra=1)

        refused = user.client.post("/portfolios", json={**body, "riskProfile": "wild", "currency": "usd"})

        assert problems(assert_error(refused, 400, "VALIDATION_ERROR")) == {
            ("name", "INVALID_VALUE"),
            ("assets.0.dollarAmount", "INVALID_VALUE"),
            ("assets.0.colour", "UNKNOWN_FIELD"),
            ("isPublic", "INVALID_TYPE"),
            ("riskProfile", "INVALID_VALUE"),
            ("currency", "INVALID_VALUE"),
            ("extra", "UNKNOWN_FIELD"),
        }

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"assets": []}, ("assets", "MISSING_REQUIRED_FIELD")),
            ({"totalValue": 10_000.02}, ("totalValue", "INVALID_DOLLAR_CONSISTENCY")),
            (
                {
                    "totalValue": 100,
                    "assets": [
                        {"symbol": "VTI", "allocationPercentage": 60},
                        {"symbol": "BND", "allocationPercentage": 39.98},
                    ],
                },
                ("allocationPercentage", "INVALID_ALLOCATION_SUM"),
            ),
            ({"assets": [holding(f"S{n}", 1) for n in range(501)]}, ("assets", "TOO_MANY_ROWS")),
        ],
        ids=["no holdings", "amounts miss the total", "allocations miss 100", "too many holdings"],
    )
    def test_the_whole_must_be_consistent(
        self, user: User, body: dict[str, object], expected: tuple[str, str]
    ) -> None:
        refused = user.client.post("/portfolios", json={**portfolio("Whole"), **body})

        assert problems(assert_error(refused, 400, "VALIDATION_ERROR")) == {expected}

    @pytest.mark.parametrize("missing", ["name", "assets"])
    def test_what_is_required_is_named(self, user: User, missing: str) -> None:
        body = {name: value for name, value in portfolio().items() if name != missing}

        refused = user.client.post("/portfolios", json=body)

        assert problems(assert_error(refused, 400, "VALIDATION_ERROR")) == {
            (missing, "MISSING_REQUIRED_FIELD")
        }

    def test_business_rules_are_errors_until_the_owner_overrides_them(self, user: User) -> None:
        body = portfolio(
            "Concentrated", holding("AAPL", 9000), holding("CASH", 995, type="cash"), holding("BND", 5)
        )

        refused = user.client.post("/portfolios", json=body)
        accepted = user.client.post("/portfolios", json={**body, "overrideRules": True})

        assert {code for _, code in problems(assert_error(refused, 400, "VALIDATION_ERROR"))} == {
            "CONCENTRATION_LIMIT",
            "OUT_OF_RANGE",
        }
        assert accepted.status_code == 201
        warnings = {warning["code"] for warning in accepted.json()["validationResults"]["warnings"]}
        assert {"CONCENTRATION_LIMIT", "OUT_OF_RANGE"} <= warnings

    def test_too_much_cash_is_a_business_rule(self, user: User) -> None:
        body = portfolio("Cash", holding("CASH", 600, type="cash"), holding("VTI", 400))

        refused = user.client.post("/portfolios", json=body)

        assert "CASH_LIMIT" in {code for _, code in problems(assert_error(refused, 400, "VALIDATION_ERROR"))}

    def test_overriding_rules_does_not_override_errors(self, user: User) -> None:
        body = portfolio("Broken", holding("VTI", -1), overrideRules=True)

        assert_error(user.client.post("/portfolios", json=body), 400, "VALIDATION_ERROR")

    def test_an_unknown_symbol_is_a_warning(self, user: User) -> None:
        created = create_portfolio(user.client, **portfolio("Odd", holding("ZZQQ", 500), holding("VTI", 500)))

        warnings = created["validationResults"]["warnings"]
        assert ("UNKNOWN_SYMBOL", "assets.0.symbol") in {(w["code"], w["field"]) for w in warnings}


class TestListing:
    def test_the_newest_comes_first(self, owner: User) -> None:
        page = owner.client.get("/portfolios").json()

        assert [item["name"] for item in page["portfolios"]] == ["Charlie", "Delta", "Alpha", "Bravo"]
        assert page["pagination"] == {"total": 4, "limit": 50, "offset": 0, "hasMore": False}

    @pytest.mark.parametrize(
        ("key", "ascending"),
        [
            ("created_at", ["Bravo", "Alpha", "Delta", "Charlie"]),
            ("updated_at", ["Alpha", "Delta", "Charlie", "Bravo"]),
            ("name", ["Alpha", "Bravo", "Charlie", "Delta"]),
            ("total_value", ["Alpha", "Delta", "Bravo", "Charlie"]),
        ],
    )
    def test_every_key_sorts_both_ways(self, owner: User, key: str, ascending: list[str]) -> None:
        def names(order: str) -> list[str]:
            page = owner.client.get("/portfolios", params={"sortBy": key, "sortOrder": order}).json()
            return [item["name"] for item in page["portfolios"]]

        assert names("asc") == ascending
        assert names("desc") == ascending[::-1]

    def test_pages_add_up_to_the_whole(self, owner: User) -> None:
        def page(offset: int) -> dict[str, Any]:
            answer: dict[str, Any] = owner.client.get(
                "/portfolios", params={"limit": 3, "offset": offset, "sortBy": "name", "sortOrder": "asc"}
            ).json()
            return answer

        first, second, beyond = page(0), page(3), page(10)

        assert [item["name"] for item in first["portfolios"]] == ["Alpha", "Bravo", "Charlie"]
        assert first["pagination"] == {"total": 4, "limit": 3, "offset": 0, "hasMore": True}
        assert [item["name"] for item in second["portfolios"]] == ["Delta"]
        assert second["pagination"] == {"total": 4, "limit": 3, "offset": 3, "hasMore": False}
        assert beyond["portfolios"] == []
        assert beyond["pagination"] == {"total": 4, "limit": 3, "offset": 10, "hasMore": False}

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=many", "limit"),
            ("offset=-1", "offset"),
            ("sortBy=colour", "sortBy"),
            ("sortOrder=sideways", "sortOrder"),
        ],
    )
    def test_a_bad_question_is_refused(self, owner: User, query: str, field: str) -> None:
        refused = owner.client.get(f"/portfolios?{query}")

        assert {place for place, _ in problems(assert_error(refused, 400, "VALIDATION_ERROR"))} == {field}

    def test_a_new_user_has_an_empty_list(self, new_user: Callable[[], User]) -> None:
        page = new_user().client.get("/portfolios").json()

        assert page["portfolios"] == []
        assert page["pagination"] == {"total": 0, "limit": 50, "offset": 0, "hasMore": False}


class TestUpdating:
    def test_what_was_read_can_be_sent_back_and_changes_nothing(self, user: User) -> None:
        created = create_portfolio(user.client)
        stored = exact(user.client.get(f"/portfolios/{created['id']}"))

        updated = user.client.put(f"/portfolios/{created['id']}", json=sent_back(stored))

        assert updated.status_code == 200, updated.text
        assert updated.json()["changes"] == []
        assert updated.json()["version"] == 2
        again = exact(user.client.get(f"/portfolios/{created['id']}"))
        assert again["assets"] == stored["assets"]

    def test_every_change_is_told(self, user: User) -> None:
        created = create_portfolio(user.client)
        body = portfolio(
            "Renamed",
            holding("VTI", 7000),
            holding("AAPL", 1000),
            holding("AGG", 2000),
            version=1,
            riskProfile="aggressive",
        )

        updated = user.client.put(f"/portfolios/{created['id']}", json=body)

        assert updated.status_code == 200, updated.text
        assert (updated.json()["name"], updated.json()["version"]) == ("Renamed", 2)
        changes = [
            (change["kind"], change["symbol"], change["field"], change["before"], change["after"])
            for change in updated.json()["changes"]
        ]
        assert changes == [
            ("field", None, "name", "Retirement", "Renamed"),
            ("field", None, "riskProfile", None, "aggressive"),
            ("holding_added", "AGG", None, None, "2000.00"),
            ("holding_removed", "BND", None, "3000.00", None),
            ("holding_changed", "VTI", "allocationPercentage", "60.00", "70.00"),
            ("holding_changed", "VTI", "dollarAmount", "6000.00", "7000.00"),
        ]

    def test_a_stale_version_is_a_conflict_and_changes_nothing(self, user: User) -> None:
        created = create_portfolio(user.client)
        path = f"/portfolios/{created['id']}"
        assert user.client.put(path, json=portfolio("First", version=1)).status_code == 200

        refused = user.client.put(path, json=portfolio("Second", version=1))

        assert_error(refused, 409, "CONFLICT")
        assert user.client.get(path).json()["name"] == "First"

    def test_a_version_is_required(self, user: User) -> None:
        created = create_portfolio(user.client)

        refused = user.client.put(f"/portfolios/{created['id']}", json=portfolio())

        assert problems(assert_error(refused, 400, "VALIDATION_ERROR")) == {
            ("version", "MISSING_REQUIRED_FIELD")
        }

    def test_an_invalid_update_changes_nothing(self, user: User) -> None:
        created = create_portfolio(user.client)
        path = f"/portfolios/{created['id']}"
        before = exact(user.client.get(path))

        refused = user.client.put(path, json=portfolio("Broken", holding("VTI", -1), version=1))

        assert problems(assert_error(refused, 400, "VALIDATION_ERROR")) == {
            ("assets.0.dollarAmount", "OUT_OF_RANGE")
        }
        after = exact(user.client.get(path))
        assert (after["version"], after["assets"]) == (before["version"], before["assets"])

    def test_a_holding_keeps_its_id(self, user: User) -> None:
        created = create_portfolio(user.client)
        path = f"/portfolios/{created['id']}"
        before = {asset["symbol"]: asset["id"] for asset in user.client.get(path).json()["assets"]}

        user.client.put(path, json=portfolio("Moved", holding("BND", 500), holding("VTI", 500), version=1))

        after = {asset["symbol"]: asset["id"] for asset in user.client.get(path).json()["assets"]}
        assert after == {"BND": before["BND"], "VTI": before["VTI"]}


class TestDeleting:
    def test_the_receipt_counts_what_is_gone(self, user: User) -> None:
        created = create_portfolio(user.client)
        path = f"/portfolios/{created['id']}"

        deleted = user.client.delete(path)

        assert deleted.status_code == 200
        assert deleted.json() == {
            "id": created["id"],
            "deletedItems": {"portfolios": 1, "holdings": 3, "uploads": 0, "shares": 0},
        }
        assert_error(user.client.get(path), 404, "PORTFOLIO_NOT_FOUND")
        assert_error(user.client.delete(path), 404, "PORTFOLIO_NOT_FOUND")

    @pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("GET", "/risk"), ("PUT", "")])
    def test_what_does_not_exist_is_not_found(self, user: User, method: str, path: str) -> None:
        body = portfolio(version=1) if method == "PUT" else None

        answer = user.client.request(method, f"/portfolios/{MISSING}{path}", json=body)

        assert_error(answer, 404, "PORTFOLIO_NOT_FOUND")

    def test_an_id_that_is_none_is_refused(self, user: User) -> None:
        refused = user.client.get("/portfolios/17")

        assert {field for field, _ in problems(assert_error(refused, 400, "VALIDATION_ERROR"))} == {
            "portfolioId"
        }


class TestRisk:
    def test_the_report_is_part_of_the_portfolio(self, user: User) -> None:
        created = create_portfolio(user.client)

        inside = exact(user.client.get(f"/portfolios/{created['id']}"))["riskMetrics"]
        alone = exact(user.client.get(f"/portfolios/{created['id']}/risk"))

        assert {**inside, "asOf": None} == {**alone, "asOf": None}
        assert alone["hhi"]["value"] == pytest.approx(Decimal("0.46"))
        assert alone["overallRiskScore"] == created["riskScore"]
        assert sum(part["weight"] for part in alone["components"]) == pytest.approx(Decimal(1))

    def test_asking_for_the_report_counts_as_an_analysis(self, user: User) -> None:
        created = create_portfolio(user.client)
        path = f"/portfolios/{created['id']}"
        assert (created["analysisCount"], created["lastAnalyzedAt"]) == (0, None)

        reports = [user.client.get(f"{path}/risk").json() for _ in range(2)]

        after = user.client.get(path).json()
        assert after["analysisCount"] == 2
        assert after["lastAnalyzedAt"] == reports[1]["asOf"]
        assert after["version"] == 1
