"""The HTTP side of the disk object store: receives files by signed PUT, enforcing what was signed."""

import asyncio
import errno
import logging
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from foliolens.adapters.local.disk_store import DiskObjectStore
from foliolens.errors import (
    BodyTooSlow,
    FolioLensError,
    Forbidden,
    MethodNotAllowed,
    PayloadTooLarge,
    ServiceUnavailable,
    StorageFull,
    UnsupportedMediaType,
    ValidationFailed,
)
from foliolens.kit.http import error_response
from foliolens.kit.logging import request_id
from foliolens.ports.clock import Clock
from foliolens.ports.job_queue import JobQueue

__all__ = ["ObjectReceiver"]

_log = logging.getLogger(__name__)

_PREFIX = "/objects/"
_MOST_AT_ONCE = 64
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class ObjectReceiver:
    """ASGI application under `/objects/`.

    Args:
        store: Checks signatures and keeps files.
        queue: Told about each complete file.
        clock: Decides whether a signature has expired.
        announce: The kind of message to send.
        idle_seconds: How long the next part of a file may take.
    """

    def __init__(
        self,
        store: DiskObjectStore,
        queue: JobQueue,
        clock: Clock,
        announce: str,
        *,
        idle_seconds: float = 30.0,
    ) -> None:
        self._store = store
        self._queue = queue
        self._clock = clock
        self._announce = announce
        self._idle_seconds = idle_seconds
        self._free = _MOST_AT_ONCE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            await self._admit(Request(scope, receive))
        except FolioLensError as error:
            response = error_response(error, request_id.get())
        except ClientDisconnect:
            return
        else:
            response = Response(status_code=200)
        await response(scope, receive, send)

    async def _admit(self, request: Request) -> None:
        """Receive the file, unless too many are being received."""
        if not self._free:
            raise ServiceUnavailable("Too many files are being received: send it again shortly.")
        self._free -= 1
        try:
            await self._receive(request)
        except OSError as error:
            _log.exception("a file could not be stored")
            if error.errno in _NO_SPACE:
                raise StorageFull from error
            raise ServiceUnavailable("The file could not be stored: send it again shortly.") from error
        finally:
            self._free += 1

    async def _receive(self, request: Request) -> None:
        if request.method != "PUT":
            message = "Send the file with PUT, as the upload's `method` says."
            raise MethodNotAllowed(message, headers={"Allow": "PUT"})
        key = request.url.path.removeprefix(_PREFIX)
        query = dict(request.query_params)
        self._check(request, key, query)
        partial = self._store.partial_file()
        try:
            await self._save(request.stream(), partial, int(query["size"]))
            await run_in_threadpool(self._accept, partial, key)
        finally:
            partial.unlink(missing_ok=True)

    def _check(self, request: Request, key: str, query: Mapping[str, str]) -> None:
        if not self._store.signature_is_good("PUT", key, query):
            raise Forbidden("The upload URL is not one we signed: ask for a new upload.")
        if int(query["expires"]) < self._clock.now().timestamp():
            raise Forbidden("The upload URL has expired: ask for a new upload.")
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != query["type"]:
            raise UnsupportedMediaType(f"The upload was signed for {query['type']}: send that Content-Type.")
        length = request.headers.get("content-length")
        if length is not None and length != query["size"]:
            raise _wrong_size(int(query["size"]), length)

    async def _save(self, chunks: AsyncIterator[bytes], path: Path, size: int) -> None:
        """Write a stream to a file and to the disk; refuses any other size than the signed one."""
        received = 0
        with path.open("xb") as file:
            path.chmod(0o600)
            while (chunk := await self._next(chunks)) is not None:
                received += len(chunk)
                if received > size:
                    raise _wrong_size(size, f"more than {size}")
                file.write(chunk)
            if received != size:
                raise _wrong_size(size, str(received))
            file.flush()
            await run_in_threadpool(os.fsync, file.fileno())

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        try:
            async with asyncio.timeout(self._idle_seconds):
                return await anext(chunks, None)
        except TimeoutError:
            raise BodyTooSlow from None

    def _accept(self, partial: Path, key: str) -> None:
        self._store.publish(partial, key)
        self._queue.send(self._announce, {"key": key}, request_id.get())


def _wrong_size(signed: int, received: str) -> FolioLensError:
    message = f"The upload was signed for {signed} bytes, the file has {received}: ask for a new upload."
    if received.isdigit() and int(received) < signed:
        return ValidationFailed.of("file", "INCOMPLETE_FILE", message)
    return PayloadTooLarge(message)
