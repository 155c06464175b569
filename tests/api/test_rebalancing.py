"""Recommendations and plans over HTTP: the whole answer, and every refusal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from foliolens.market.demo.prices import demo_prices

from .conftest import Server, User, signed_up
from .exchanges import assert_error, create_portfolio, exact, holding, portfolio, problems

HUNDRED = Decimal("100.00")


@pytest.fixture(scope="module")
def user(server: Server) -> Iterator[User]:
    with signed_up(server) as member:
        yield member


@pytest.fixture(scope="module")
def drifted(user: User) -> str:
    """Far more equity than a moderate investor wants, with shares of round prices."""
    body = portfolio(
        "Drifted",
        holding("VTI", 7000, shares=20),
        holding("BND", 1000, shares=10),
        holding("AAPL", 2500, shares=10),
        holding("CASH", 500),
        riskProfile="moderate",
    )
    identifier: str = create_portfolio(user.client, **body)["id"]
    return identifier


def ask(user: User, portfolio_id: str, **body: object) -> httpx.Response:
    return user.client.post(f"/portfolios/{portfolio_id}/rebalance", json=body)


def planned(user: User, portfolio_id: str, **body: object) -> dict[str, Any]:
    answer = ask(user, portfolio_id, **body)
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = exact(answer)
    return plan


def assert_balanced(plan: dict[str, Any]) -> None:
    """The laws that a reader can check with the answer alone."""
    sold = sum(trade["amount"] for trade in plan["trades"] if trade["action"] == "sell")
    bought = sum(trade["amount"] for trade in plan["trades"] if trade["action"] == "buy")
    assert (sold, bought) == (plan["sold"], plan["bought"])
    assert plan["cashFlow"] + sold == bought + plan["residualCash"]
    for rows in (plan["before"], plan["after"]):
        assert sum(row["weight"] for row in rows) == HUNDRED
        assert all(row["amount"] > 0 for row in rows)
    assert sum(row["amount"] for row in plan["before"]) == plan["valueBefore"]
    assert sum(row["amount"] for row in plan["after"]) == plan["valueAfter"]


def test_a_plan_for_a_model_sells_what_is_above_and_buys_what_is_below(user: User, drifted: str) -> None:
    plan = planned(user, drifted, targets={"model": "moderate"})

    assert_balanced(plan)
    trades = {
        trade["symbol"]: (trade["action"], trade["shares"], trade["amount"]) for trade in plan["trades"]
    }
    assert trades["VTI"] == ("sell", 6, Decimal(2100))
    assert trades["AAPL"] == ("sell", 3, Decimal(750))
    assert trades["BND"] == ("buy", 28, Decimal(2800))
    groups = {group["key"]: group for group in plan["groups"]}
    assert [groups[key]["targetWeight"] for key in ("equity", "bonds", "cash")] == [60, 35, 5]
    assert all(group["inBandAfter"] for group in plan["groups"])
    assert {change["metric"] for change in plan["riskChange"]} >= {"overallRiskScore", "hhi", "topHoldings.1"}
    assert plan["steps"][0] == "Sell 6 shares of VTI at about 350 each, 2,100.00 together."
    assert plan["disclaimer"] == "This is information, not advice."


def test_recommendations_need_no_body(user: User, drifted: str) -> None:
    answer = user.client.get(f"/portfolios/{drifted}/rebalance")

    assert answer.status_code == 200
    advice = exact(answer)
    assert (advice["model"], advice["needsRebalancing"]) == ("moderate", True)
    assert_balanced(advice["plan"])
    assert {each["code"] for each in advice["recommendations"]} == {"OVER_CONCENTRATED", "HOME_BIAS"}
    assert advice["recommendations"][0]["symbols"] == ["AAPL"]


def test_every_problem_of_a_request_comes_at_once(user: User, drifted: str) -> None:
    answer = ask(
        user,
        drifted,
        targets={"VTI": -5, "ZZZZZ": 3, "class:foo": 4, "BND": True, "vti": 7},
        neverSell=["QQQ"],
        cashFlow=1.234,
    )

    assert problems(assert_error(answer, 400, "VALIDATION_ERROR")) == {
        ("targets.VTI", "OUT_OF_RANGE"),
        ("targets.ZZZZZ", "UNKNOWN_SYMBOL"),
        ("targets.class:foo", "UNKNOWN_GROUP"),
        ("targets.BND", "INVALID_TYPE"),
        ("targets.vti", "DUPLICATE_SYMBOL"),
        ("neverSell.0", "UNKNOWN_SYMBOL"),
        ("cashFlow", "OUT_OF_RANGE"),
    }


def test_an_unknown_portfolio_is_not_found(user: User) -> None:
    assert_error(ask(user, str(uuid4()), targets={"model": "moderate"}), 404, "PORTFOLIO_NOT_FOUND")
    assert_error(user.client.get(f"/portfolios/{uuid4()}/rebalance"), 404, "PORTFOLIO_NOT_FOUND")


def carried_out(user: User, portfolio_id: str, plan: dict[str, Any]) -> None:
    """Save the portfolio as the plan leaves it."""
    stored = exact(user.client.get(f"/portfolios/{portfolio_id}"))
    kept = {asset["symbol"]: asset for asset in stored["assets"]}
    assets = []
    for row in plan["after"]:
        known = kept.get(row["symbol"], {})
        asset = {key: known[key] for key in ("name", "type", "category") if known.get(key) is not None}
        shares = {} if row["shares"] is None else {"shares": row["shares"]}
        assets.append({"symbol": row["symbol"], "dollarAmount": row["amount"], **asset, **shares})
    body = {key: stored[key] for key in ("name", "currency", "version") if stored[key] is not None}
    body |= {"assets": assets, "overrideRules": True}
    if stored["riskProfile"]:
        body["riskProfile"] = stored["riskProfile"]
    text = json.dumps(body, default=float)
    saved = user.client.put(
        f"/portfolios/{portfolio_id}", content=text, headers={"Content-Type": "application/json"}
    )
    assert saved.status_code == 200, saved.text


@pytest.mark.parametrize(
    "request_",
    [
        {"targets": {"model": "conservative"}},
        {"targets": {"method": "equal_weight"}, "band": 0},
        {"targets": {"VTI": 50, "BND": 30, "VXUS": 20}, "cashFlow": 777.77},
        {"targets": {"class:equity": 40, "class:fixed_income": 60}, "cashFlow": -1000, "minTrade": 50},
        {"targets": {"model": "aggressive"}, "mode": "buy_only", "cashFlow": 3000},
        {"targets": {"model": "conservative"}, "mode": "sell_only"},
        {"targets": {"model": "moderate"}, "maxPosition": 36, "fractionalShares": True},
    ],
    ids=lambda body: "-".join(map(str, body["targets"])) + "-" + body.get("mode", "full"),
)
def test_what_was_carried_out_needs_nothing_more(user: User, request_: dict[str, Any]) -> None:
    body = portfolio(
        "To be rebalanced",
        holding("VTI", 7000, shares=20),
        holding("BND", 1000, shares=13),
        holding("AAPL", 2500, shares=10.5),
        holding("CASH", 500),
    )
    portfolio_id = create_portfolio(user.client, **body)["id"]
    plan = planned(user, portfolio_id, **request_)
    assert_balanced(plan)
    assert plan["trades"]

    carried_out(user, portfolio_id, plan)

    again = planned(user, portfolio_id, **{**request_, "cashFlow": 0})
    assert again["trades"] == []
    assert again["before"] != plan["before"]
    assert again["valueBefore"] == plan["valueAfter"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "field", "code"),
        [
            ({"targets": {"VTI": 100}, "cashFlow": -11_000}, "cashFlow", "WITHDRAWS_EVERYTHING"),
            ({"targets": {"VTI": 100}, "cashFlow": -1, "mode": "buy_only"}, "cashFlow", "NOT_ENOUGH_TO_SELL"),
            ({"targets": {"VTI": 50, "class:real_assets": 50}}, "targets.class:real_assets", "NOTHING_HELD"),
            (
                {"targets": {"method": "equal_weight"}, "maxPosition": 20},
                "maxPosition",
                "MAX_POSITION_TOO_SMALL",
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_what_cannot_be_is_refused_with_the_reason(
        self, user: User, drifted: str, body: dict[str, Any], field: str, code: str
    ) -> None:
        assert problems(assert_error(ask(user, drifted, **body), 422, "UNPROCESSABLE")) == {(field, code)}

    def test_shapes_are_refused_before_anything_is_planned(self, user: User, drifted: str) -> None:
        answer = ask(user, drifted, targets=[], mode="maybe", band="5", minTrade="1", extra=1)

        assert {field for field, _ in problems(assert_error(answer, 400, "VALIDATION_ERROR"))} == {
            "targets",
            "mode",
            "band",
            "minTrade",
            "extra",
        }

    def test_targets_are_required(self, user: User, drifted: str) -> None:
        assert problems(assert_error(ask(user, drifted), 400, "VALIDATION_ERROR")) == {
            ("targets", "MISSING_REQUIRED_FIELD")
        }


def test_a_plan_saves_nothing(user: User, drifted: str) -> None:
    before = user.client.get(f"/portfolios/{drifted}").json()

    planned(user, drifted, targets={"VTI": 100}, cashFlow=500)

    after = user.client.get(f"/portfolios/{drifted}").json()
    assert (after["assets"], after["version"]) == (before["assets"], before["version"])


def test_methods_wait_for_prices_and_weigh_by_them(server: Server, user: User) -> None:
    symbols = ("REBX", "REBY", "REBZ")
    folder = server.data / "prices"
    folder.mkdir(exist_ok=True)
    prices = demo_prices()
    for symbol, real in zip(symbols, ("AAPL", "JNJ", "XOM"), strict=True):
        rows = [f"{day.day},{day.close},{day.adjusted_close}" for day in prices[real][-300:]]
        (folder / f"{symbol}.csv").write_text("date,close,adjClose\n" + "\n".join(rows) + "\n")
    body = portfolio("Priced", *(holding(symbol, 1000, type="stock") for symbol in symbols))
    portfolio_id = create_portfolio(user.client, **body)["id"]

    def ask_for_it() -> httpx.Response:
        return ask(user, portfolio_id, targets={"method": "risk_parity"}, band=0)

    first = ask_for_it()
    deadline = time.monotonic() + 30
    while (answer := ask_for_it()).status_code == 422 and time.monotonic() < deadline:
        time.sleep(0.05)

    assert problems(assert_error(first, 422, "UNPROCESSABLE")) == {
        (f"holdings.{symbol}", "PENDING") for symbol in symbols
    }
    assert int(first.headers["retry-after"]) > 0
    assert answer.status_code == 200, answer.text
    plan = exact(answer)
    assert_balanced(plan)
    weights = {row["symbol"]: row["weight"] for row in plan["after"]}
    assert weights["REBY"] > weights["REBX"]
    assert weights["REBY"] > weights["REBZ"]
    changes = {change["metric"]: change for change in plan["riskChange"]}
    assert changes["market.volatility"]["change"] < 0
    # Old closes measure how holdings move, and are no prices to trade by.
    assert {trade["price"] for trade in plan["trades"]} == {None}
