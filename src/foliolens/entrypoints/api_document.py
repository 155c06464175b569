"""The OpenAPI document: FastAPI's, with what it assumes about every service put right for this one."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from foliolens.kit.http import ContractRoute

__all__ = ["DocumentedApi"]

_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")


class DocumentedApi(FastAPI):
    """A FastAPI application that describes itself exactly."""

    def openapi(self) -> dict[str, Any]:
        """The document; made once."""
        if self.openapi_schema is None:
            document = get_openapi(
                title=self.title,
                version=self.version,
                description=self.description,
                license_info=self.license_info,
                routes=[
                    route.documented() if isinstance(route, ContractRoute) else route for route in self.routes
                ],
                separate_input_output_schemas=self.separate_input_output_schemas,
            )
            _drop_framework_errors(document)
            self.openapi_schema = document
        return self.openapi_schema


def _drop_framework_errors(document: dict[str, Any]) -> None:
    """Take out the 422 that FastAPI adds to routes with parameters: invalid requests get our 400."""
    for operations in document["paths"].values():
        for operation in operations.values():
            if _names_framework_schema(operation["responses"].get("422", {})):
                del operation["responses"]["422"]
    for name in _FRAMEWORK_SCHEMAS:
        document["components"]["schemas"].pop(name, None)


def _names_framework_schema(response: dict[str, Any]) -> bool:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return bool(schema.get("$ref", "").endswith(_FRAMEWORK_SCHEMAS[0]))
