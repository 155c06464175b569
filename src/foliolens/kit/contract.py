"""What every answer of the HTTP contract has, whichever framework, or none, sends it."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from foliolens.errors import FieldProblem, FolioLensError, UnsupportedMediaType, ValidationFailed
from foliolens.kit import json

__all__ = ["SECURITY_HEADERS", "decode_body", "error_body", "request_id_of", "validation_failed"]

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Headers of every response that does not say otherwise itself."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_DECIMAL = re.compile(r"Decimal\('([^']*)'\)")


def request_id_of(offered: str | None) -> str:
    """A client's own request id where it is harmless, else a new one."""
    return offered if offered and _REQUEST_ID.fullmatch(offered) else str(uuid4())


def decode_body(body: bytes, content_type: str | None) -> Any:
    """Read the body of a request; None where there is none.

    Raises:
        UnsupportedMediaType: It is not said to be JSON.
        ValidationFailed: It is no JSON.
    """
    if not body:
        return None
    if not _is_json(content_type):
        raise UnsupportedMediaType
    try:
        decoded = json.decode(body)
    except json.JsonError as error:
        message = f"The body is not valid JSON: {error}"
        raise ValidationFailed.of("body", "INVALID_JSON", message) from error
    # A number has attributes and no fields: a model that demands none would be read from a `Decimal`.
    return float(decoded) if isinstance(decoded, Decimal) else decoded


def error_body(error: FolioLensError, request_id: str) -> bytes:
    """Write an error as the contract's body."""
    body: dict[str, object] = {"error": error.code, "message": error.message}
    if error.details is not None:
        body["details"] = error.details
    body["requestId"] = request_id
    return json.encode(body)


def validation_failed(problems: Sequence[Mapping[str, Any]]) -> ValidationFailed:
    """Turn pydantic's problems, whose places begin with `body` or `query`, into the contract's."""
    details = [
        FieldProblem(
            field=".".join(str(part) for part in problem["loc"][1:]) or str(problem["loc"][0]),
            code=_code_of(problem["type"]),
            message=_message_of(problem),
        )
        for problem in problems
    ]
    first = details[0]
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    return ValidationFailed(f"{first['field']}: {first['message']}{more}", details=details)


def _code_of(kind: str) -> str:
    if kind == "missing":
        return "MISSING_REQUIRED_FIELD"
    if kind == "extra_forbidden":
        return "UNKNOWN_FIELD"
    if kind.endswith(("_type", "_parsing")):
        return "INVALID_TYPE"
    if kind.isupper():  # a validator of ours that brings its own code
        return kind
    return "INVALID_VALUE"


def _message_of(problem: Mapping[str, Any]) -> str:
    if problem["type"] == "missing":
        return "This field is required."
    if problem["type"] == "extra_forbidden":
        return "There is no such field: check the spelling or leave it out."
    if problem["type"] == "string_pattern_mismatch":
        return "The text has characters or a form that is not allowed here."
    message = _DECIMAL.sub(r"\1", str(problem["msg"]).removeprefix("Value error, "))
    return message[:1].upper() + message[1:] + "."


def _is_json(content_type: str | None) -> bool:
    media_type = (content_type or "application/json").partition(";")[0].strip().lower()
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
