"""Reading what providers answer: typed, exact, and refused where it is not what it should be."""

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from foliolens.adapters.providers.client import Malformed
from foliolens.kit import json

__all__ = ["as_type", "decoded"]

_T = TypeVar("_T")


def decoded(body: bytes) -> Any:
    """The JSON of a body, numbers with a fraction as decimals.

    Raises:
        Malformed: It is no JSON.
    """
    try:
        return json.decode(body)
    except json.JsonError:
        raise Malformed("no JSON") from None


def as_type(kind: type[_T], value: Any) -> _T:
    """The decoded value as a type; fields that it does not name are left out.

    Raises:
        Malformed: A field is missing or of another type: a number in quotes is no number.
    """
    try:
        return msgspec.convert(value, kind, builtin_types=(Decimal,))
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
