"""Secrets in Parameter Store."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.parameters import made_once, stated


@pytest.fixture
def name(aws: str) -> str:
    return f"/foliolens/{uuid4()}/device-key"


def test_what_nobody_has_stated_is_nothing(name: str) -> None:
    assert stated(name) is None


def test_what_is_stated_is_kept_encrypted(name: str) -> None:
    clients.parameters().put_parameter(Name=name, Value="a key", Type="SecureString")

    assert stated(name) == "a key"
    assert clients.parameters().get_parameter(Name=name)["Parameter"]["Value"] != "a key"


def test_what_is_made_is_made_once_and_encrypted(name: str) -> None:
    assert made_once(name, "the first") == "the first"
    assert made_once(name, "the second") == "the first"
    assert clients.parameters().get_parameter(Name=name)["Parameter"]["Type"] == "SecureString"


def test_of_two_who_make_it_at_the_same_time_one_does(name: str) -> None:
    def come_first(model: Any, **_: object) -> None:
        """Between the other's look and their writing."""
        if model.name == "GetParameter":
            events.unregister("after-call.ssm", come_first)
            clients.parameters().put_parameter(Name=name, Value="the faster", Type="SecureString")

    events = clients.parameters().meta.events
    events.register("after-call.ssm", come_first)

    assert made_once(name, "the slower") == "the faster"
