"""Running PostgreSQL's programs: as the right user, tied to our life, and ended for certain."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from foliolens.adapters.local.postgres import launch
from foliolens.adapters.local.postgres.ownership import Identity, open_private

__all__ = [
    "Guardian",
    "Launcher",
    "command_of",
    "end",
    "end_orphans",
    "is_postgres",
    "server_processes",
    "shorten",
]

_LOG_LIMIT = 5_000_000  # bytes, of the log and of its predecessor each
_LOG_CHECK = 30.0  # seconds
_CHILD_TITLE = "postgres:"  # backends and workers replace their command line by "postgres: CLUSTER_NAME: ..."
_POSTMASTER = re.compile(r"(^|/)postgres( |$)")
_ORPHAN_GRACE = 2.0  # seconds
_ORPHAN_POLL = 0.05  # seconds


class Launcher(Struct, frozen=True):
    """Starts programs on a data folder.

    Attributes:
        programs: The folder `initdb` and `postgres` are in.
        identity: Who they run as; `None` for ourselves.
        lock: A descriptor which every started process keeps open: the lock is free when all are gone.
    """

    programs: Path
    identity: Identity | None
    lock: int

    def start(
        self, program: str, data: Path, arguments: Iterable[str], *, stdin: int, output: int
    ) -> subprocess.Popen[bytes]:
        """Start `program -D data ARGUMENT ...`, in a session of its own so that Ctrl-C does not reach it."""
        with _named(data, self.identity) as (name, descriptors):
            command = [
                *(sys.executable, "-I", "-S", launch.__file__, str(os.getpid())),
                *((str(self.identity.uid), str(self.identity.gid)) if self.identity else ("-", "-")),
                *(str(self.programs / program), "-D", name, *arguments),
            ]
            return subprocess.Popen(  # noqa: S603 - no shell, and all arguments are ours
                command,
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(self.lock, *descriptors),
                start_new_session=True,
                cwd="/",
            )


@contextmanager
def _named(data: Path, identity: Identity | None) -> Iterator[tuple[str, tuple[int, ...]]]:
    """What to call the data folder, and the descriptors that name relies on.

    As root, the folders above may be closed to the user the server runs as (a home of mode 700). Linux lets a
    process through to a folder it holds open, by the name `/proc/self/fd/N`, whatever lies above.
    """
    if identity is None:
        yield str(data), ()
        return
    descriptor = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


class Guardian(threading.Thread):
    """The thread which starts the server, lives as long as it, and keeps its log short.

    Linux sends the parent-death signal when the *thread* which forked ends. So a thread of its own forks, and
    stays: the server ends with this process, not with whichever short-lived thread called `start`.
    """

    def __init__(self, start_server: Callable[[], subprocess.Popen[bytes]], log: Path) -> None:
        super().__init__(name="embedded-postgres", daemon=True)
        self._start_server = start_server
        self._log = log
        self._server: Future[subprocess.Popen[bytes]] = Future()
        self._released = threading.Event()

    def run(self) -> None:
        """Start the server and wait to be released."""
        try:
            self._server.set_result(self._start_server())
        except BaseException as error:  # handed to the thread which waits for the server
            self._server.set_exception(error)
            return
        while not self._released.wait(_LOG_CHECK):
            with suppress(OSError):  # a full disk must not end the thread, and the server with it
                shorten(self._log)

    def server(self) -> subprocess.Popen[bytes]:
        """The server's process, once started; raises what starting it raised."""
        return self._server.result()

    def release(self) -> None:
        """Let the thread end, after its server has."""
        self._released.set()
        self.join()


def shorten(log: Path, limit: int = _LOG_LIMIT) -> None:
    """Copy a log longer than `limit` bytes aside and empty it; the server, which appends, goes on."""
    with os.fdopen(open_private(log, os.O_RDWR), "rb+") as current:
        if os.fstat(current.fileno()).st_size <= limit:
            return
        last = log.with_name(f"{log.name}.1")
        last.unlink(missing_ok=True)
        with os.fdopen(open_private(last, os.O_WRONLY | os.O_EXCL), "wb") as copy:
            shutil.copyfileobj(current, copy)
        current.truncate(0)


def end(server: subprocess.Popen[bytes], patience: float) -> None:
    """Stop a server: fast shutdown, then immediate shutdown, then the kernel's.

    Args:
        server: The postmaster.
        patience: Seconds for the fast shutdown, which writes everything out; the others get 5 each.
    """
    for number, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        server.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(seconds)
            return


def end_orphans(marker: str | None, is_gone: Callable[[], bool], timeout: float) -> bool:
    """End a server whose parent died, as gently as it allows.

    Only the postmaster is asked to shut down: the same signals mean other things to its children. Children
    without a postmaster leave by themselves, unless busy; those have no shutdown left to do, and are killed.

    Args:
        marker: The `cluster_name` of the server; `None` if it has no data folder yet: then just wait.
        is_gone: Whether no process of it is left.
        timeout: Seconds for the whole: half of them for a fast shutdown, a quarter for an immediate one.

    Returns:
        Whether it is gone.
    """
    started = time.monotonic()
    while not is_gone():
        elapsed = time.monotonic() - started
        if elapsed >= timeout:
            return False
        processes = server_processes(marker) if marker else {}
        postmasters = [pid for pid, command in processes.items() if not command.startswith(_CHILD_TITLE)]
        if postmasters and elapsed < timeout * 3 / 4:
            _signal(postmasters, signal.SIGINT if elapsed < timeout / 2 else signal.SIGQUIT)
        elif postmasters or elapsed > _ORPHAN_GRACE:
            _signal(processes, signal.SIGKILL)
        time.sleep(_ORPHAN_POLL)
    return True


def server_processes(marker: str) -> dict[int, str]:
    """Ids and command lines of the processes of the server with this `cluster_name`."""
    return {pid: command for pid, command in _commands() if is_postgres(command) and marker in command}


def _signal(processes: Iterable[int], number: signal.Signals) -> None:
    for pid in processes:
        with suppress(ProcessLookupError, PermissionError):  # it ended, or only looks like ours
            os.kill(pid, number)


def is_postgres(command: str) -> bool:
    """Whether a command line may be that of a PostgreSQL server process; paths may contain blanks."""
    return command.startswith(_CHILD_TITLE) or _POSTMASTER.search(command) is not None


def command_of(pid: int) -> str | None:
    """The command line of a live process, or `None`."""
    return next((command for found, command in _commands() if found == pid), None)


def _commands() -> Iterator[tuple[int, str]]:
    if sys.platform == "linux":
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):  # it ended meanwhile
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                    yield int(entry.name), command.decode(errors="replace")
        return
    listing = subprocess.run(["/bin/ps", "-axwwo", "pid=,command="], capture_output=True, check=True)
    for line in listing.stdout.decode(errors="replace").splitlines():
        pid, _, command = line.strip().partition(" ")
        yield int(pid), command.strip()
