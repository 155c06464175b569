"""A stranger who keeps failing to sign in keeps strangers out, and never the owner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.cookies import Morsel, SimpleCookie
from itertools import count

import httpx
import pytest

from foliolens.accounts.cookies import DEVICE_COOKIE

from .conftest import PASSWORD, Server, from_address, mailed_code, running_server, signed_up
from .exchanges import assert_error

WRONG, NEW = "Wrong-Horse-7-Battery", "Another-Horse-8-Battery"
Visitor = Callable[[], httpx.Client]
_last = count(20)


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    with running_server(rate_limits="on", rate_anonymous_per_minute="10000", auto_confirm="true") as started:
        yield started


@pytest.fixture
def visitor(guarded: Server) -> Iterator[Visitor]:
    """Makes clients that call from addresses of their own."""
    with ExitStack() as clients:
        yield lambda: clients.enter_context(from_address(guarded, f"127.0.0.{next(_last)}"))


def attack(visitor: Visitor, email: str) -> list[int]:
    """What strangers are answered who fail from three addresses, until the account's limit is reached too."""
    statuses = []
    for _ in range(3):
        client = visitor()
        for _ in range(7):
            answer = client.post("/auth/login", json={"email": email, "password": WRONG})
            statuses.append(answer.status_code)
    return statuses


def sign_in(client: httpx.Client, email: str, password: str = PASSWORD) -> httpx.Response:
    return client.post("/auth/login", json={"email": email, "password": password})


def device(response: httpx.Response) -> Morsel[str]:
    (set_cookie,) = [
        cookie for cookie in response.headers.get_list("set-cookie") if cookie.startswith(DEVICE_COOKIE)
    ]
    return SimpleCookie(set_cookie)[DEVICE_COOKIE]


def test_an_account_under_attack_lets_its_owners_device_in(guarded: Server, visitor: Visitor) -> None:
    with signed_up(guarded, f"127.0.0.{next(_last)}") as owner:
        assert 429 in attack(visitor, owner.email), "the limit of the account is reached, too"

        assert sign_in(owner.client, owner.email).status_code == 200


def test_it_lets_a_session_of_the_web_app_begin(guarded: Server, visitor: Visitor) -> None:
    with signed_up(guarded, f"127.0.0.{next(_last)}") as owner:
        attack(visitor, owner.email)

        begun = owner.client.post(
            "/auth/session",
            json={"email": owner.email, "password": PASSWORD},
            headers={"X-Requested-With": "FolioLens"},
        )

        assert begun.status_code == 200
        assert device(begun).value


def test_it_keeps_strangers_out_though_they_know_the_password(guarded: Server, visitor: Visitor) -> None:
    with signed_up(guarded, f"127.0.0.{next(_last)}") as owner:
        attack(visitor, owner.email)

        assert sign_in(visitor(), owner.email).status_code in {401, 429}


def test_the_device_of_another_account_is_a_stranger(guarded: Server, visitor: Visitor) -> None:
    with (
        signed_up(guarded, f"127.0.0.{next(_last)}") as owner,
        signed_up(guarded, f"127.0.0.{next(_last)}") as other,
    ):
        attack(visitor, owner.email)

        assert sign_in(other.client, owner.email).status_code in {401, 429}


def test_a_mailed_code_lets_the_owner_in_on_any_device(guarded: Server, visitor: Visitor) -> None:
    with signed_up(guarded, f"127.0.0.{next(_last)}") as owner:
        attack(visitor, owner.email)
        guesser, new = visitor(), visitor()
        assert new.post("/auth/forgot-password", json={"email": owner.email}).status_code == 200
        guesses = [
            guesser.post(
                "/auth/reset-password",
                json={"email": owner.email, "code": f"{guess:012d}", "newPassword": NEW},
            ).status_code
            for guess in range(12)
        ]
        code = mailed_code(guarded.outbox, owner.email)

        reset = new.post(
            "/auth/reset-password", json={"email": owner.email, "code": code, "newPassword": NEW}
        )
        attack(visitor, owner.email)

        assert set(guesses) == {401, 429}
        assert reset.status_code == 200
        assert sign_in(new, owner.email, NEW).status_code == 200


def test_asking_for_a_code_cannot_be_used_up_by_strangers(guarded: Server, visitor: Visitor) -> None:
    with signed_up(guarded, f"127.0.0.{next(_last)}") as owner:
        for _ in range(3):
            stranger = visitor()
            for _ in range(8):
                assert stranger.post("/auth/forgot-password", json={"email": owner.email}).is_success

        assert visitor().post("/auth/forgot-password", json={"email": owner.email}).status_code == 200
        assert mailed_code(guarded.outbox, owner.email)


def test_an_address_without_an_account_is_answered_the_same_under_attack(
    guarded: Server, visitor: Visitor
) -> None:
    registration = {"email": "somebody@example.com", "password": PASSWORD, "firstName": "A", "lastName": "B"}
    assert visitor().post("/auth/register", json=registration).status_code == 201

    assert attack(visitor, "somebody@example.com") == attack(visitor, "nobody-at-all@example.com")


def test_a_known_device_has_a_limit_of_its_own(guarded: Server) -> None:
    with signed_up(guarded, f"127.0.0.{next(_last)}") as owner:
        statuses = []
        for _ in range(2):
            with from_address(guarded, f"127.0.0.{next(_last)}") as elsewhere:
                elsewhere.cookies.update(owner.client.cookies)
                statuses += [sign_in(elsewhere, owner.email, WRONG).status_code for _ in range(6)]

        assert statuses == [401] * 10 + [429] * 2


def test_the_cookie_is_for_our_sign_in_alone(guarded: Server) -> None:
    with signed_up(guarded, f"127.0.0.{next(_last)}") as owner:
        cookie = device(sign_in(owner.client, owner.email))

        assert cookie["httponly"] is True
        assert cookie["samesite"].lower() == "strict"
        assert cookie["path"] == "/v1/auth"
        opened = httpx.get(
            f"{guarded.url}/v1/user/profile", headers={"Cookie": f"{DEVICE_COOKIE}={cookie.value}"}
        )
        assert_error(opened, 401, "AUTHENTICATION_REQUIRED")
