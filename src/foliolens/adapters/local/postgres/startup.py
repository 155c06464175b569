"""Bringing a server up on a data folder, whatever the last one left behind."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

from foliolens.adapters.local.postgres.cluster import is_embedded, marker, settings
from foliolens.adapters.local.postgres.errors import EmbeddedPostgresError
from foliolens.adapters.local.postgres.ownership import lock, open_private
from foliolens.adapters.local.postgres.process import (
    Guardian,
    Launcher,
    command_of,
    end,
    end_orphans,
    is_postgres,
    shorten,
)

__all__ = ["await_last_server", "discard_stale_pid_file", "start_server"]

_POLL = 0.01  # seconds
_PORT_ATTEMPTS = 5
_PORT_TAKEN = "could not create any TCP/IP sockets"
_GIVE_UP_PATIENCE = 5.0  # seconds for the shutdown of a server which did not come up in time
_LOG_TAIL = 3000  # bytes


def await_last_server(lock_path: Path, data: Path, deadline: float) -> int:
    """Take the lock which every server process holds, ending a server which outlived its parent.

    Returns:
        The descriptor of the lock. Having it means that no process of an earlier server is left.

    Raises:
        EmbeddedPostgresError: The last server does not end.
    """
    taken: list[int] = []

    def is_gone() -> bool:
        descriptor = lock(lock_path)
        if descriptor is not None:
            taken.append(descriptor)
        return descriptor is not None

    # Without a data folder it is an orphaned initdb, which has noticed by itself that its parent is gone.
    server = marker(data) if data.exists() else None
    if not end_orphans(server, is_gone, deadline - time.monotonic()):
        raise EmbeddedPostgresError(
            f"The last PostgreSQL server on {data} does not end",
            "Look for its processes (ps ax | grep postgres) and end them",
        )
    return taken.pop()


def discard_stale_pid_file(data: Path) -> None:
    """Remove the pid file a crashed server left.

    Call it with the server's lock held: then the file is history. PostgreSQL by itself would take any live
    process of its user with that id for a server; and in a container, where ids repeat, the new server may
    get the id of the old, whose file would tell us that it is ready.

    Raises:
        EmbeddedPostgresError: The process is a PostgreSQL server which somebody else started, perhaps here.
    """
    path = data / "postmaster.pid"
    if not path.exists():
        return
    pid = path.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    command = command_of(int(pid)) if pid.isdigit() else None
    elsewhere = command is not None and is_embedded(command) and marker(data) not in command
    if command is not None and is_postgres(command) and not elsewhere:
        raise EmbeddedPostgresError(
            f"{path} names process {pid}, a PostgreSQL server which FolioLens did not start",
            "Stop that server, or if it serves another folder, delete the file",
        )
    path.unlink()


def start_server(
    launcher: Launcher, data: Path, log: Path, *, port: int | None, durable: bool, deadline: float
) -> tuple[Guardian, int]:
    """Start the server on `port`, or on a free one if that is taken or not given.

    Returns:
        The server's guardian and port.

    Raises:
        EmbeddedPostgresError: It does not come up.
    """
    for attempt in range(_PORT_ATTEMPTS):
        chosen = _free_port(port if attempt == 0 else None)
        guardian = _start_on(chosen, launcher, data, log, durable=durable, deadline=deadline)
        if guardian is not None:
            return guardian, chosen
    raise EmbeddedPostgresError(
        f"{_PORT_ATTEMPTS} free ports of 127.0.0.1 were taken while PostgreSQL started", "Try again"
    )


def _start_on(
    port: int, launcher: Launcher, data: Path, log: Path, *, durable: bool, deadline: float
) -> Guardian | None:
    """The guardian of a ready server, or `None` if the port was taken."""
    output = open_private(log, os.O_WRONLY | os.O_APPEND)
    try:
        shorten(log)
        begin = log.stat().st_size
        arguments = settings(data, port, durable=durable)
        guardian = Guardian(
            lambda: launcher.start("postgres", data, arguments, stdin=subprocess.DEVNULL, output=output), log
        )
        guardian.start()
        server = guardian.server()
    finally:
        os.close(output)
    try:
        while server.poll() is None and time.monotonic() < deadline:
            if _is_ready(server.pid, data):
                return guardian
            time.sleep(_POLL)
    except BaseException:
        _give_up(guardian)
        raise
    reason = "ended at once" if server.poll() is not None else "did not get ready in time"
    _give_up(guardian)
    said = _text_since(log, begin)
    if _PORT_TAKEN in said:
        return None
    raise EmbeddedPostgresError(
        f"PostgreSQL on {data} {reason}",
        "Mend what its log complains about; after a crash it may need a longer timeout to recover",
        said[-_LOG_TAIL:],
    )


def _is_ready(pid: int, data: Path) -> bool:
    """Whether the pid file is this server's and its last line says so (as `pg_ctl --wait` does it)."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return False
    return lines[0].strip() == str(pid) and "ready" in (line.strip() for line in lines[7:])


def _give_up(guardian: Guardian) -> None:
    end(guardian.server(), _GIVE_UP_PATIENCE)
    guardian.release()


def _free_port(preferred: int | None) -> int:
    """`preferred` if nobody listens there, otherwise a port the system chooses."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port or 0))
            except OSError:
                continue
            chosen: int = probe.getsockname()[1]
            return chosen
    raise EmbeddedPostgresError("There is no free port on 127.0.0.1", "Close some programs")


def _text_since(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        return file.read().decode(errors="replace")
