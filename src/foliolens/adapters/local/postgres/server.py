"""The embedded server: one per data folder, owned by one process, used by any."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from foliolens.adapters.local.postgres.access import create_database, password_of, recorded_port, url
from foliolens.adapters.local.postgres.binaries import binary, reachable_binaries
from foliolens.adapters.local.postgres.cluster import create_cluster
from foliolens.adapters.local.postgres.errors import EmbeddedPostgresError
from foliolens.adapters.local.postgres.ownership import lock, server_identity, write_private
from foliolens.adapters.local.postgres.process import Guardian, Launcher, end
from foliolens.adapters.local.postgres.startup import await_last_server, discard_stale_pid_file, start_server

__all__ = ["EmbeddedPostgres"]

_STOP_PATIENCE = 30.0  # seconds for writing everything out


class EmbeddedPostgres:
    """A PostgreSQL server which lives in a folder and as long as this process; also a context manager.

    On Linux the server shuts down by itself when this process dies, however it dies. A server which outlived
    its process (on macOS, or one still writing out) is ended by the next `start`; its data is kept.

    The folder holds `data/`, `password` (0600), `port`, `server.log`, and two locks: `owner.lock` is held
    by the process which started the server, `server.lock` by every process of the server itself.

    Any thread may call it; they take turns.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """Name the folder; nothing happens yet.

        Args:
            folder: For the server alone, e.g. `<data>/postgres`; created with mode 700.
            durable: `False` trades all crash safety for speed: for tests.
        """
        self._folder = folder.absolute()
        self._data = self._folder / "data"
        self._durable = durable
        self._url: str | None = None
        self._owner_lock: int | None = None
        self._guardian: Guardian | None = None
        self._started_by: int | None = None
        self._turn = threading.RLock()

    @property
    def url(self) -> str:
        """The started server's URL, `postgresql://user:password@host:port/dbname`.

        Raises:
            EmbeddedPostgresError: It is not started.
        """
        if self._url is None:
            raise EmbeddedPostgresError(f"PostgreSQL in {self._folder} is not started", "Call start() first")
        return self._url

    def start(self, timeout: float = 60) -> str:
        """Start the server; at first use, create the cluster and the database `foliolens`.

        Args:
            timeout: Seconds for everything, recovery after a crash included.

        Returns:
            The URL, for psycopg, libpq's programs and (with a driver in its scheme) SQLAlchemy.

        Raises:
            EmbeddedPostgresError: Another process runs it, or it does not start.
        """
        if sys.platform == "win32":
            raise EmbeddedPostgresError(
                "The embedded PostgreSQL does not run on Windows",
                "Use WSL, or set FOLIOLENS_DATABASE_URL to a server of your own",
            )
        with self._turn:
            if self._is_alive():
                return self.url
            self.stop()
            try:
                with self._explained():
                    return self._start(time.monotonic() + timeout)
            except BaseException:
                self.stop()
                raise

    def revive(self, timeout: float = 60) -> bool:
        """Start a server again that was started here and died; on its port, unless that was taken meanwhile.

        Args:
            timeout: Seconds, recovery included.

        Returns:
            Whether it had died; `False` for a server that was stopped.

        Raises:
            EmbeddedPostgresError: It does not start; try again later.
        """
        with self._turn:
            if self._owner_lock is None or self._is_alive():
                return False
            if self._guardian is not None:
                self._guardian.release()
                self._guardian = None
            with self._explained():
                self._bring_up(time.monotonic() + timeout)
            return True

    def stop(self) -> None:
        """Stop the server after it wrote everything out; harmless when it is not running."""
        if self._started_by != os.getpid():  # never started, or a forked child: the server is its parent's
            return
        with self._turn:
            if self._guardian is not None:
                end(self._guardian.server(), _STOP_PATIENCE)
                self._guardian.release()
            if self._owner_lock is not None:
                os.close(self._owner_lock)
            self._guardian = self._owner_lock = self._url = None

    def __enter__(self) -> Self:
        """Start with the default timeout."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _start(self, deadline: float) -> str:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner_lock = lock(self._folder / "owner.lock")
        if owner_lock is None:
            raise EmbeddedPostgresError(
                f"PostgreSQL in {self._folder} is already running for another process",
                "Stop that process first, or use another data folder",
            )
        if self._started_by is None:
            os.register_at_fork(after_in_child=self._leave_to_parent)
        self._owner_lock = owner_lock
        self._started_by = os.getpid()
        self._folder.chmod(0o700)
        return self._bring_up(deadline)

    def _is_alive(self) -> bool:
        return self._guardian is not None and self._guardian.server().poll() is None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EmbeddedPostgresError(
                f"Cannot use the folder {self._folder}: {error}",
                "Run as the user it belongs to, make space on its disk, or choose another folder",
            ) from error

    def _bring_up(self, deadline: float) -> str:
        server_lock = await_last_server(self._folder / "server.lock", self._data, deadline)
        try:
            password, port = self._start_server(server_lock, deadline)
        finally:
            os.close(server_lock)  # from here on the server alone holds it
        create_database(password, port)
        self._url = url(password, port)
        return self._url

    def _leave_to_parent(self) -> None:
        """In a forked child, give up the lock, which must be free when the parent is gone."""
        if self._owner_lock is not None:
            os.close(self._owner_lock)
            self._owner_lock = None

    def _start_server(self, server_lock: int, deadline: float) -> tuple[str, int]:
        identity = server_identity(self._folder, self._data)
        programs = reachable_binaries() if identity else binary("postgres").parent
        launcher = Launcher(programs, identity, server_lock)
        password = password_of(self._folder)
        if not self._data.exists():
            left = max(1.0, deadline - time.monotonic())
            create_cluster(self._data, password, launcher, durable=self._durable, timeout=left)
        discard_stale_pid_file(self._data)
        self._guardian, port = start_server(
            launcher,
            self._data,
            self._folder / "server.log",
            port=recorded_port(self._folder),
            durable=self._durable,
            deadline=deadline,
        )
        write_private(self._folder / "port", f"{port}\n")
        return password, port
