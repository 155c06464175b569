"""Every file in examples/ gives the outcome that is written beside it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict

from foliolens.holdings.rules import Rules
from foliolens.uploads.reader import Reading, ReadOptions, read

EXAMPLES = Path(__file__).parents[3] / "examples"
FILES = sorted(EXAMPLES.glob("*.csv"))
CASES = [
    pytest.param(path, case, id=f"{path.stem}-{number}")
    for path in FILES
    for number, case in enumerate(json.loads(path.with_suffix(".expected.json").read_text("utf-8"))["cases"])
]


def read_example(path: Path, stated: dict[str, Any]) -> Reading:
    total = stated.get("declaredTotal")
    options = ReadOptions(
        mapping=stated.get("mapping"),
        declared_total=None if total is None else Decimal(total),
        rules=Rules(
            override_business_rules=stated.get("overrideRules", False),
            sum_duplicates=stated.get("mode") == "merge",
        ),
    )
    return read(path.read_bytes(), options)


@pytest.mark.parametrize(("path", "expected"), CASES)
def test_example_gives_its_stated_outcome(path: Path, expected: dict[str, Any]) -> None:
    reading = read_example(path, expected.get("options", {}))

    found = [{"line": e.line, "column": e.column, "code": e.code.value} for e in reading.errors]
    key = lambda error: (error["line"] or 0, error["column"] or "", error["code"])  # noqa: E731
    assert sorted(found, key=key) == sorted(expected.get("errors", []), key=key)
    assert asdict(reading.rows) == expected["rows"]
    if expected["outcome"] == "imported":
        assert {h.symbol: str(h.amount) for h in reading.holdings} == expected["holdings"]
        assert str(reading.total) == expected["total"]
        assert reading.currency == expected["currency"]
        assert sum(h.allocation for h in reading.holdings) == Decimal("100.00")
    else:
        assert reading.holdings == ()
        assert reading.total is None


def test_every_example_has_an_expected_outcome_and_a_line_in_the_readme() -> None:
    readme = (EXAMPLES / "README.md").read_text("utf-8")

    assert len(FILES) >= 14
    assert [path.name for path in FILES if f"`{path.name}`" not in readme] == []
