"""AWS's own Lambda Runtime Interface Emulator around a function: it enforces timeouts and sizes of answers.

It answers one invocation at a time, and starts the function anew after one that took too long.
"""

from __future__ import annotations

import os
import platform
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.lambda_runtime import LOG, start_as_lambda

__all__ = ["EmulatedFunction", "emulated"]

_MACHINES = {"x86_64": "x86_64", "aarch64": "arm64"}
_INVOCATIONS = "/2015-03-31/functions/function/invocations"
_SECONDS_TO_LISTEN = 20.0


@dataclass
class EmulatedFunction:
    """A function behind the emulator.

    Attributes:
        url: Where it takes invocations.
        log: Everything that function and emulator wrote.
    """

    url: str
    log: Path

    def invoke(self, event: Mapping[str, Any]) -> httpx.Response:
        """Send one event; what the emulator answers, whatever that is."""
        deadline = time.monotonic() + _SECONDS_TO_LISTEN
        while True:
            try:
                return httpx.post(self.url, json=event, timeout=60)
            except httpx.ConnectError:
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.05)


@contextmanager
def emulated(
    package: Path, handler: str, folder: Path, environment: Mapping[str, str], *, seconds: int
) -> Iterator[EmulatedFunction]:
    """Run a function behind the emulator while the block lasts.

    Args:
        package: Its zip.
        handler: As the template names it.
        folder: An empty folder to unpack into.
        environment: The variables its template sets.
        seconds: Its timeout.
    """
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        pytest.skip("the emulator is a program for Linux on x86-64 and arm64")
    name = f"aws-lambda-rie-{machine}"
    program = Path(str(distribution("aws-sam-cli").locate_file(f"samcli/local/rapid/{name}")))
    outside, inside = _free_ports(2)
    process = start_as_lambda(
        package,
        handler,
        folder,
        {**environment, "AWS_LAMBDA_FUNCTION_TIMEOUT": str(seconds)},
        under=(
            f"/mnt/{name}",
            *("--runtime-interface-emulator-address", f"127.0.0.1:{outside}"),
            *("--runtime-api-address", f"127.0.0.1:{inside}"),
        ),
        provided=program,
    )
    try:
        yield EmulatedFunction(f"http://127.0.0.1:{outside}{_INVOCATIONS}", folder / LOG)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # the emulator and the function it started
        process.wait()


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()
