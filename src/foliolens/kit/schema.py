"""Base models of the HTTP contract, and the strict field types they share.

Requests are strict: a string is not a number, an unknown field is an error. Keys are camelCase. Money is a
JSON number that is read into `Decimal` and written from it, never through a binary float.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel

__all__ = [
    "NO_NUL",
    "PLAIN_TEXT",
    "WHOLE",
    "DecimalNumber",
    "RequestModel",
    "ResponseModel",
    "Ticker",
    "Timestamp",
]


class RequestModel(BaseModel):
    """Base of every request body: strict, camelCase, no unknown fields, immutable."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, extra="forbid", frozen=True)


class ResponseModel(BaseModel):
    """Base of every response body: camelCase, immutable."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, serialize_by_alias=True
    )


def _to_decimal(value: object) -> Decimal:
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise ValueError("must be a JSON number")


DecimalNumber = Annotated[Decimal, BeforeValidator(_to_decimal), WithJsonSchema({"type": "number"})]
"""A JSON number, exact. Bounds belong to the domain's validation, which reports every problem at once."""

_MOST_DIGITS = 18


def _to_int(value: object) -> object:
    if isinstance(value, Decimal) and value.adjusted() < _MOST_DIGITS and value == value.to_integral_value():
        return int(value)
    return value


WHOLE = BeforeValidator(_to_int)
"""For `int` fields: `2.0` and `2e0` are the same JSON number as `2`."""

Timestamp = datetime
"""A point in time, UTC, written as ISO 8601."""


Ticker = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9^][A-Za-z0-9.^=-]{0,19}$"), AfterValidator(str.upper)
]
"""The symbol of something with a price, an index such as `^GSPC` too; letters are read as capitals."""

NO_NUL = r"^[^\x00]*$"
"""The pattern of text in which anything goes but U+0000, which `kit.json` refuses wherever it stands."""

PLAIN_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""The pattern of text people write: no control characters but line breaks and tabs."""
