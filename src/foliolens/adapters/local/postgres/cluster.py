"""Creating the data folder, and the settings the server runs with."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foliolens.adapters.local.postgres.errors import EmbeddedPostgresError
from foliolens.adapters.local.postgres.ownership import Identity, sync_folder
from foliolens.adapters.local.postgres.process import Launcher

__all__ = ["ROLE", "create_cluster", "is_embedded", "marker", "settings"]

ROLE = "foliolens"

_INITDB = (
    f"--username={ROLE}",
    "--pwfile=/dev/stdin",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    # PostgreSQL's own C.UTF-8 sorts alike everywhere, and after an upgrade of the C library too.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
_EMBEDDED = re.compile(r"(^postgres: | cluster_name=)foliolens-[0-9a-f]{16}\b")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "wal_compression": "on",
    "max_logical_replication_workers": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_checkpoints": "off",
    # Statements and details of errors quote users' data: they stay out of the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


def settings(data: Path, port: int, *, durable: bool) -> list[str]:
    """Command line arguments of the server: nothing secret in them, nothing left to configuration files."""
    chosen = _SETTINGS | (_DURABLE if durable else _FORGETFUL)
    chosen |= {"port": str(port), "cluster_name": marker(data)}
    return [argument for name, value in chosen.items() for argument in ("-c", f"{name}={value}")]


def marker(data: Path) -> str:
    """The `cluster_name` by which processes of this data folder's server are known; survives a rename."""
    found = data.stat()
    return f"foliolens-{hashlib.sha256(f'{found.st_dev}:{found.st_ino}'.encode()).hexdigest()[:16]}"


def is_embedded(command: str) -> bool:
    """Whether a server process's command line shows that it was started here, on whatever folder."""
    return _EMBEDDED.search(command) is not None


def create_cluster(data: Path, password: str, launcher: Launcher, *, durable: bool, timeout: float) -> None:
    """Make the data folder: complete, synced to disk, and only then under its name.

    Args:
        data: The folder to create.
        password: Of the owner role.
        launcher: Runs `initdb`.
        durable: Whether it must survive a power failure from the first moment.
        timeout: Seconds.

    Raises:
        EmbeddedPostgresError: `initdb` failed.
    """
    for remnant in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(remnant)
    fresh = data.with_name(f"{data.name}.new-{secrets.token_hex(4)}")
    fresh.mkdir(mode=0o700)
    try:
        if launcher.identity:
            os.chown(fresh, launcher.identity.uid, launcher.identity.gid, follow_symlinks=False)
        _initdb(fresh, password, launcher, durable=durable, timeout=timeout)
        fresh.rename(data)
        sync_folder(data.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _initdb(folder: Path, password: str, launcher: Launcher, *, durable: bool, timeout: float) -> None:
    arguments = _INITDB if durable else (*_INITDB, "--no-sync")
    with _secret_input(password, launcher.identity) as stdin:
        initdb = launcher.start("initdb", folder, arguments, stdin=stdin, output=subprocess.PIPE)
    try:
        output, _ = initdb.communicate(timeout=timeout)
    except BaseException as error:
        initdb.kill()
        initdb.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise EmbeddedPostgresError(
                f"Creating the database took longer than {timeout:.0f} s", "Try again, or look at the disk"
            ) from error
        raise
    if initdb.returncode == 0:
        return
    log = output.decode(errors="replace")
    hint = "Mend what initdb complains about, or set FOLIOLENS_DATABASE_URL to a server of your own"
    if "could not look up effective user ID" in log:
        hint = "PostgreSQL needs a user with a name: run as a user /etc/passwd knows"
    raise EmbeddedPostgresError(f"Cannot create a database in {folder.parent}", hint, log[-2000:])


@contextmanager
def _secret_input(secret: str, identity: Identity | None) -> Iterator[int]:
    """A pipe to read a line from: neither command lines nor files show it."""
    reading, writing = os.pipe()
    try:
        if identity:
            os.fchown(reading, identity.uid, identity.gid)  # initdb opens it by name
        os.write(writing, f"{secret}\n".encode())
        os.close(writing)
        yield reading
    finally:
        os.close(reading)
