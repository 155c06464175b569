"""Log lines as programs read them."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import pytest

from foliolens.kit.logging import configure_logging, hashed_user, request_id, user_id

_log = logging.getLogger("foliolens.test")


@contextmanager
def _logging_to(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, user_key: bytes | None = None
) -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging("json", user_key=user_key)
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def test_a_line_is_one_json_object_with_its_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    token = request_id.set("the-request")

    with _logging_to(written, monkeypatch):
        _log.info("uploaded %d\nrows", 3, extra={"upload": UUID(int=1), "rows": 3})

    request_id.reset(token)
    line = json.loads(written.getvalue())
    assert datetime.fromisoformat(line.pop("time")).utcoffset() is not None
    assert line == {
        "level": "INFO",
        "name": "foliolens.test",
        "message": "uploaded 3\nrows",
        "requestId": "the-request",
        "upload": "00000000-0000-0000-0000-000000000001",
        "rows": 3,
    }


def test_an_exception_comes_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()

    with _logging_to(written, monkeypatch):
        try:
            int("broken")
        except ValueError:
            _log.exception("it failed")

    (text,) = written.getvalue().splitlines()
    line = json.loads(text)
    assert line["level"] == "ERROR"
    assert "ValueError: invalid literal" in line["exception"]


def test_a_user_is_named_by_a_hash_that_needs_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    written, ada = io.StringIO(), UUID("6ba7b810-9dad-41d1-80b4-00c04fd430c8")
    token = user_id.set(ada)

    with _logging_to(written, monkeypatch, b"a key"):
        _log.info("served")
    with _logging_to(written, monkeypatch):
        _log.info("served without a key")

    user_id.reset(token)
    named, unnamed = map(json.loads, written.getvalue().splitlines())
    # RFC 2104, reckoned by hand: two passes of SHA-256 over the padded key.
    inner = sha256(bytes(b ^ 0x36 for b in b"a key".ljust(64, b"\0")) + ada.bytes).digest()
    outer = sha256(bytes(b ^ 0x5C for b in b"a key".ljust(64, b"\0")) + inner).hexdigest()
    assert named["user"] == outer[:16] == hashed_user(ada, b"a key")
    assert hashed_user(ada, b"another key") != named["user"]
    assert "user" not in unnamed
