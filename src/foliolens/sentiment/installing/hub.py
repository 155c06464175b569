"""A model hub's plain HTTPS interface: what a file's hash is, and the file, resumed where it was cut off.

The standard library does it: one command that runs now and then is no reason for a dependency of every
installation. Proxies of the environment and the system's certificates are honoured.
"""

import hashlib
import http.client
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from msgspec import Struct

from foliolens import __version__

__all__ = ["Hub", "HubFile", "HubProblem", "OnBytes"]

_Answer = TypeVar("_Answer")

OnBytes = Callable[[str, int, int], None]
"""Told the file's name, the bytes that are there, and the bytes there will be."""

_TIMEOUT_SECONDS = 30.0
_ATTEMPTS = 5
_CHUNK = 1 << 20
_POINTER_MOST_BYTES = 1024
_POINTER = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
_POINTER_SIZE = re.compile(rb"^size (\d+)$", re.MULTILINE)
_DIGEST = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")


class HubProblem(Exception):
    """A file cannot be had from the hub.

    Args:
        message: What went wrong, in one line.
        final: Whether trying again at once is of no use.
    """

    def __init__(self, message: str, *, final: bool = True) -> None:
        self.final = final
        super().__init__(message)


class HubFile(Struct, frozen=True):
    """A file as the hub publishes it.

    Attributes:
        path: In the repository.
        url: Where its bytes are.
        size: In bytes.
        digest: SHA-256 (64 digits) of the content, or for small files git's SHA-1 (40 digits) of the blob.
    """

    path: str
    url: str
    size: int
    digest: str


