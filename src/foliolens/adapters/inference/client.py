"""Inference in the process beside the server, as an HTTP process asks for it."""

import asyncio
from pathlib import Path
from typing import Any

from foliolens.adapters.inference.messages import receive, send
from foliolens.errors import FolioLensError, ServiceUnavailable

__all__ = ["ProcessInference"]

_LONGEST = 120.0
"""Seconds after which an answer is not waited for: the process hangs, for no request takes so long."""


class ProcessInference:
    """Asks the inference process, over a connection for each request, so that giving up is hanging up.

    Args:
        socket: Where it listens.
        task: Which of its functions.
    """

    def __init__(self, socket: Path, task: str) -> None:
        self._socket = socket
        self._task = task

    async def __call__(self, argument: Any, /) -> Any:
        """Compute.

        Raises:
            FolioLensError: What the function raises.
            ServiceUnavailable: The process ended before it answered, or hangs.
        """
        try:
            async with asyncio.timeout(_LONGEST):
                answer = await self._answer(argument)
        except (OSError, EOFError) as error:  # a timeout is an OSError as well
            raise ServiceUnavailable(
                "The calculation was broken off: send the request again.", retry_after=1
            ) from error
        if isinstance(answer, FolioLensError):
            raise answer
        return answer

    async def _answer(self, argument: Any) -> Any:
        reader, writer = await asyncio.open_unix_connection(self._socket)
        try:
            await send(writer, (self._task, argument))
            return await receive(reader)
        finally:
            writer.close()
