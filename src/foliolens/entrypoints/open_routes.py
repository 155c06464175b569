"""The routes that are open to anybody, and the setting that closes them.

The stocks app sends no credentials, so market data, sentiment and prediction are served to anonymous callers
under their rate limit. `FOLIOLENS_ANONYMOUS_ACCESS=off` demands an API key or a bearer token for them.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from foliolens.accounts.admission import bearer_token, verified
from foliolens.accounts.api_keys import ApiKeys
from foliolens.errors import AuthenticationFailed, AuthenticationRequired, FolioLensError
from foliolens.kit.http import error_response
from foliolens.kit.logging import request_id
from foliolens.ports.identity import TokenVerifier

__all__ = ["OPEN_ROUTES", "CloseOpenRoutes"]

OPEN_ROUTES = (
    "/v1/market/",
    "/v1/news",
    "/v1/predict",
    "/v1/search",
    "/v1/sentiment",
    "/v1/stocks",
    "/v1/tiingo/",
    "/v1/v2/reference/",
)
"""What their paths begin with."""


class CloseOpenRoutes:
    """ASGI middleware that asks for credentials where a route itself does not.

    Args:
        app: What is called.
        identity: Verifies bearer tokens.
        api_keys: Knows API keys.
    """

    def __init__(self, app: ASGIApp, identity: TokenVerifier, api_keys: ApiKeys) -> None:
        self._app = app
        self._identity = identity
        self._api_keys = api_keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "http" and scope["path"].startswith(OPEN_ROUTES):
            try:
                self._check(Headers(scope=scope))
            except FolioLensError as refusal:
                await error_response(refusal, request_id.get())(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check(self, headers: Headers) -> None:
        key = headers.get("x-api-key")
        if key is not None:
            if self._api_keys.holder(key) is None:
                raise AuthenticationFailed("The API key is not valid.")
            return
        token = bearer_token(headers.get("authorization"))
        if token is None:
            raise AuthenticationRequired(
                "Send an API key in the x-api-key header, or sign in and send a bearer token."
            )
        verified(self._identity, token)
