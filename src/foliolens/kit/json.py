"""JSON at the edge: decimals stay decimals in both directions, and hostile JSON is refused.

msgspec reads numbers with a fraction straight into `Decimal` and writes a `Decimal` as a JSON number, so
no binary float ever touches money. It refuses NaN, infinities and lone surrogates, as RFC 8259 does.
"""

from decimal import Decimal
from typing import Any

import msgspec

__all__ = ["JsonError", "decode", "encode"]

_encoder = msgspec.json.Encoder(decimal_format="number", uuid_format="canonical", order=None)
# Every double lies within, so this is what other readers and writers know; arithmetic on more overflows.
_LARGEST_EXPONENT = 324
_LONGEST_NUMBER = 400


class JsonError(ValueError):
    """The text is not JSON, or holds what no field of ours can hold."""


def _decimal(text: str) -> Decimal:
    value = Decimal(text)
    if len(text) > _LONGEST_NUMBER or abs(value.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError("A number is out of range.")
    return value


_decoder = msgspec.json.Decoder(float_hook=_decimal)


def encode(value: object) -> bytes:
    """Write plain data (dict, list, str, int, float, Decimal, UUID, datetime, None) as JSON."""
    return _encoder.encode(value)


def decode(content: bytes | str) -> Any:
    """Read JSON; numbers with a fraction or an exponent become `Decimal`.

    Raises:
        JsonError: Not JSON, nested too deeply, with a number beyond the range of a double, or with a NUL
            character, which PostgreSQL cannot store.
    """
    if b"\\u0000" in (content.encode() if isinstance(content, str) else content):
        raise JsonError("The character U+0000 is not allowed.")
    try:
        return _decoder.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise JsonError(str(error)) from error
    except RecursionError as error:
        raise JsonError("The JSON is nested too deeply.") from error
