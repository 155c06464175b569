"""`foliolens rebalance`: a file and a target in, a plan or the reasons out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from foliolens.market.demo.prices import demo_prices

from .conftest import Outcome

Run = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLIOLENS_DATA", str(tmp_path / "data"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(
        "Symbol,Name,Asset Type,Dollar Amount,Shares,Price\n"
        "VTI,[b]US stocks[/b],etf,7000.00,20,350\n"
        "BND,Bonds,etf,1000.00,10,100\n"
        "AAPL,Apple,stock,2500.00,10,250\n"
        "CASH,Cash,cash,500.00,,\n"
    )
    return path


def told(ended: Outcome) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(ended.out, parse_float=Decimal)
    return answer


def trades(answer: dict[str, Any]) -> dict[str, tuple[str, Decimal]]:
    return {trade["symbol"]: (trade["action"], trade["amount"]) for trade in answer["trades"]}


def test_the_plan_is_plain_text_where_there_is_no_terminal(foliolens: Run, mine: Path) -> None:
    ended = foliolens("rebalance", mine, "--target", "moderate", "--cash", "500")

    assert (ended.code, ended.err) == (0, "")
    assert "\x1b" not in ended.out
    for expected in (
        "mine.csv  11,000.00 USD, cash flow +500.00",
        "Bought 3,000.00, sold 2,500.00, residual cash 0.00",
        "1. Pay in 500.00.",
        "5. Buy 30 shares of BND at about 100 each, 3,000.00 together.",
        "AAPL alone is 22.7% of the portfolio",
        "This is information, not advice.",
    ):
        assert expected in ended.out
    assert re.search(r"Risk score +\d\.\d +\d\.\d", ended.out)


def test_json_is_what_the_api_answers(foliolens: Run, mine: Path) -> None:
    answer = told(foliolens("rebalance", mine, "--target", "VTI=50,BND=30,class:cash=20", "--json"))

    sold = sum(trade["amount"] for trade in answer["trades"] if trade["action"] == "sell")
    bought = sum(trade["amount"] for trade in answer["trades"] if trade["action"] == "buy")
    assert answer["cashFlow"] + sold == bought + answer["residualCash"]
    assert sum(row["weight"] for row in answer["after"]) == 100
    assert {"before", "groups", "riskChange", "steps", "recommendations", "turnover"} <= answer.keys()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--mode", "buy_only", "--cash", "350"], {"VTI": ("buy", 350)}),
        (["--mode", "sell_only", "--band", "5"], {"AAPL": ("sell", 2500)}),
        (["--band", "70"], {}),
        (["--band", "0/0", "--never-sell", "aapl,CASH", "--cash", "-350"], {"VTI": ("sell", 350)}),
        (["--min-trade", "5000", "--band", "0"], {}),
        (["--max-position", "50", "--band", "0/0", "--fractional"], None),
    ],
)
def test_options_are_those_of_the_api(
    foliolens: Run, mine: Path, options: list[str], expected: dict[str, tuple[str, int]] | None
) -> None:
    target = "VTI=90,BND=10" if expected is not None else "VTI=50,BND=50"
    ended = foliolens("rebalance", mine, "--target", target, "--json", *options)

    assert ended.code == 0
    if expected is None:
        assert all(row["weight"] == 50 for row in told(ended)["after"])
    else:
        assert trades(told(ended)) == expected


def test_methods_take_the_prices_of_the_data_folder(foliolens: Run, tmp_path: Path) -> None:
    path = tmp_path / "stocks.csv"
    path.write_text("Symbol,Dollar Amount\nAAPL,9000\nJNJ,1000\n")
    without = foliolens("rebalance", path, "--target", "risk-parity")
    folder = tmp_path / "data" / "prices"
    folder.mkdir(parents=True)
    for symbol in ("AAPL", "JNJ"):
        rows = [f"{price.day},{price.close},{price.adjusted_close}" for price in demo_prices()[symbol]]
        (folder / f"{symbol}.csv").write_text("date,close,adjClose\n" + "\n".join(rows) + "\n")

    answer = told(foliolens("rebalance", path, "--target", "risk-parity", "--json"))

    assert without.code == 1
    assert f"Put files of daily prices into {folder}" in without.out.replace("\n", "")
    after = {row["symbol"]: row["weight"] for row in answer["after"]}
    assert after["JNJ"] > after["AAPL"] > 20
    assert any("1257 days" in note for note in answer["notes"])


def test_every_problem_is_told_and_the_news_is_bad(foliolens: Run, mine: Path) -> None:
    ended = foliolens("rebalance", mine, "--target", "VTI=60,NOPE=10", "--never-sell", "QQQ")

    assert ended.code == 1
    for expected in (
        "UNKNOWN_SYMBOL targets.NOPE: ",
        "INVALID_TARGET_SUM targets: The weights sum to 70, not to 100.",
        "UNKNOWN_SYMBOL neverSell.0: ",
    ):
        assert expected in ended.out
    as_json = foliolens("rebalance", mine, "--target", "VTI=60,NOPE=10", "--json")
    assert as_json.code == 1
    assert told(as_json)["error"] == "VALIDATION_ERROR"


def test_an_impossible_plan_is_explained(foliolens: Run, mine: Path) -> None:
    ended = foliolens("rebalance", mine, "--target", "VTI=100", "--cash", "-20000")

    assert ended.code == 1
    assert "withdraw less than that" in ended.out


def test_a_refused_file_is_explained_as_by_analyze(foliolens: Run, tmp_path: Path) -> None:
    path = tmp_path / "unclear.csv"
    path.write_text("Symbol;Wert\nSAP;8.415\nALV;6.052\nMUV2;3.780\n")

    ended = foliolens("rebalance", path, "--target", "equal_weight")

    assert ended.code == 1
    assert "AMBIGUOUS_NUMBER line 2, column Wert" in ended.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing option '--target'"),
        (["--target", "daring"], "names no target"),
        (["--target", "VTI=sixty"], "is not a number"),
        (["--target", "VTI=60,VTI=40"], "twice"),
        (["--target", "moderate", "--cash", "much"], "--cash: much is not a number"),
        (["--target", "moderate", "--band", "5/x"], "--band: x is not a number"),
        (["--target", "moderate", "--mode", "none"], "'none' is not one of"),
        (["--target", "moderate", "--max-position", "NaN"], "--max-position: NaN is not a number"),
    ],
)
def test_wrong_usage_is_code_2(foliolens: Run, mine: Path, arguments: list[str], said: str) -> None:
    ended = foliolens("rebalance", mine, *arguments)

    assert ended.code == 2
    assert said in " ".join(ended.err.replace("│", " ").split())
    assert ended.out == ""


def test_what_cannot_be_read_is_code_3(foliolens: Run, tmp_path: Path) -> None:
    ended = foliolens("rebalance", tmp_path / "missing.csv", "--target", "moderate")

    assert ended.code == 3
    assert [line.split(":")[0] for line in ended.err.splitlines()] == ["error", "hint"]
