"""What the tests look at: the processes of a server, and processes which own one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from foliolens.adapters.local.postgres import EmbeddedPostgres
from foliolens.adapters.local.postgres.cluster import marker
from foliolens.adapters.local.postgres.process import server_processes
from tests.unit.local_postgres import owning_process


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder only we may enter, gone afterwards: clusters are too big to be kept as pytest would.

    Its name has a blank, to see that nothing minds, and looks like the name of a server.
    """
    with tempfile.TemporaryDirectory(prefix="foliolens-tests of postgres -") as folder:
        yield Path(folder)


def new_cluster(folder: Path) -> Path:
    """Create a cluster, and stop its server."""
    with EmbeddedPostgres(folder, durable=False):
        return folder


def copy_of(folder: Path, target: Path) -> Path:
    """Copy a stopped server's folder with its owners: quicker than creating a cluster."""
    subprocess.run(["/bin/cp", "-a", folder, target], check=True)
    return target


def processes_of(folder: Path) -> dict[int, str]:
    """Ids and command lines of the server's processes."""
    return server_processes(marker(folder / "data"))


def postmaster_of(folder: Path) -> int:
    """The id in the server's pid file."""
    return int((folder / "data" / "postmaster.pid").read_text().split("\n")[0])


def query(url: str, statement: str) -> object:
    """Run a statement; the first value of the first row, if it has rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def owner(folder: Path, rows: int = 0, *, wait: bool = True) -> Iterator[subprocess.Popen[str]]:
    """Another process which owns the server in `folder`, killed afterwards."""
    command = [sys.executable, owning_process.__file__, str(folder), str(rows)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            if wait:
                assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()
