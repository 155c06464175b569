"""One Lambda function calling another, and waiting for its answer."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from foliolens.adapters.aws import clients
from foliolens.errors import ServiceUnavailable

__all__ = ["FunctionCall"]

_log = logging.getLogger(__name__)


class FunctionCall:
    """Calls one function.

    Args:
        function: Its ARN, with the alias.
    """

    def __init__(self, function: str) -> None:
        self._function = function

    def __call__(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Hand over an event and wait for what the function returns.

        Raises:
            ServiceUnavailable: It could not be called, or failed; its own log says why.
        """
        functions = clients.functions()
        try:
            answer = functions.invoke(FunctionName=self._function, Payload=json.dumps(event).encode())
            told: dict[str, Any] = json.loads(answer["Payload"].read())
        except (functions.exceptions.ClientError, clients.unreachable()) as error:
            _log.exception("a function could not be called")
            raise ServiceUnavailable from error
        if "FunctionError" in answer:
            _log.error("a function that was called failed", extra={"error": told.get("errorType")})
            raise ServiceUnavailable
        return told
