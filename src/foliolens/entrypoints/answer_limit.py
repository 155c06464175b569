"""Refusing in our own words what Lambda would not carry: an answer of more than 6 MB."""

import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foliolens.errors import Unprocessable
from foliolens.kit.http import error_response
from foliolens.kit.logging import request_id

__all__ = ["AnswerLimit"]

_MOST_BYTES = 6 * 1024 * 1024 - 16 * 1024  # the rest is for headers, and for what they are wrapped in
_LONGEST_CHARACTER = 6  # as in \u0001, for one byte of the body

_TOO_LARGE = (
    "The answer is larger than the 6 MB that can be sent at once: ask for it by page or by portfolio,"
    " and upload a large file in parts."
)


class AnswerLimit:
    """ASGI middleware that keeps an answer back until it is whole, as Lambda does, and looks at its size.

    A body travels as a text within JSON, so what counts is its length with everything escaped.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; say 422 where the answer does not fit."""
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in answer)
        if len(body) * _LONGEST_CHARACTER > _MOST_BYTES and len(_wrapped(body)) > _MOST_BYTES:
            await error_response(Unprocessable(_TOO_LARGE), request_id.get())(scope, receive, send)
            return
        for message in answer:
            await send(message)


def _wrapped(body: bytes) -> str:
    return json.dumps(body.decode(errors="replace"))
