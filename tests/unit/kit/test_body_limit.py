"""Bodies that never end: who sends one keeps no place."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from foliolens.errors import FolioLensError
from foliolens.kit.http import error_response, json_response
from foliolens.kit.middleware import BodyLimit
from foliolens.kit.schema import ResponseModel


class Length(ResponseModel):
    length: int


async def measuring(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads the body, inside error handlers as ours are."""
    try:
        response = json_response(Length(length=len(await Request(scope, receive).body())))
    except FolioLensError as error:
        response = error_response(error, "test")
    await response(scope, receive, send)


def answer(
    parts: Iterable[bytes], *, ends: bool, announced: str | None = None
) -> tuple[int, dict[str, object]]:
    """What a client is told that sends these parts and then ends, or falls silent."""
    sent: list[Message] = []
    waiting = list(parts)

    async def receive() -> Message:
        if waiting:
            part = waiting.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(waiting) or not ends}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-length", announced.encode())] if announced else []
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}
    asyncio.run(BodyLimit(measuring, max_bytes=10, seconds=0.05)(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], json.loads(body)


def test_a_body_in_time_is_read() -> None:
    assert answer([b"four", b"more"], ends=True) == (200, {"length": 8})


def test_a_body_that_stops_arriving_is_refused() -> None:
    status, body = answer([b"four"], ends=False)

    assert (status, body["error"]) == (400, "VALIDATION_ERROR")
    assert "did not arrive in time" in str(body["message"])


def test_a_body_over_the_limit_that_stops_arriving_is_refused_too() -> None:
    assert answer([b"more than ten"], ends=False)[0] == 413
    assert answer([b"four"], ends=False, announced="11")[0] == 413
