"""`foliolens analyze`: a file in, a report or the reasons out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from foliolens.market.demo.prices import demo_prices

from .conftest import Outcome

EXAMPLES = Path(__file__).parents[3] / "examples"
CASES = [
    pytest.param(path, case, id=f"{path.stem}-{number}")
    for path in sorted(EXAMPLES.glob("*.csv"))
    for number, case in enumerate(json.loads(path.with_suffix(".expected.json").read_text("utf-8"))["cases"])
]
STANDARD = EXAMPLES / "standard.csv"

Run = Callable[..., Outcome]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text("Symbol,Name,Dollar Amount\nVTI,US stocks,6000.00\nBND,<b>Bonds</b>,4000.00\n")
    return path


@pytest.fixture
def unclear(tmp_path: Path) -> Path:
    path = tmp_path / "unclear.csv"
    path.write_text("Symbol;Wert\nSAP;8.415\nALV;6.052\nMUV2;3.780\n")
    return path


def arguments_for(options: dict[str, Any]) -> list[str]:
    """The request's options as the command line states them."""
    given = [] if options.get("overrideRules") else ["--strict"]
    if options.get("mode") == "merge":
        given.append("--merge")
    if "declaredTotal" in options:
        given += ["--total", str(options["declaredTotal"])]
    for header, field in options.get("mapping", {}).items():
        given += ["--number-format", field] if header == "numberFormat" else ["--map", f"{header}={field}"]
    return given


@pytest.mark.parametrize(("path", "expected"), CASES)
def test_every_example_gives_its_stated_outcome(foliolens: Run, path: Path, expected: dict[str, Any]) -> None:
    ended = foliolens("analyze", path, "--json", *arguments_for(expected.get("options", {})))

    told = json.loads(ended.out, parse_float=Decimal)
    assert told["rows"] == expected["rows"]
    if expected["outcome"] == "imported":
        assert ended.code == 0
        assets = {asset["symbol"]: str(asset["dollarAmount"]) for asset in told["preview"]["assets"]}
        assert assets == expected["holdings"]
        assert str(told["preview"]["totalValue"]) == expected["total"]
        assert 1 <= told["riskMetrics"]["overallRiskScore"] <= 10
    else:
        assert ended.code == 1
        found = {(e.get("line"), e.get("column"), e["code"]) for e in told["errors"]}
        assert found == {(e["line"], e["column"], e["code"]) for e in expected["errors"]}
        assert "riskMetrics" not in told


def test_the_report_is_plain_text_where_there_is_no_terminal(foliolens: Run, good: Path) -> None:
    ended = foliolens("analyze", good)

    assert ended.code == 0
    assert re.search(r"Risk score \d\.\d of 10", ended.out)
    for expected in ("mine.csv", "2 holdings", "10,000.00", "VTI", "60.00%", "Volatility", "Asset classes"):
        assert expected in ended.out
    assert "\x1b" not in ended.out
    assert ended.err == ""


def test_text_and_json_tell_the_same_score(foliolens: Run, good: Path) -> None:
    text = foliolens("analyze", good).out
    score = json.loads(foliolens("analyze", good, "--json").out)["riskMetrics"]["overallRiskScore"]

    assert f"Risk score {score:.1f} of 10" in text


def test_a_refused_file_is_explained_line_by_line(foliolens: Run, unclear: Path) -> None:
    ended = foliolens("analyze", unclear)

    assert ended.code == 1
    assert "cannot be read: 1 error." in ended.out
    assert "AMBIGUOUS_NUMBER line 2, column Wert" in ended.out
    assert "8.415" in ended.out


def test_a_number_format_settles_what_is_ambiguous(foliolens: Run, unclear: Path) -> None:
    ended = foliolens("analyze", unclear, "--number-format", "1.234,56")

    assert ended.code == 0
    assert "18,247.00" in ended.out


