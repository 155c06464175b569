"""The cookies of the `auth` routes: of a session of the web app, and of a device that signed in before."""

from typing import Annotated

from fastapi import Cookie, Request, Response

from foliolens.accounts.known_devices import LIFETIME
from foliolens.accounts.web_session import COOKIE, COOKIE_PATH

__all__ = ["DEVICE_COOKIE", "DeviceToken", "forget_cookie", "is_encrypted", "remember_device"]

DEVICE_COOKIE = "foliolens_device"

DeviceToken = Annotated[
    str | None,
    Cookie(
        alias=DEVICE_COOKIE,
        description="Of a device that signed in to this account before: it waits for no stranger.",
    ),
]


def remember_device(response: Response, request: Request, token: str) -> None:
    """Let the client keep a token of `KnownDevices`."""
    response.set_cookie(
        DEVICE_COOKIE,
        token,
        max_age=int(LIFETIME.total_seconds()),
        path=COOKIE_PATH,
        secure=is_encrypted(request),
        httponly=True,
        samesite="strict",
    )


def is_encrypted(request: Request) -> bool:
    """Whether clients reach us by HTTPS; on one machine they do not, and cookies must still arrive."""
    reached_at: str = request.app.state.public_url or str(request.base_url)
    return reached_at.startswith("https://")


def forget_cookie(response: Response) -> None:
    """Let the browser drop the cookie of the web app's session."""
    response.delete_cookie(COOKIE, path=COOKIE_PATH, httponly=True, samesite="strict")
