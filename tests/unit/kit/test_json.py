"""JSON at the edge: exact decimals, and refusal of what no field can hold."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foliolens.kit import json


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**18), max_value=10**18))
def test_a_decimal_survives_writing_and_reading_exactly(value: Decimal) -> None:
    assert json.decode(json.encode({"amount": value}))["amount"] == value


def test_trailing_zeros_are_kept() -> None:
    assert json.encode(Decimal("1234.50")) == b"1234.50"


@pytest.mark.parametrize(
    "content",
    [
        b"NaN",
        b"Infinity",
        b'"\\ud800"',
        b'"a\\u0000b"',
        b"[" * 100_000,
        b'{"a": 1',
        b"\xff\xfe",
        b"",
    ],
)
def test_what_is_not_json_or_cannot_be_stored_is_refused(content: bytes) -> None:
    with pytest.raises(json.JsonError):
        json.decode(content)
