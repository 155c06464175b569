"""What registration and sign-in accept."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from foliolens.accounts.auth_models import LoginRequest, RegisterRequest, missing_requirements

GOOD = {"email": "ada@example.com", "password": "Correct-Horse-7", "firstName": "Ada", "lastName": "L"}


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("Correct-Horse-7", []),
        ("correct-horse-7", ["an upper-case letter"]),
        ("CORRECT-HORSE-7", ["a lower-case letter"]),
        ("Correct-Horse-x", ["a digit"]),
        ("CorrectHorse77", ["a symbol"]),
        ("Correct Horse 77", ["a symbol"]),
        ("Correct-H-7", ["at least 12 characters"]),
        ("Correct-Horse-7" * 20, ["at most 256 characters"]),
        ("Größe-Maß-Äpfel-7", []),
    ],
)
def test_a_password_needs_each_kind_of_character(password: str, missing: list[str]) -> None:
    assert missing_requirements(password) == missing


def test_an_empty_password_lacks_everything_but_shortness() -> None:
    assert len(missing_requirements("")) == 5


@given(st.text(max_size=300))
def test_what_is_accepted_meets_the_policy(password: str) -> None:
    try:
        RegisterRequest.model_validate({**GOOD, "password": password})
    except ValidationError:
        assert missing_requirements(password)
    else:
        assert 12 <= len(password) <= 256
        assert re.search("[^a-z]", password)


@pytest.mark.parametrize(
    "email",
    [
        "a@b.co",
        "first.last+tag@sub.example.com",
        "o'neil@example.ie",
        "A_%-1@EXAMPLE.COM",
        "x@xn--mnchen-3ya.de",
    ],
)
def test_ordinary_addresses_are_accepted_in_lower_case(email: str) -> None:
    assert LoginRequest(email=email, password="x").email == email.lower()


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example",
        "ada@.com",
        "ada@example..com",
        ".ada@example.com",
        "ada.@example.com",
        "a..b@example.com",
        "ada@-example.com",
        "ada@example.com\n",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada <ada@example.com>",
        "ada@exa mple.com",
        "ada@eve@example.com",
        "ädä@example.com",
        f"{'a' * 65}@example.com",
        f"ada@{'a' * 64}.com",
        f"ada@{'a.' * 130}com",
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(ValidationError):
        LoginRequest(email=email, password="x")


@pytest.mark.parametrize("name", ["", " ", " Ada", "A\nB", "A\x00", "x" * 101])
def test_a_name_is_one_line(name: str) -> None:
    with pytest.raises(ValidationError):
        RegisterRequest.model_validate({**GOOD, "firstName": name})


@pytest.mark.parametrize("name", ["Ada", "María José", "李", "O’Neil", "x" * 100])
def test_names_of_the_world_are_accepted(name: str) -> None:
    assert RegisterRequest.model_validate({**GOOD, "firstName": name}).first_name == name


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        RegisterRequest.model_validate({**GOOD, "operator": True})
