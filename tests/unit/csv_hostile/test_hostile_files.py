"""A thousand hostile files: a clear answer for each, in a process that stays small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_FILES = 1000
_MEMORY = 256 * 1024 * 1024
_ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    # The timeout is there for a reader that hangs; the whole run takes seconds.
    finished = subprocess.run(
        [sys.executable, "-m", "tests.unit.csv_hostile.reading", str(_FILES), "1"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    return [json.loads(line) for line in finished.stdout.splitlines()]


def test_every_file_gets_a_clear_answer(lines: list[dict[str, Any]]) -> None:
    answers = lines[:-1]

    assert len(answers) == _FILES
    assert [answer for answer in answers if answer["unclear"]] == []


def test_the_files_are_hostile_indeed(lines: list[dict[str, Any]]) -> None:
    codes = {code for answer in lines[:-1] for code in answer["codes"]}

    assert {"NOT_CSV", "EMPTY_FILE", "FILE_TOO_LARGE", "TOO_MANY_ROWS", "INVALID_NUMBER"} <= codes
    assert "ENCODING_ERROR" in codes
    assert sum(bool(answer["codes"]) for answer in lines[:-1]) > _FILES // 2


def test_reading_them_takes_little_memory(lines: list[dict[str, Any]]) -> None:
    assert lines[-1]["peak"] < _MEMORY
