"""The inference process: takes requests from a socket, computes one of each kind at a time."""

import asyncio
import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from foliolens.adapters.inference.messages import BACKLOG, PING, receive, send
from foliolens.errors import FolioLensError, InternalError

__all__ = ["Calculation", "end_with", "serve"]

_log = logging.getLogger(__name__)

Calculation = Callable[[Any], Any]


def serve(listener: socket.socket, tasks: Mapping[str, Calculation]) -> None:
    """Answer for ever.

    Args:
        listener: Listens already.
        tasks: What can be computed, by name. Each has one thread: what one model takes two seconds for does
            not keep another's two milliseconds waiting.
    """
    asyncio.run(_Host(tasks).serve(listener))


def end_with(lifeline: int) -> None:
    """End this process as soon as the other end of a pipe is closed, however that came about.

    Nothing is finished first: the server closes it when no request is under way, or is gone itself.

    Args:
        lifeline: The descriptor to read from.
    """

    def watch() -> None:
        os.read(lifeline, 1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True, name="lifeline").start()


class _Host:
    def __init__(self, tasks: Mapping[str, Calculation]) -> None:
        self._tasks = tasks
        self._threads = {name: ThreadPoolExecutor(1, thread_name_prefix=name) for name in tasks}

    async def serve(self, listener: socket.socket) -> None:
        server = await asyncio.start_unix_server(self._answer, sock=listener, backlog=BACKLOG)
        await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):  # whoever asked has hung up
            task, argument = await receive(reader)
            if task == PING:
                await send(writer, PING)
                writer.close()
                return
            thread = self._threads[task]
            work = asyncio.get_running_loop().run_in_executor(thread, _outcome, self._tasks[task], argument)
            hung_up = asyncio.ensure_future(reader.read(1))
            await asyncio.wait((work, hung_up), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await send(writer, work.result())
            work.cancel()  # no one waits for it; what has not begun will not begin
            hung_up.cancel()
        writer.close()


def _outcome(calculate: Calculation, argument: Any) -> Any:
    """The result, or the error that a client is told."""
    try:
        return calculate(argument)
    except FolioLensError as error:
        return error
    except Exception:
        _log.exception("a calculation failed")
        return InternalError()
