"""What the gateway asks of a body before it wakes a function: the shape that the API document asks for."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["request_model"]

_DOCUMENT: Final = Path(__file__).resolve().parents[1] / "openapi.json"
_SHAPE: Final = ("type", "required", "enum", "minItems", "maxItems", "minLength", "maxLength")
"""What draft 4 of JSON Schema, which the gateway reads, says as our document's draft does. Patterns and the
bounds of numbers are not among it: the function looks at those, and says which entry is wrong."""
_CHOICES: Final = ("anyOf", "oneOf")


def request_model(path: str) -> dict[str, Any]:
    """The schema of the body of a POST, for the gateway: all that our contract accepts is accepted.

    Args:
        path: As in the API document, `/v1` included.

    Raises:
        KeyError: There is no such POST.
    """
    document = json.loads(_DOCUMENT.read_text(encoding="utf-8"))
    body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        **_shape(body, document["components"]["schemas"]),
    }


def _shape(schema: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return _shape(known[schema["$ref"].rpartition("/")[2]], known)
    shape = {name: schema[name] for name in _SHAPE if name in schema}
    if "properties" in schema:
        shape["properties"] = {name: _shape(each, known) for name, each in schema["properties"].items()}
    if "items" in schema:
        shape["items"] = _shape(schema["items"], known)
    for choice in _CHOICES:
        if choice in schema:
            shape[choice] = [_shape(each, known) for each in schema[choice]]
    return shape