def test_a_mapping_says_what_a_column_is(foliolens: Run, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("Thing,What\nVTI,6000.00\nBND,4000.00\n")

    assert foliolens("analyze", path).code == 1
    assert foliolens("analyze", path, "--map", "Thing=symbol", "--map", "What=dollarAmount").code == 0


def test_a_total_makes_percentages_enough(foliolens: Run, tmp_path: Path) -> None:
    path = tmp_path / "shares.csv"
    path.write_text("Symbol,Allocation %\nVTI,60.00\nBND,40.00\n")

    assert foliolens("analyze", path).code == 1
    ended = foliolens("analyze", path, "--total", "12345.67")
    assert ended.code == 0
    assert "12,345.67" in ended.out


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not [value for name, value in attrs if name in {"src", "href"}], "the page stands alone"


def test_the_web_page_stands_alone_and_escapes_what_comes_from_the_file(
    foliolens: Run, good: Path, tmp_path: Path
) -> None:
    target = tmp_path / "report.html"

    ended = foliolens("analyze", good, "--html", target)

    assert ended.code == 0
    text = target.read_text("utf-8")
    page = _Page()
    page.feed(text)
    assert {"html", "h1", "table", "style"} <= set(page.tags)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "&lt;b&gt;Bonds&lt;/b&gt;" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--map", "nonsense"], "HEADER=FIELD"),
        (["--map", "=symbol"], "HEADER=FIELD"),
        (["--total", "much"], "--total"),
        (["--total", "-1"], "--total"),
        (["--total", "NaN"], "--total"),
        (["--colour"], "No such option"),
    ],
)
def test_wrong_usage_is_code_2(foliolens: Run, good: Path, arguments: list[str], said: str) -> None:
    ended = foliolens("analyze", good, *arguments)

    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""


@pytest.mark.parametrize("name", ["missing.csv", "[red]missing[/].csv", "."])
def test_what_cannot_be_read_is_code_3_in_one_line_with_a_hint(
    foliolens: Run, tmp_path: Path, name: str
) -> None:
    ended = foliolens("analyze", tmp_path / name)

    assert ended.code == 3
    lines = ended.err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["error", "hint"]
    assert str(tmp_path / name) in lines[0]


def test_a_page_that_cannot_be_written_is_code_3(foliolens: Run, good: Path, tmp_path: Path) -> None:
    ended = foliolens("analyze", good, "--html", tmp_path / "no folder" / "report.html")

    assert ended.code == 3
    assert "Traceback" not in ended.err
    assert ended.err.splitlines()[0].startswith("error:")


def test_debug_shows_the_traceback_and_keeps_the_code(foliolens: Run, tmp_path: Path) -> None:
    ended = foliolens("--debug", "analyze", tmp_path / "missing.csv")

    assert ended.code == 3
    assert "Traceback (most recent call last)" in ended.err
    assert "FileNotFoundError" in ended.err


def test_the_installed_script_says_its_version() -> None:
    script = Path(sys.executable).with_name("foliolens")

    ended = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)

    assert re.fullmatch(r"foliolens \d+\.\d+\.\d+\n", ended.stdout)


def test_analyzing_needs_no_server_and_no_data_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()

    ended = subprocess.run(
        [sys.executable, "-m", "foliolens.cli.main", "analyze", str(STANDARD)],
        capture_output=True,
        text=True,
        cwd=home,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert list(home.iterdir()) == []


def test_prices_of_the_data_folder_are_measured(foliolens: Run, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "prices"
    folder.mkdir(parents=True)
    days = "".join(f"{price.day},{price.close}\n" for price in demo_prices()["AAPL"])
    (folder / "AAPL.csv").write_text(f"date,close\n{days}")
    file = tmp_path / "mine.csv"
    file.write_text("Symbol,Dollar Amount\nAAPL,900.00\nZZNONE,100.00\n")

    ended = foliolens("analyze", file, "--data", folder.parent)

    assert ended.code == 0
    for expected in ("From prices, 2017-12-29 to 2022-12-28", "Deepest fall", "Covered by prices", "90%"):
        assert expected in ended.out
    assert "ZZNONE: There is no source of prices." in ended.out
    told = json.loads(foliolens("analyze", file, "--data", folder.parent, "--json").out)
    assert told["riskMetrics"]["volatility"]["measured"]
