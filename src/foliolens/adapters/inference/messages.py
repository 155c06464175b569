"""What passes between a server and its inference process: pickled objects, each after its length.

Pickle, since both ends are the same code of the same user, and the socket lies in a folder that nobody else
may enter; who could write into it could do anything to the server already.
"""

import asyncio
import pickle
import struct
from typing import Any

__all__ = ["BACKLOG", "PING", "RUNNING", "receive", "send"]

BACKLOG = 1024
"""Connections that may wait to be accepted, while the process is busy or being started."""

PING = "ping"
"""A task that every process knows: it answers at once, whatever it computes."""

RUNNING = "running"
"""A file beside the socket, which is there while there is a process."""

_LENGTH = struct.Struct("!I")


async def send(writer: asyncio.StreamWriter, message: object) -> None:
    """Write a message.

    Raises:
        OSError: The other end is gone.
    """
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    writer.write(_LENGTH.pack(len(content)) + content)
    await writer.drain()


async def receive(reader: asyncio.StreamReader) -> Any:
    """Read a message.

    Raises:
        EOFError: The other end is gone, with or without a part of it.
        OSError: See EOFError.
    """
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    return pickle.loads(await reader.readexactly(length))  # noqa: S301 - see above
