"""Cross-origin requests: which pages of other origins a browser lets talk to us."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foliolens.errors import Forbidden
from foliolens.kit.http import error_response
from foliolens.kit.logging import request_id

__all__ = ["ASKED_WITH", "MAX_AGE_SECONDS", "METHODS", "TOLD", "CrossOrigin"]

METHODS = ("GET", "POST", "PUT", "DELETE")
ASKED_WITH = ("Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id", "X-Api-Key")
"""The headers that a page of another origin may send."""
TOLD = (
    "X-Request-Id",
    "Retry-After",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Sentiment-Model",
    "X-Prediction-Engine",
    "X-Cache",
    "Warning",
)
"""The headers of an answer that it may read."""
MAX_AGE_SECONDS = 600
"""How long a browser need not ask again whether it may."""


class CrossOrigin(CORSMiddleware):
    """Starlette's middleware, with errors as the contract has them and nothing said to unnamed origins.

    Args:
        app: What is called.
        origins: The origins that are answered, or `*` for all; credentials are for named ones only.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_credentials="*" not in origins,
            allow_methods=METHODS,
            allow_headers=ASKED_WITH,
            expose_headers=TOLD,
            max_age=MAX_AGE_SECONDS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer the question whether a request may be made."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        reason = bytes(answer.body).decode()  # "Disallowed CORS origin, method"
        refused = error_response(Forbidden(f"{reason}."), request_id.get())
        refused.headers["Vary"] = "Origin"
        return refused

    async def simple_response(
        self, scope: Scope, receive: Receive, send: Send, request_headers: Headers
    ) -> None:
        """Serve a request; only an allowed origin is told that its page may read the answer."""
        if self.is_allowed_origin(request_headers.get("origin", "")):
            await super().simple_response(scope, receive, send, request_headers)
            return

        async def send_varying(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", []).append((b"vary", b"Origin"))
            await send(message)

        await self.app(scope, receive, send_varying)
