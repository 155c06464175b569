"""The command line, run in this process through the function the `foliolens` script calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from foliolens.cli.main import main


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def foliolens(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr("sys.argv", ["foliolens", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        printed = capsys.readouterr()
        assert isinstance(code, int | None)
        return Outcome(code or 0, printed.out, printed.err)

    return run
