"""Write the web app's types of the API, `web/src/api/schema.ts`, from the OpenAPI document."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["TARGET", "api_types"]

Schema = dict[str, Any]

TARGET = Path(__file__).parents[1] / "web" / "src" / "api" / "schema.ts"

_HEAD = "// Written by `make openapi` from openapi.json: do not edit.\n"
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_PRIMITIVES = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
_JSON = "application/json"


def api_types(document: Schema) -> str:
    """The TypeScript of a document: an interface for each schema, and what each operation takes and gives."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    sent = _reachable(schemas, (_body(operation) for _, operation in _operations(document)))
    parts = [_HEAD]
    for name, schema in sorted(schemas.items()):
        # Answers hold every field they may hold; requests may leave out what has a default.
        parts.append(_declaration(name, schema, complete=name not in sent and name != "ErrorBody"))
    parts.append("export interface Operations {")
    parts += [f"  {json.dumps(key)}: {_operation(value)};" for key, value in _operations(document)]
    parts.append("}\n")
    return "\n".join(parts)


def _operations(document: Schema) -> Iterator[tuple[str, Schema]]:
    for path, methods in sorted(document["paths"].items()):
        for method, operation in sorted(methods.items()):
            yield f"{method.upper()} {path}", operation


def _body(operation: Schema) -> Schema:
    content: Schema = operation.get("requestBody", {}).get("content", {})
    schema: Schema = content.get(_JSON, {}).get("schema", {})
    return schema


def _reachable(schemas: dict[str, Schema], roots: Iterator[Schema]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(waiting.pop()))) - found
        found |= names
        waiting += [schemas[name] for name in names]
    return found


def _operation(operation: Schema) -> str:
    parameters = operation.get("parameters", [])
    parts = [f"{place}: {_parameters(parameters, place)}" for place in ("path", "query")]
    body = _body(operation)
    required = operation.get("requestBody", {}).get("required", False)
    parts.append(
        f"body: {_type(body) if body else 'undefined'}{'' if required or not body else ' | undefined'}"
    )
    parts.append(f"answer: {_answer(operation)}")
    return "{ " + "; ".join(parts) + " }"


def _parameters(parameters: list[Schema], place: str) -> str:
    chosen = [parameter for parameter in parameters if parameter["in"] == place]
    if not chosen:
        return "undefined"
    fields = (
        f"{_key(parameter['name'])}{'' if parameter.get('required') else '?'}: {_type(parameter['schema'])}"
        for parameter in chosen
    )
    return "{ " + "; ".join(fields) + " }"


def _answer(operation: Schema) -> str:
    for status, response in sorted(operation["responses"].items()):
        if status.startswith("2"):
            content = response.get("content", {})
            if _JSON in content:
                return _type(content[_JSON].get("schema", {}))
            return "string" if content else "undefined"
    return "undefined"


def _declaration(name: str, schema: Schema, *, complete: bool) -> str:
    if schema.get("type") != "object" or "properties" not in schema:
        return f"export type {name} = {_type(schema)};\n"
    required = set(schema.get("required", ()))
    fields = (
        f"  {_key(field)}{'' if complete or field in required else '?'}: {_type(value)};"
        for field, value in schema["properties"].items()
    )
    return "\n".join([f"export interface {name} {{", *fields, "}\n"])


def _type(schema: Schema) -> str:  # noqa: PLR0911 - one return for each form a schema may have
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(_type(option) for option in schema[union]))
    if schema.get("type") == "array":
        return f"({_type(schema['items'])})[]" if "items" in schema else "unknown[]"
    if schema.get("type") == "object" or "properties" in schema:
        return _object(schema)
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return " | ".join(_PRIMITIVES.get(kind, "unknown") for kind in kinds)
    return _PRIMITIVES.get(str(kinds), "unknown")


def _object(schema: Schema) -> str:
    if "properties" in schema:
        required = set(schema.get("required", ()))
        fields = (
            f"{_key(name)}{'' if name in required else '?'}: {_type(value)}"
            for name, value in schema["properties"].items()
        )
        return "{ " + "; ".join(fields) + " }"
    values = schema.get("additionalProperties")
    return f"Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>"


def _key(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else json.dumps(name)


if __name__ == "__main__":
    committed = Path(__file__).parents[1] / "openapi.json"
    TARGET.write_text(api_types(json.loads(committed.read_text(encoding="utf-8"))), encoding="utf-8")
