"""Sessions of the web app: the refresh token lives in a cookie that no script can read.

The tokens are those of every client; only their way differs. `docs/decisions/web-session.md` says why.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from msgspec import Struct
from pydantic import Field

from foliolens.accounts.auth_models import AccountUser, SignedIn
from foliolens.kit.schema import ResponseModel

__all__ = ["COOKIE", "COOKIE_PATH", "Replays", "WebSession", "WebSessions"]

COOKIE = "foliolens_refresh"
COOKIE_PATH = "/v1/auth"

_REPLAY_SECONDS = 10.0
_MOST_REPLAYS = 1024


class WebSession(ResponseModel):
    """A session whose refresh token went into a cookie."""

    access_token: str = Field(description="A JWT: send it as `Authorization: Bearer`; keep it in memory.")
    expires_in: int = Field(description="Seconds the access token lives.")
    user: AccountUser

    @classmethod
    def of(cls, signed_in: SignedIn) -> "WebSession":
        """What a script may see of a session."""
        return cls(access_token=signed_in.access_token, expires_in=signed_in.expires_in, user=signed_in.user)


class Replays:
    """Answers a refresh that comes again within seconds as it was answered before.

    A page that is reloaded while it refreshes never sees the new cookie, and sends the old one again. A
    rotated token that comes twice ends its session, so the innocent reload would sign its user out.
    Remembered in this process only, under the token's hash.

    Args:
        refresh: Exchanges a refresh token.
        clock: Seconds that only grow.
    """

    def __init__(
        self, refresh: Callable[[str], SignedIn], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._refresh = refresh
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: OrderedDict[bytes, tuple[float, Future[SignedIn]]] = OrderedDict()

    def refresh(self, token: str) -> SignedIn:
        """Exchange the token, or wait for and repeat the answer of a moment ago.

        Raises:
            TokenExpired: The session is too old.
            AuthenticationFailed: The token is unknown, revoked, or was used earlier.
        """
        key = hashlib.sha256(token.encode()).digest()
        with self._lock:
            self._forget_old()
            known = self._answers.get(key)
            answer = known[1] if known else Future[SignedIn]()
            if known is None:
                self._answers[key] = (self._clock(), answer)
        if known is None:
            self._exchange(token, key, answer)
        return answer.result()

    def _exchange(self, token: str, key: bytes, answer: Future[SignedIn]) -> None:
        try:
            answer.set_result(self._refresh(token))
        except BaseException as error:
            with self._lock:
                self._answers.pop(key, None)
            answer.set_exception(error)

    def _forget_old(self) -> None:
        oldest = self._clock() - _REPLAY_SECONDS
        while self._answers:
            at, _ = next(iter(self._answers.values()))
            if at >= oldest and len(self._answers) < _MOST_REPLAYS:
                return
            self._answers.popitem(last=False)


class WebSessions(Struct, frozen=True):
    """How the routes keep sessions of the web app.

    Attributes:
        replays: Exchanges refresh tokens.
        lifetime_seconds: How long the cookie is kept; the token inside may end sooner.
    """

    replays: Replays
    lifetime_seconds: int
