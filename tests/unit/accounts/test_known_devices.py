"""The token that tells a device which signed in before from a stranger."""

from __future__ import annotations

from datetime import timedelta

import pytest

from foliolens.accounts.known_devices import LIFETIME, KnownDevices
from tests.clock import SetClock

EMAIL = "ada@example.com"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def devices(clock: SetClock) -> KnownDevices:
    return KnownDevices(b"k" * 32, clock)


def test_a_token_of_ours_is_known_in_whatever_case_the_address_is(devices: KnownDevices) -> None:
    assert devices.knows(devices.token("Ada@Example.com"), EMAIL)


def test_it_is_known_for_its_account_alone(devices: KnownDevices) -> None:
    assert not devices.knows(devices.token(EMAIL), "eve@example.com")


def test_it_does_not_tell_whose_it_is(devices: KnownDevices) -> None:
    assert "ada" not in devices.token(EMAIL).lower()


def test_it_ends(devices: KnownDevices, clock: SetClock) -> None:
    token = devices.token(EMAIL)
    clock.time += LIFETIME - timedelta(seconds=1)
    assert devices.knows(token, EMAIL)
    clock.time += timedelta(seconds=1)
    assert not devices.knows(token, EMAIL)


def test_its_age_cannot_be_changed(devices: KnownDevices, clock: SetClock) -> None:
    made_at, _, signature = devices.token(EMAIL).partition(".")
    clock.time += LIFETIME

    assert not devices.knows(f"{int(made_at) + 1_000_000}.{signature}", EMAIL)


def test_another_key_makes_it_a_strangers(devices: KnownDevices, clock: SetClock) -> None:
    assert not KnownDevices(b"l" * 32, clock).knows(devices.token(EMAIL), EMAIL)


@pytest.mark.parametrize(
    "token",
    [None, "", ".", "1", "1.", "-1.aa", "1e9.aa", "١.aa", "9" * 5000 + ".aa", "1.ä", "1." + "0" * 64, "\x00"],
)
def test_what_is_no_token_is_a_strangers(devices: KnownDevices, token: str | None) -> None:
    assert not devices.knows(token, EMAIL)
