"""Who the server runs as, and the small private files we keep beside its data."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from msgspec import Struct

if sys.platform != "win32":
    import fcntl
    import pwd

from foliolens.adapters.local.postgres.errors import EmbeddedPostgresError

__all__ = ["Identity", "lock", "open_private", "server_identity", "sync_folder", "write_private"]

_NOBODY = 65534


class Identity(Struct, frozen=True):
    """The user and group the server runs as when we are root."""

    uid: int
    gid: int


def server_identity(folder: Path, data: Path) -> Identity | None:
    """Who the server must run as: `None` for ourselves, somebody else when we are root.

    Root gives way to the owner of the data, else to the owner of the folder if that has a name (`initdb`
    wants one; a folder mounted into a container often belongs to a user unknown there), else to `nobody`.

    Raises:
        EmbeddedPostgresError: We are root, and there is no `/proc` to reach the data through.
    """
    if os.geteuid() != 0:
        return None
    if not Path("/proc/self/fd").is_dir():
        raise EmbeddedPostgresError(
            "The embedded PostgreSQL runs for root only on Linux with /proc", "Run as an ordinary user"
        )
    owner = (data if data.exists() else folder).stat()
    if owner.st_uid != 0 and (data.exists() or _has_name(owner.st_uid)):
        return Identity(owner.st_uid, owner.st_gid)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Identity(_NOBODY, _NOBODY)
    return Identity(entry.pw_uid, entry.pw_gid)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def write_private(path: Path, text: str) -> None:
    """Replace `path` durably and at once by a file of mode 0600 which belongs to the owner of its folder."""
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            _give_to_folder_owner(file.fileno(), path.parent)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def open_private(path: Path, flags: int) -> int:
    """Open or create a file of mode 0600 which belongs to the owner of its folder; never follows a link."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    _give_to_folder_owner(descriptor, path.parent)
    return descriptor


def _give_to_folder_owner(descriptor: int, folder: Path) -> None:
    """As root, leave files to the user whose folder it is, who may want to start the server without us."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def sync_folder(folder: Path) -> None:
    """Make renames within `folder` survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock(path: Path) -> int | None:
    """Take the exclusive lock on `path` without waiting.

    Returns:
        A descriptor which holds the lock until it and its copies in child processes are closed;
        `None` if somebody else holds it.
    """
    descriptor = open_private(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