class Hub:
    """One hub or a mirror of it.

    Args:
        base: Its URL.
        pause: Seconds before the first repetition; doubled each time.
    """

    def __init__(self, base: str, *, pause: float = 1.0) -> None:
        self._base = base.rstrip("/")
        self._pause = pause
        self._reached = False

    def look_up(self, repository: str, path: str, revision: str = "main") -> HubFile:
        """Size and hash of a file, without its content.

        Raises:
            HubProblem: No connection, no such file, or no hash to check it with.
        """
        url = f"{self._base}/{repository}/resolve/{quote(revision)}/{quote(path)}"
        hops = self._repeated(path, lambda: self._head(url))
        digest = _first(hops, "X-Linked-ETag") or _digest_in(hops[-1].get("ETag"))
        size = _first(hops, "X-Linked-Size") or hops[-1].get("Content-Length")
        if digest is None or size is None:
            pointer = f"{self._base}/{repository}/raw/{quote(revision)}/{quote(path)}"
            digest, size = self._repeated(path, lambda: self._pointer(pointer))
        if digest is None or size is None:
            raise HubProblem(f"{self._base} publishes no hash of {path}, so it cannot be checked.")
        return HubFile(path, url, int(size), digest)

    def fetch(self, file: HubFile, target: Path, on_bytes: OnBytes) -> None:
        """Download a file, going on where an earlier attempt was cut off, and check its hash.

        Args:
            file: What `look_up` found.
            target: Where it ends up, complete and checked; beside it the part that is there so far.
            on_bytes: Told of the progress.

        Raises:
            HubProblem: It could not be completed; what was received stays for the next attempt. Or the
                content has another hash; it was deleted.
        """
        if target.is_file() and _digest_of(target, file.digest) == file.digest:
            on_bytes(file.path, file.size, file.size)
            return
        part = target.with_name(f"{target.name}.{file.digest[:12]}.part")
        self._repeated(file.path, lambda: self._receive(file, part, on_bytes), lambda: _size_of(part))
        if _digest_of(part, file.digest) != file.digest:
            part.unlink()
            raise HubProblem(f"{file.path} arrived with another hash than the hub publishes; it was deleted.")
        part.replace(target)

    def _receive(self, file: HubFile, part: Path, on_bytes: OnBytes) -> None:
        received = _size_of(part)
        if received > file.size:
            part.unlink()
            received = 0
        if received == file.size and part.exists():
            return
        headers = {"Range": f"bytes={received}-"} if received else {}
        with _answer(Request(file.url, headers=headers)) as answer:  # noqa: S310 - the setting allows http(s) only
            if answer.status != http.client.PARTIAL_CONTENT:  # sends it whole
                received = 0
            with part.open("ab" if received else "wb") as opened:
                while chunk := answer.read(_CHUNK):
                    opened.write(chunk)
                    received += len(chunk)
                    on_bytes(file.path, received, file.size)
        if received < file.size:
            raise ConnectionError(f"cut off after {received} of {file.size} bytes")

    def _head(self, url: str) -> list[Message]:
        seen: list[Message] = []
        request = Request(url, method="HEAD")  # noqa: S310 - the setting allows http(s) only
        try:
            with _answer(request, _FollowOnSameHost(seen)) as answer:
                return [*seen, answer.headers]
        except HTTPError as error:
            if error.code in range(300, 400):  # to the hub's storage, which knows less about the file
                return [*seen, error.headers]
            raise

    @staticmethod
    def _pointer(url: str) -> tuple[str | None, str | None]:
        try:
            with _answer(Request(url)) as answer:  # noqa: S310 - the setting allows http(s) only
                text: bytes = answer.read(_POINTER_MOST_BYTES)
        except HTTPError as error:
            if error.code == http.client.NOT_FOUND:
                return None, None
            raise
        digest, size = _POINTER.search(text), _POINTER_SIZE.search(text)
        return (digest.group(1).decode(), size.group(1).decode()) if digest and size else (None, None)

    def _repeated(
        self, path: str, attempt: Callable[[], _Answer], progress: Callable[[], int] = lambda: 0
    ) -> _Answer:
        """Attempt it until it works; give up after some attempts in a row that brought nothing."""
        vain, there = 0, progress()
        while True:
            try:
                answer = attempt()
            except (OSError, http.client.HTTPException) as error:
                problem = self._problem(path, error)
                if progress() > there:
                    vain, there = 0, progress()
                vain += 1
                if problem.final or vain == _ATTEMPTS:
                    raise problem from error
            else:
                self._reached = True
                return answer
            time.sleep(self._pause * 2 ** (vain - 1))

    def _problem(self, path: str, error: OSError | http.client.HTTPException) -> HubProblem:
        if isinstance(error, HTTPError):
            error.close()
            self._reached = True
            transient = error.code >= 500 or error.code == http.client.TOO_MANY_REQUESTS
            return HubProblem(f"{self._base} answers {error.code} for {path}.", final=not transient)
        reason = error.reason if isinstance(error, URLError) else error
        # Without any answer so far there is no network, or a wrong address: waiting does not help.
        return HubProblem(f"{self._base} cannot be reached: {reason}.", final=not self._reached)


class _FollowOnSameHost(HTTPRedirectHandler):
    """Follows redirects within the hub, and remembers what each said; leaves those to elsewhere alone."""

    def __init__(self, seen: list[Message]) -> None:
        self._seen = seen

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],  # noqa: ARG002 - urllib's signature
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: Any,
        newurl: str,
    ) -> Request | None:
        """Follow within the host only."""
        if urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            return None
        self._seen.append(headers)
        return Request(newurl, method="HEAD")  # noqa: S310 - the same host


@contextmanager
def _answer(request: Request, *handlers: HTTPRedirectHandler) -> Iterator[Any]:
    request.add_header("User-Agent", f"foliolens/{__version__}")
    with build_opener(*handlers).open(request, timeout=_TIMEOUT_SECONDS) as answer:
        yield answer


def _size_of(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _first(hops: list[Message], name: str) -> str | None:
    for headers in hops:
        value = headers.get(name)
        if value is not None:
            return _digest_in(value) if name.endswith("ETag") else value
    return None


def _digest_in(etag: str | None) -> str | None:
    text = (etag or "").removeprefix("W/").strip('"').lower()
    return text if _DIGEST.fullmatch(text) else None


def _digest_of(path: Path, like: str) -> str:
    sha256 = len(like) == 64  # digits of a SHA-256
    # Git's hash of a blob; only to compare with what the hub states.
    digest = hashlib.sha256() if sha256 else hashlib.sha1(usedforsecurity=False)
    if not sha256:
        digest.update(f"blob {path.stat().st_size}\0".encode())
    with path.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
