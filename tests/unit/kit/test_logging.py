"""Log lines as programs read them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest

from foliolens.kit.logging import configure_logging, request_id


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[logging.Logger]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging("json")
    yield logging.getLogger("foliolens.test")
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_is_one_json_object_with_its_facts(
    log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    token = request_id.set("the-request")

    log.info("uploaded %d\nrows", 3, extra={"upload": UUID(int=1), "rows": 3})

    request_id.reset(token)
    line = json.loads(capsys.readouterr().err)
    assert datetime.fromisoformat(line.pop("time")).utcoffset() is not None
    assert line == {
        "level": "INFO",
        "name": "foliolens.test",
        "message": "uploaded 3\nrows",
        "requestId": "the-request",
        "upload": "00000000-0000-0000-0000-000000000001",
        "rows": 3,
    }


def test_an_exception_comes_with_its_traceback(
    log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        int("broken")
    except ValueError:
        log.exception("it failed")

    (text,) = capsys.readouterr().err.splitlines()
    line = json.loads(text)
    assert line["level"] == "ERROR"
    assert "ValueError: invalid literal" in line["exception"]
