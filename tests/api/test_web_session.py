"""Sessions of the web app: the refresh token in a cookie that only our own pages can use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from http.cookies import Morsel, SimpleCookie

import httpx
import pyotp
import pytest

from foliolens.accounts.web_session import COOKIE

from .conftest import PASSWORD, Server, User
from .exchanges import assert_error

OURS = {"X-Requested-With": "FolioLens"}


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    """Keeps cookies, and sends what our pages send."""
    with httpx.Client(base_url=f"{server.url}/v1", headers=OURS, timeout=30) as opened:
        yield opened


def sign_in(browser: httpx.Client, user: User) -> httpx.Response:
    return browser.post("/auth/session", json={"email": user.email, "password": PASSWORD})


def cookie(response: httpx.Response) -> Morsel[str]:
    (set_cookie,) = [
        cookie for cookie in response.headers.get_list("set-cookie") if cookie.startswith(COOKIE)
    ]
    return SimpleCookie(set_cookie)[COOKIE]


def test_signing_in_puts_the_refresh_token_where_no_script_finds_it(
    browser: httpx.Client, user: User
) -> None:
    signed_in = sign_in(browser, user)

    assert signed_in.status_code == 200
    assert signed_in.json().keys() == {"accessToken", "expiresIn", "user"}
    kept = cookie(signed_in)
    assert kept.value
    assert kept.value not in signed_in.text
    assert kept["httponly"] is True
    assert kept["samesite"].lower() == "strict"
    assert kept["path"] == "/v1/auth"
    assert int(kept["max-age"]) == 30 * 24 * 3600


def test_the_access_token_is_that_of_every_client(browser: httpx.Client, user: User) -> None:
    token = sign_in(browser, user).json()["accessToken"]

    profile = browser.get("/user/profile", headers={"Authorization": f"Bearer {token}"})

    assert profile.json()["email"] == user.email


def test_the_cookie_alone_opens_nothing(browser: httpx.Client, user: User) -> None:
    sign_in(browser, user)

    assert_error(browser.get("/user/profile"), 401, "AUTHENTICATION_REQUIRED")


def test_refreshing_replaces_the_cookie(browser: httpx.Client, user: User) -> None:
    first = cookie(sign_in(browser, user)).value

    refreshed = browser.post("/auth/session/refresh")

    assert refreshed.status_code == 200
    assert cookie(refreshed).value != first
    assert refreshed.json()["user"]["email"] == user.email
    assert browser.post("/auth/session/refresh").status_code == 200


def test_a_reload_that_never_saw_its_answer_keeps_its_session(browser: httpx.Client, user: User) -> None:
    first = cookie(sign_in(browser, user)).value
    lost = browser.post("/auth/session/refresh")
    browser.cookies.clear()

    again = browser.post("/auth/session/refresh", headers={"Cookie": f"{COOKIE}={first}"})

    assert again.status_code == 200
    assert cookie(again).value == cookie(lost).value, "repeated, not exchanged once more"


def test_a_dead_session_takes_its_cookie_along(browser: httpx.Client, user: User) -> None:
    refused = browser.post("/auth/session/refresh", headers={"Cookie": f"{COOKIE}=flr_made-up"})

    assert_error(refused, 401, "AUTHENTICATION_FAILED")
    assert cookie(refused).value == ""
    assert_error(browser.post("/auth/session/refresh"), 401, "AUTHENTICATION_REQUIRED")


def test_signing_out_ends_the_session_and_drops_the_cookie(browser: httpx.Client, user: User) -> None:
    signed_in = sign_in(browser, user)
    kept = cookie(signed_in).value

    left = browser.post(
        "/auth/logout", headers={"Authorization": f"Bearer {signed_in.json()['accessToken']}"}
    )

    assert cookie(left).value == ""
    assert COOKIE not in browser.cookies
    stolen = browser.post("/auth/session/refresh", headers={"Cookie": f"{COOKIE}={kept}"})
    assert_error(stolen, 401, "AUTHENTICATION_FAILED")


def test_the_second_factor_comes_before_the_cookie(browser: httpx.Client, user: User) -> None:
    secret = pyotp.TOTP(user.client.post("/auth/mfa/setup").json()["secret"])
    assert (
        user.client.post(
            "/auth/mfa/enable", json={"code": secret.at(datetime.now(UTC), counter_offset=-1)}
        ).status_code
        == 200
    )

    asked = sign_in(browser, user)

    assert asked.json()["challenge"] == "SOFTWARE_TOKEN_MFA"
    assert "set-cookie" not in asked.headers
    code = secret.at(datetime.now(UTC))
    answered = browser.post("/auth/session/mfa", json={"session": asked.json()["session"], "code": code})
    assert answered.status_code == 200, answered.text
    assert cookie(answered).value


@pytest.mark.parametrize("path", ["/auth/session", "/auth/session/mfa", "/auth/session/refresh"])
def test_other_pages_of_this_site_cannot_use_it(browser: httpx.Client, user: User, path: str) -> None:
    sign_in(browser, user)
    bodies = {
        "/auth/session": {"email": user.email, "password": PASSWORD},
        "/auth/session/mfa": {"session": "x", "code": "123456"},
    }
    forged = httpx.Request(
        "POST",
        f"{browser.base_url}{path.removeprefix('/')}",
        json=bodies.get(path),
        headers={"Cookie": f"{COOKIE}={browser.cookies[COOKIE]}", "Origin": "http://127.0.0.1:9"},
    )

    assert_error(browser.send(forged), 403, "FORBIDDEN")


def test_even_a_named_origin_may_not_send_our_header(strict_server: Server) -> None:
    asked = httpx.options(
        f"{strict_server.url}/v1/auth/session/refresh",
        headers={
            "Origin": "https://app.example.com",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-requested-with",
        },
    )

    assert asked.status_code == 403
