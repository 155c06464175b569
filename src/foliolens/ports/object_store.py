"""The object store: files go straight to it by pre-signed request, workers read them back."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct, field

__all__ = ["ObjectMissing", "ObjectStore", "UploadTicket", "checked_key"]

_KEY = re.compile(r"[a-z]+(/[A-Za-z0-9-]+)+\.csv")


def checked_key(key: str) -> str:
    """The key itself, if it is one a store may use: no key leaves the folder it names.

    Raises:
        ValueError: It is not.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key of this store: {key!r}")
    return key


class ObjectMissing(Exception):
    """There is no object under this key."""


class UploadTicket(Struct, frozen=True):
    """A pre-signed request: everything a client needs to send one file.

    Attributes:
        url: Where to send it.
        method: `PUT` with the file as the body, or `POST` with `fields` and the file as a form.
        headers: Headers the signature covers; send them as they are.
        fields: Form fields of a `POST`.
        expires_at: When the signature ends.
    """

    url: str
    method: Literal["PUT", "POST"]
    expires_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)


class ObjectStore(Protocol):
    """Stores uploaded files under keys; announces each complete object to the job queue."""

    def sign_upload(self, key: str, *, size: int, content_type: str, expires_at: datetime) -> UploadTicket:
        """Sign a request that stores exactly `size` bytes of `content_type` under `key`."""
        ...

    def read(self, key: str) -> bytes:
        """The object's content.

        Raises:
            ObjectMissing: There is none.
        """
        ...

    def exists(self, key: str) -> bool:
        """Whether a complete object is there."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is no error."""
        ...
