"""Started by an ordinary user: no tricks.

Where the tests themselves run as an ordinary user, all of them show this. As root, a user namespace makes a
process which is not root, yet can read what root can: the interpreter may be installed in root's home.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tests.unit.local_postgres.observing import scratch

SCRIPT = """
import os, pathlib, sys
from foliolens.adapters.local.postgres import EmbeddedPostgres, running_url

folder = pathlib.Path(sys.argv[1])
for _ in range(2):
    with EmbeddedPostgres(folder, durable=False) as server:
        assert running_url(folder) == server.url
        command = pathlib.Path("/proc", (folder / "data/postmaster.pid").read_text().split()[0], "cmdline")
        assert str(folder / "data") in command.read_text().split("\\0")
print(os.geteuid())
"""
AS_USER = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]


def user_namespaces_work() -> bool:
    return (
        shutil.which("unshare") is not None
        and subprocess.run([*AS_USER, "true"], capture_output=True, check=False).returncode == 0
    )


def run(prefix: list[str]) -> subprocess.CompletedProcess[str]:
    with scratch() as place:
        command = [*prefix, sys.executable, "-c", SCRIPT, str(place / "postgres")]
        return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.geteuid() != 0, reason="the tests run as an ordinary user anyway")
@pytest.mark.skipif(not user_namespaces_work(), reason="this system makes no user namespaces")
def test_an_ordinary_user_starts_it_on_the_plain_path() -> None:
    done = run(AS_USER)

    assert (done.stdout, done.stderr) == ("65534\n", "")


def test_a_user_without_a_name_is_told_so() -> None:
    if os.geteuid() != 0 or not user_namespaces_work():
        pytest.skip("needs root and user namespaces")
    nameless = ["unshare", "--user", "--map-user=54321", "--map-group=54321"]

    done = run(nameless)

    assert "run as a user /etc/passwd knows" in done.stderr
