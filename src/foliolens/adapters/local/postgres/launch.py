"""Runs as a script between us and a PostgreSQL program: drop root, tie it to our life, become the program.

    python -I -S launch.py PARENT_PID UID GID PROGRAM [ARGUMENT ...]

UID `-` keeps the user. The order matters. Everything is imported first: the user we change to may be unable
to read Python's own files. Changing the user clears the parent-death signal, so the signal is asked for
afterwards; a parent which died before that is noticed by comparing its process id. The program keeps this
process's id and open files, and gets an environment of its own: no secret of ours shows in its `/proc` entry.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

__all__ = ["main"]

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _drop_root(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _die_with(parent: int) -> None:
    """Ask Linux for SIGINT (PostgreSQL's fast shutdown) when the thread which started us ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        sys.exit("the process which wanted a database is gone")


def main(arguments: list[str]) -> None:
    """Become `PROGRAM ARGUMENT ...`; does not return."""
    parent, uid, gid, program, *rest = arguments
    try:
        if uid != "-":
            _drop_root(int(uid), int(gid))
        if sys.platform == "linux":
            _die_with(int(parent))
        os.execve(program, [program, *rest], _ENVIRONMENT)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.exit(f"cannot run {program}: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
