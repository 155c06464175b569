"""An inference process for tests: `python -m tests.contract.inference.calculations LISTENER LIFELINE`."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from foliolens.adapters.inference.host import end_with, serve
from foliolens.errors import ServiceUnavailable, Unprocessable

__all__ = ["COMMAND", "TASKS"]

COMMAND = (sys.executable, "-m", "tests.contract.inference.calculations")


def echo(argument: Any) -> Any:
    return argument


def refuse(argument: str) -> Any:
    raise Unprocessable(argument, details={"why": argument})


def unavailable(seconds: int) -> Any:
    raise ServiceUnavailable("No model.", retry_after=seconds)


def fail(argument: Any) -> Any:
    raise ZeroDivisionError(argument)


def process_id(_: object) -> int:
    return os.getpid()


def matrix_threads(_: object) -> str:
    return os.environ["OPENBLAS_NUM_THREADS"]


def hold(folder: Path) -> int:
    """Say that it begins, and wait until it may end."""
    folder.joinpath(f"begun-{os.getpid()}").touch()
    while not folder.joinpath("go-on").exists():
        time.sleep(0.005)
    return os.getpid()


TASKS: dict[str, Callable[[Any], Any]] = {
    function.__name__: function
    for function in (echo, refuse, unavailable, fail, process_id, matrix_threads, hold)
}

if __name__ == "__main__":
    end_with(int(sys.argv[2]))
    serve(socket.socket(fileno=int(sys.argv[1])), TASKS)
