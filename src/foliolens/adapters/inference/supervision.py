"""The server's side of its inference process: starts it when it is first needed, and again when it died."""

import logging
import os
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from foliolens.adapters.inference.messages import BACKLOG, RUNNING

__all__ = ["supervised"]

_log = logging.getLogger(__name__)

_FOLDER = "foliolens-inference-"
_PAUSE = 1.0
"""Seconds before a process is started again that died as soon as it lived."""
_GRACE = 5.0

# The calculations are small: a second thread of the matrix library would spin more than it helps, on a core
# that requests need.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1"}


@contextmanager
def supervised(command: Sequence[str]) -> Iterator[Path]:
    """Keep an inference process ready while the block lasts; tells the socket it is asked through.

    The socket is ours and listens all the time: what is asked while there is no process waits for the next
    one. The process inherits it, as the first of two descriptors that are added to the command; the second
    is a pipe that ends with us, and the process with it.

    Args:
        command: Runs `host.serve` on the first descriptor, and `host.end_with` on the second.
    """
    with ExitStack() as stack:
        # Not in the data folder: a socket's path may have no more than about 100 characters.
        folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        _clear_after_the_dead()
        path = folder / "inference"
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(path))
        listener.listen(BACKLOG)
        lifeline, ours = os.pipe()
        stack.callback(os.close, lifeline)
        supervisor = _Supervisor(command, listener, lifeline, folder / RUNNING)
        supervisor.start()
        stack.callback(supervisor.end)
        stack.callback(os.close, ours)
        yield path


def _clear_after_the_dead() -> None:
    """Remove what servers of this user left that were killed; the folders' names tell which."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        with suppress(OSError, ValueError):
            pid = int(folder.name.removeprefix(_FOLDER).partition("-")[0])
            if folder.lstat().st_uid == os.getuid() and not _lives(pid):
                shutil.rmtree(folder)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class _Supervisor(threading.Thread):
    def __init__(self, command: Sequence[str], listener: socket.socket, lifeline: int, running: Path) -> None:
        super().__init__(name="inference-supervisor", daemon=True)
        self._command = command
        self._listener = listener
        self._lifeline = lifeline
        self._running = running
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        while self._is_needed():
            started = time.monotonic()
            self._run_process()
            if time.monotonic() - started < _PAUSE:
                select.select([self._lifeline], [], [], _PAUSE)

    def end(self) -> None:
        """Wait for the process, which ends with its lifeline; kill it where it does not."""
        self.join(_GRACE)
        if self.is_alive() and self._process is not None:
            self._process.kill()
        self.join()

    def _is_needed(self) -> bool:
        """Wait until there is a request, or the end."""
        readable, _, _ = select.select([self._listener.fileno(), self._lifeline], [], [])
        return self._lifeline not in readable

    def _run_process(self) -> None:
        descriptors = (self._listener.fileno(), self._lifeline)
        command = [*self._command, *map(str, descriptors)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                command, pass_fds=descriptors, env={**_ONE_THREAD, **os.environ}
            )
        except OSError:
            _log.exception("the inference process cannot be started")
            return
        self._running.touch()
        code = self._process.wait()
        self._running.unlink(missing_ok=True)
        if code:
            _log.error("the inference process ended with code %s", code)
