"""What the web app's session does beyond the identity provider's: repeating an answer that got lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from starlette.requests import Request

from foliolens.accounts.auth_models import SignedIn
from foliolens.accounts.cookies import is_encrypted
from foliolens.accounts.web_session import Replays
from foliolens.errors import AuthenticationFailed


class Provider:
    """Exchanges each token once, as the identity provider does."""

    def __init__(self) -> None:
        self.exchanged: list[str] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def refresh(self, token: str) -> SignedIn:
        self.may_answer.wait(5)
        if token in self.exchanged:
            raise AuthenticationFailed
        self.exchanged.append(token)
        return SignedIn.model_construct(refresh_token=f"{token}+", access_token="a", expires_in=900)


class Time:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def provider() -> Provider:
    return Provider()


def test_a_token_that_comes_again_at_once_gets_the_same_answer(provider: Provider) -> None:
    replays = Replays(provider.refresh, Time())

    assert replays.refresh("one") is replays.refresh("one")
    assert provider.exchanged == ["one"]


def test_later_it_counts_as_stolen(provider: Provider) -> None:
    time = Time()
    replays = Replays(provider.refresh, time)
    replays.refresh("one")

    time.seconds = 10.1

    with pytest.raises(AuthenticationFailed):
        replays.refresh("one")


def test_a_refusal_is_not_remembered(provider: Provider) -> None:
    replays = Replays(provider.refresh, Time())
    provider.exchanged.append("one")
    with pytest.raises(AuthenticationFailed):
        replays.refresh("one")

    provider.exchanged.clear()

    assert replays.refresh("one").refresh_token == "one+"


def test_two_at_the_same_time_share_one_exchange(provider: Provider) -> None:
    replays = Replays(provider.refresh, Time())
    provider.may_answer.clear()
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(replays.refresh, "one") for _ in range(2)]
        provider.may_answer.set()

        assert both[0].result() is both[1].result()
    assert provider.exchanged == ["one"]


def test_what_is_remembered_is_bounded(provider: Provider) -> None:
    replays = Replays(provider.refresh, Time())

    for number in range(1500):
        replays.refresh(str(number))

    assert replays.refresh("1499").refresh_token == "1499+"
    with pytest.raises(AuthenticationFailed):
        replays.refresh("0")


@pytest.mark.parametrize(
    ("public_url", "scheme", "encrypted"),
    [("https://folio.example", "http", True), (None, "https", True), (None, "http", False)],
)
def test_the_cookie_is_secure_wherever_clients_use_https(
    public_url: str | None, scheme: str, encrypted: bool
) -> None:
    app = SimpleNamespace(state=SimpleNamespace(public_url=public_url))
    scope = {
        "type": "http",
        "app": app,
        "scheme": scheme,
        "server": ("127.0.0.1", 80),
        "path": "/",
        "headers": [],
    }

    assert is_encrypted(Request(scope)) is encrypted
