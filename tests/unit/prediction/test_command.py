"""`foliolens predict`: a ticker, a price file or a request; errors in one line with a hint."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from foliolens.adapters.local.postgres_prices import PostgresPriceStore
from foliolens.cli.main import app
from foliolens.cli.output import BAD_NEWS, OUTSIDE, Failure
from foliolens.kit.database import Database
from foliolens.market.demo.prices import demo_prices
from tests import providers

from .markets import recorded


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["predict", *map(str, arguments)])


def failure(result: Result) -> Failure:
    assert isinstance(result.exception, Failure), result.output
    return result.exception


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """A data folder with the prices of ACME."""
    closes = 100 * np.exp(np.random.default_rng(3).normal(0, 0.01, 120).cumsum())
    rows = [
        f"{date(2025, 1, 1) + timedelta(day)},1,1,1,{close:.2f},{1000 + day},{close:.2f}"
        for day, close in enumerate(closes)
    ]
    folder = tmp_path / "prices"
    folder.mkdir()
    (folder / "ACME.csv").write_text("\n".join(["date,open,high,low,close,volume,adjClose", *rows]))
    return tmp_path


def test_a_request_file_is_answered_as_by_the_server(tmp_path: Path) -> None:
    vector = recorded()[0]
    file = tmp_path / "request.json"
    file.write_text(json.dumps(vector["request"]))

    answer = json.loads(run(file, "--engine", "original", "--json").stdout)

    assert {name: answer[name] for name in vector["response"]} == vector["response"]
    assert answer["engine"] == "original"


def test_a_ticker_is_looked_up_in_the_data_folder(prices: Path) -> None:
    result = run("acme", "--data", prices)

    assert result.exit_code == 0, result.output
    assert "ACME  120 days to 2025-04-30 (file), engine calibrated" in result.stdout
    assert "No skill has been shown" in result.stdout


def test_a_price_file_is_read(prices: Path) -> None:
    answer = json.loads(run(prices / "prices" / "ACME.csv", "--json").stdout)

    assert answer["ticker"] == "ACME"
    assert answer["detail"]["next"]["evaluations"] == 103


def test_a_ticker_without_a_file_is_looked_up_in_the_store(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = demo_prices()["JPM"]
    PostgresPriceStore(database).replace("JPM", days, "Sample data")
    monkeypatch.setenv("FOLIOLENS_DATABASE_URL", database.url)

    assert "JPM  1258 days to 2022-12-28 (Sample data)" in run("jpm", "--data", tmp_path).stdout
    assert "nobody to ask" in failure(run("NOPE", "--data", tmp_path)).message


def test_a_ticker_that_is_not_stored_is_asked_for(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOLIOLENS_DATABASE_URL", database.url)
    with providers.running_both() as (tiingo, polygon):
        for name, value in providers.settings_for(tiingo, polygon).items():
            monkeypatch.setenv(f"FOLIOLENS_{name.upper()}", value)

        unchanging, unknown = run("AAPL", "--data", tmp_path), run("NOPE", "--data", tmp_path)

    assert "same direction" in failure(unchanging).message  # the stand-in's prices never change
    assert "knows no ticker NOPE" in failure(unknown).message


def test_without_prices_the_way_out_is_named(tmp_path: Path) -> None:
    problem = failure(run("ACME", "--data", tmp_path))

    assert problem.code == OUTSIDE
    assert "no prices of ACME" in problem.message
    assert "CSV" in problem.hint


def test_a_missing_file_is_not_taken_for_a_ticker(tmp_path: Path) -> None:
    assert "There is no file" in failure(run("prices.csv", "--data", tmp_path)).message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b"{", "not valid JSON"),
        ("a.json", b'{"ticker": "A"}', "close"),
        ("a.json", b"[]", "the request"),
        ("a.csv", b"\xff\xfe", "not UTF-8"),
        ("a.csv", b"a,b\n1,2\n", "no column date"),
        ("a.csv", b"date,close,volume\n2025-01-01,1,1\n", "too few days"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)

    problem = failure(run(tmp_path / name))

    assert problem.code == BAD_NEWS
    assert message in problem.message
