"""The threat model names tests that exist, and every threat has one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

MODEL = Path("docs/security.md")
TEST_ID = re.compile(r"`(tests/[\w/.]+\.py(?:::\w+)+)`")


def threats() -> dict[str, list[str]]:
    """The ids of tests, by threat: the rows of the tables whose last column is "Proof"."""
    rows = re.findall(r"^\| (T\d+) (\|.*\|)$", MODEL.read_text(), re.MULTILINE)
    return {number: TEST_ID.findall(row) for number, row in rows}


def names_of_tests(path: Path) -> set[str]:
    """`test_...` and `TestClass::test_...` of a file."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}::{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)
            }
    return {name for name in found if name.rpartition("::")[2].startswith("test_")}


def test_every_threat_has_a_number_and_a_proof() -> None:
    numbered = threats()

    assert list(numbered) == [f"T{number}" for number in range(1, len(numbered) + 1)]
    assert [number for number, proofs in numbered.items() if not proofs] == []


def test_every_proof_is_a_test_that_exists() -> None:
    named = set(TEST_ID.findall(MODEL.read_text()))
    missing = []
    for name in named:
        file, _, test = name.partition("::")
        if not Path(file).is_file() or test not in names_of_tests(Path(file)):
            missing.append(name)

    assert len(named) > 50
    assert sorted(missing) == []
