"""Rate limits: who is counted, and what a refused caller is told.

Anonymous callers, and whoever opens a shared link, are counted by IP address a minute, signed-in users by
user and programs by API key an hour, and the routes that take passwords and codes additionally by IP address
a minute (accounts count them by account as well). Of an IPv6 address only the network counts: who has one
address has the 2^64 of its network.
"""

import logging
from ipaddress import IPv6Address, ip_address, ip_network

from msgspec import Struct
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foliolens.accounts.admission import bearer_token, verified
from foliolens.accounts.api_keys import ApiKeys
from foliolens.errors import FolioLensError, RateLimited, ServiceUnavailable
from foliolens.kit.http import error_response
from foliolens.kit.logging import request_id
from foliolens.ports.identity import TokenVerifier
from foliolens.ports.rate_counter import RateCounter, Window
from foliolens.settings import LimitSettings

__all__ = ["RateLimit"]

_log = logging.getLogger(__name__)

_CREDENTIAL_ROUTES = frozenset(
    f"/v1/auth/{name}"
    for name in (
        "register",
        "confirm",
        "resend-code",
        "login",
        "mfa/verify",
        "session",
        "session/mfa",
        "forgot-password",
        "reset-password",
    )
)
"""Where passwords and codes can be tried."""

_UNLIMITED = ("/v1/health", "/v1/ready")

_FOR_ANYBODY = "/v1/shared/"
"""Below it the path itself is the permission: who is signed in may try no more paths than who is not."""


class _Rule(Struct, frozen=True):
    key: str
    limit: int
    window_seconds: int


class RateLimit:
    """ASGI middleware that refuses a caller who is over the limit with the contract's 429."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: LimitSettings,
        counter: RateCounter,
        identity: TokenVerifier,
        api_keys: ApiKeys,
    ) -> None:
        self._app = app
        self._limits = limits
        self._counter = counter
        self._identity = identity
        self._api_keys = api_keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if not self._applies(scope):
            await self._app(scope, receive, send)
            return
        strictest: dict[str, str] = {}
        for rule in self._rules(scope):
            try:
                window = self._counter.hit(rule.key, rule.window_seconds)
            except ServiceUnavailable as unavailable:
                if scope["path"] in _CREDENTIAL_ROUTES:  # nobody tries passwords uncounted
                    await error_response(unavailable, request_id.get())(scope, receive, send)
                    return
                _log.warning("the rate counter does not answer: requests are not counted")
                break
            headers = _headers(rule, window)
            if window.count > rule.limit:
                refusal = RateLimited(max(1, window.resets_in), headers)
                await error_response(refusal, request_id.get())(scope, receive, send)
                return
            strictest = strictest or headers

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                if "x-ratelimit-limit" not in answered:  # else the account's own limit has refused
                    answered.update(strictest)
            await send(message)

        await self._app(scope, receive, send_counted)

    def _applies(self, scope: Scope) -> bool:
        if scope["type"] != "http" or self._limits.rate_limits == "off" or scope["method"] == "OPTIONS":
            return False
        path: str = scope["path"]
        return path.startswith("/v1/") and path not in _UNLIMITED

    def _rules(self, scope: Scope) -> list[_Rule]:
        address = _counted(scope["client"][0] if scope.get("client") else "")
        rules = []
        if scope["path"] in _CREDENTIAL_ROUTES:
            rules.append(_Rule(f"login:{address}", self._limits.rate_login_per_minute, 60))
        known = None if scope["path"].startswith(_FOR_ANYBODY) else self._known(Headers(scope=scope))
        if known is None:
            rules.append(_Rule(f"ip:{address}", self._limits.rate_anonymous_per_minute, 60))
        else:
            rules.append(_Rule(known, self._limits.rate_user_per_hour, 3600))
        return rules

    def _known(self, headers: Headers) -> str | None:
        """The counter of whoever says who they are; None for anonymous callers."""
        token = bearer_token(headers.get("authorization"))
        try:
            if token:
                return f"user:{verified(self._identity, token).user_id}"
        except FolioLensError:
            return None  # the route itself will say what is wrong with the token
        holder = self._api_keys.holder(headers.get("x-api-key"))
        return None if holder is None else f"key:{holder}"


def _counted(address: str) -> str:
    """What an address is counted as; all that are no addresses are one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), 64), strict=False))


def _headers(rule: _Rule, window: Window) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(rule.limit),
        "X-RateLimit-Remaining": str(max(0, rule.limit - window.count)),
        "X-RateLimit-Reset": str(window.resets_in),
    }
