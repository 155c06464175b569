"""`foliolens compare`: files in, portfolios side by side out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from foliolens.market.demo.prices import demo_prices

from .conftest import Outcome

Run = Callable[..., Outcome]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("Symbol,Dollar Amount\nAAPL,600.00\nKO,400.00\n")
    second.write_text("Symbol,Dollar Amount\nAAPL,100.00\nJNJ,900.00\n")
    return [first, second]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with real prices."""
    folder = tmp_path / "data" / "prices"
    folder.mkdir(parents=True)
    for symbol, prices in demo_prices().items():
        rows = "".join(f"{price.day},{price.close}\n" for price in prices)
        (folder / f"{symbol}.csv").write_text(f"date,close\n{rows}")
    return folder.parent


def test_with_prices(foliolens: Run, files: list[Path], data: Path) -> None:
    ended = foliolens("compare", *files, "--data", data, "--benchmark", "^gspc")

    assert (ended.code, ended.err) == (0, "")
    for expected in ("first.csv", "second.csv", "Volatility a year", "1258 common days", "move most alike"):
        assert expected in ended.out
    assert "10.0%" in ended.out  # the overlap


def test_json_is_the_answer_of_the_api(foliolens: Run, files: list[Path], data: Path) -> None:
    ended = foliolens(
        *("compare", *files, "--data", data, "--json", "--from", "2020-01-02", "--to", "2020-12-31")
    )

    told = json.loads(ended.out)
    assert [each["id"] for each in told["portfolios"]] == [str(file) for file in files]
    assert (told["period"]["firstDay"], told["period"]["days"]) == ("2020-01-02", 253)
    assert told["pairs"][0]["overlap"] == pytest.approx(0.1)
    assert told["portfolios"][0]["figures"]["benchmark"]["symbol"] == "SPY"


def test_without_prices(foliolens: Run, files: list[Path], tmp_path: Path) -> None:
    ended = foliolens("compare", *files, "--data", tmp_path / "empty")

    assert ended.code == 0
    assert "there is no source of prices" in ended.out
    assert "have most in common (10% of the value is held alike)" in ended.out


def test_a_broken_file_is_explained(foliolens: Run, files: list[Path], tmp_path: Path) -> None:
    files[1].write_text("Symbol,Dollar Amount\nAAPL,many\n")

    ended = foliolens("compare", *files, "--data", tmp_path)

    assert ended.code == 1
    assert "second.csv cannot be read" in ended.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["one.csv"], "1 files are named."),
        (["one.csv", "one.csv"], "A file is named twice."),
        (["one.csv", "two.csv", "--benchmark", "a b"], "--benchmark: "),
    ],
)
def test_wrong_usage(foliolens: Run, tmp_path: Path, arguments: list[str], message: str) -> None:
    ended = foliolens("compare", *arguments, "--data", tmp_path)

    assert ended.code == 2
    assert message in ended.err


def test_days_that_make_no_period(foliolens: Run, files: list[Path], tmp_path: Path) -> None:
    ended = foliolens("compare", *files, "--data", tmp_path, "--from", "2021-01-01", "--to", "2020-01-01")

    assert ended.code == 2
    assert "The first day must be before 2020-01-01" in ended.err
