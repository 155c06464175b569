"""The object store on disk: signed URLs, durable writes, and the announcement of each file.

The signature covers method, path, size, content type and expiry, as a pre-signed request to S3 does. A
file appears under its key complete or not at all, and the client is told so only after the message about
it is in the queue.
"""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from foliolens.ports.object_store import ObjectMissing, UploadTicket, checked_key

__all__ = ["DiskObjectStore", "load_or_create_secret"]

_PARTIAL_LIFETIME_SECONDS = 3600


class DiskObjectStore:
    """Objects as files below a folder.

    Args:
        folder: Where objects are kept; created when missing.
        secret: Signs requests; every process on the folder shares it.
    """

    def __init__(self, folder: Path, secret: bytes) -> None:
        self._folder = folder
        self._secret = secret
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def sign_upload(self, key: str, *, size: int, content_type: str, expires_at: datetime) -> UploadTicket:
        """Sign a PUT of exactly this many bytes; the URL is a path on this server."""
        expires = str(int(expires_at.timestamp()))
        query = {"expires": expires, "size": str(size), "type": content_type}
        query["signature"] = self._signature("PUT", key, query)
        return UploadTicket(
            url=f"/objects/{quote(key)}?{urlencode(query)}",
            method="PUT",
            expires_at=datetime.fromtimestamp(int(expires), UTC),
            headers={"Content-Type": content_type},
        )

    def signature_is_good(self, method: str, key: str, query: Mapping[str, str]) -> bool:
        """Whether a request carries the signature this store gave out for it."""
        expected = self._signature(method, key, query)
        return hmac.compare_digest(expected.encode(), query.get("signature", "").encode())

    def partial_file(self) -> Path:
        """A fresh path, on the same file system, to receive a file in."""
        incoming = self._folder / ".incoming"
        incoming.mkdir(exist_ok=True, mode=0o700)
        return incoming / secrets.token_hex(16)

    def forget_partial_files(self) -> int:
        """Remove files whose sending was cut off long ago, by a crash of ours; returns how many."""
        oldest = time.time() - _PARTIAL_LIFETIME_SECONDS
        abandoned = [path for path in (self._folder / ".incoming").glob("*") if path.stat().st_mtime < oldest]
        for path in abandoned:
            path.unlink(missing_ok=True)
        return len(abandoned)

    def publish(self, partial: Path, key: str) -> None:
        """Make a received file the object of a key, durably."""
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.replace(target)
        _sync_folder(target.parent)
        _sync_folder(target.parent.parent)

    def read(self, key: str) -> bytes:
        """The object's content.

        Raises:
            ObjectMissing: There is none.
        """
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError as error:
            raise ObjectMissing(key) from error

    def exists(self, key: str) -> bool:
        """Whether a complete object is there."""
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is no error."""
        path = self._path(key)
        path.unlink(missing_ok=True)
        with suppress(OSError):  # the user's folder holds other files, or is gone already
            path.parent.rmdir()

    def _path(self, key: str) -> Path:
        return self._folder / checked_key(key)

    def _signature(self, method: str, key: str, query: Mapping[str, str]) -> str:
        signed = "\n".join((method, key, *(query.get(name, "") for name in ("expires", "size", "type"))))
        return hmac.new(self._secret, signed.encode(), hashlib.sha256).hexdigest()


def load_or_create_secret(path: Path) -> bytes:
    """The secret kept in a file only we can read; two processes that create it at once agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        candidate = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(candidate, path)
        except FileExistsError:
            pass  # another process was first: its secret is the one
        finally:
            candidate.unlink()
    return path.read_bytes()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
