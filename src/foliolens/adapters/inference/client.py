"""Inference in the process beside the server, as an HTTP process asks for it."""

import asyncio
from pathlib import Path
from typing import Any, Literal

from foliolens.adapters.inference.messages import PING, RUNNING, receive, send
from foliolens.errors import FolioLensError, ServiceUnavailable

__all__ = ["ProcessInference", "state"]

_LONGEST = 120.0
"""Seconds after which an answer is not waited for: the process hangs, for no request takes so long."""


_BUSY = 1.0
"""Seconds after which a process that says nothing is taken to compute: others come before it."""


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
                answer = await _asked(self._socket, self._task, argument)
        except (OSError, EOFError) as error:  # a timeout is an OSError as well
            raise ServiceUnavailable(
                "The calculation was broken off: send the request again.", retry_after=1
            ) from error
        if isinstance(answer, FolioLensError):
            raise answer
        return answer


def state(socket: Path) -> Literal["ready", "idle", "busy"]:
    """How the inference process is, for a thread to ask; one that was not needed yet is not started for it.

    Raises:
        ServiceUnavailable: It cannot be reached.
    """
    if not socket.with_name(RUNNING).exists():
        return "idle"
    try:
        return asyncio.run(_pinged(socket))
    except (OSError, EOFError) as error:
        raise ServiceUnavailable("The inference process cannot be reached.") from error


async def _pinged(socket: Path) -> Literal["ready", "busy"]:
    try:
        async with asyncio.timeout(_BUSY):
            await _asked(socket, PING, None)
    except TimeoutError:
        return "busy"
    return "ready"


async def _asked(socket: Path, task: str, argument: Any) -> Any:
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        await send(writer, (task, argument))
        return await receive(reader)
    finally:
        writer.close()
