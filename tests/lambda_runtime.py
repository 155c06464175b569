"""Lambda on this machine: the real runtime client against a Runtime API of our own.

A function is started as Lambda starts it: from the contents of its package, with the packages of Lambda's
own runtime (the client, boto3) and nothing else on its path, with Lambda's environment variables and ours and
no others, on a file system that is read-only except for /tmp.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from uuid import uuid4

__all__ = [
    "LOG",
    "NOT_TRACED",
    "FunctionError",
    "LambdaFunction",
    "invocations",
    "running",
    "start_as_lambda",
]

NOT_TRACED = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"
"""What Lambda tells of an invocation that X-Ray is not to know of."""

LOG = "log"
"""The file in a function's folder that holds everything it wrote."""

_PROVIDED = (
    "awslambdaric",
    "boto3",
    "botocore",
    "jmespath",
    "python-dateutil",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot-restore-py",
    "urllib3",
)
"""What Lambda's Python runtime brings."""

_AS_LAMBDA = """
mount --bind "$STAGE" /mnt
mount -o remount,bind,ro /mnt
mount -t tmpfs tmpfs /tmp
mount -o remount,bind,ro /
cd /mnt/task
exec env -i "$@"
"""

_PATIENCE_SECONDS = 60
_LONGEST_SECONDS = 900  # of any invocation


class FunctionError(Exception):
    """The invocation raised; `payload` is what Lambda tells the caller."""

    def __init__(self, payload: dict[str, Any]) -> None:
        self.payload = payload
        super().__init__(f"{payload.get('errorType')}: {payload.get('errorMessage')}")


@dataclass
class _Pending:
    event: bytes
    request_id: str = field(default_factory=lambda: str(uuid4()))
    answered: threading.Event = field(default_factory=threading.Event)
    result: bytes = b""
    failed: bool = False


class _RuntimeApi(ThreadingHTTPServer):
    """The HTTP API of docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, one invocation at a time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _RuntimeApiHandler)
        self.waiting: queue.Queue[_Pending] = queue.Queue()
        self.under_way: dict[str, _Pending] = {}
        self.init_error: bytes | None = None
        self.closing = threading.Event()
        self.at_snapshot = threading.Event()
        self.restored = threading.Event()
        self.trace = NOT_TRACED

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a function that is killed closes its connection wherever it is."""


class _RuntimeApiHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _RuntimeApi

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        if self.path.endswith("/restore/next"):
            self.server.at_snapshot.set()
            self.server.restored.wait(_PATIENCE_SECONDS)
            self._answer(200, b"", {})
            return
        pending = None
        while pending is None and not self.server.closing.is_set():
            try:
                pending = self.server.waiting.get(timeout=0.1)
            except queue.Empty:
                continue
        if pending is None:
            self.close_connection = True
            return
        self.server.under_way[pending.request_id] = pending
        self._answer(
            200,
            pending.event,
            {
                "Lambda-Runtime-Aws-Request-Id": pending.request_id,
                "Lambda-Runtime-Deadline-Ms": str(round((time.time() + _LONGEST_SECONDS) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:000000000000:function:f",
                "Lambda-Runtime-Trace-Id": self.server.trace,
            },
        )

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        *_, kind = parts = self.path.split("/")
        if parts[-2:] == ["init", "error"]:
            self.server.init_error = content
        else:
            pending = self.server.under_way.pop(parts[-2])
            pending.result, pending.failed = content, kind == "error"
            pending.answered.set()
        self._answer(202, b"{}", {})

    def _answer(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.wfile.write(head.encode() + b"\r\n" + content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it so
        """Nothing: tests read what the function writes."""


@dataclass
class LambdaFunction:
    """A running function.

    Attributes:
        log: Everything it wrote.
    """

    api: _RuntimeApi
    process: subprocess.Popen[bytes]
    log: Path

    def reach_snapshot(self) -> None:
        """Wait until it is ready to be kept, which it is if its environment says `snap-start`."""
        assert self.api.at_snapshot.wait(_PATIENCE_SECONDS), self.log.read_text()

    def restore(self) -> None:
        """Let it go on from there, as if it had been restored."""
        self.api.restored.set()

    def trace_by(self, header: str) -> None:
        """Tell the next invocations that they belong to this trace."""
        self.api.trace = header

    def begin(self, event: Mapping[str, Any]) -> _Pending:
        """Send one event, and do not wait for its end."""
        pending = _Pending(json.dumps(event).encode())
        self.api.waiting.put(pending)
        return pending

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """Send one event and wait for what the handler returns.

        Raises:
            FunctionError: The handler raised.
        """
        pending = self.begin(event)
        for _ in range(_PATIENCE_SECONDS * 10):
            if pending.answered.wait(0.1):
                break
            if self.process.poll() is not None or self.api.init_error is not None:
                raise RuntimeError(f"the function ended: {self.api.init_error!r}\n{self.log.read_text()}")
        else:
            raise TimeoutError(self.log.read_text())
        result = json.loads(pending.result)
        if pending.failed:
            raise FunctionError(result)
        return result


@contextmanager
def running(
    package: Path, handler: str, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[LambdaFunction]:
    """Run a function while the block lasts.

    Args:
        package: Its zip.
        handler: As the template names it.
        folder: An empty folder to unpack into.
        environment: The variables its template sets.
    """
    api = _RuntimeApi()
    threading.Thread(target=api.serve_forever, daemon=True).start()
    address = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_address[1]}"}
    process = start_as_lambda(package, handler, folder, {**address, **(environment or {})})
    log = folder / LOG
    try:
        yield LambdaFunction(api, process, log)
    finally:
        process.kill()
        process.wait()
        api.closing.set()
        api.shutdown()
        api.server_close()


def start_as_lambda(
    package: Path,
    handler: str,
    folder: Path,
    environment: Mapping[str, str],
    *,
    under: Sequence[str] = (),
    provided: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a function's process, in a session of its own; what it writes goes to the folder's `log`.

    Args:
        package: Its zip.
        handler: As the template names it.
        folder: An empty folder to unpack into.
        environment: The variables its template sets, and where the Runtime API is.
        under: A command that starts it instead, seen from inside.
        provided: A file that this command needs, to be found in `/mnt` under its name.
    """
    stage = folder / "stage"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(stage / "task")
    _provide(stage / "runtime")
    if provided is not None:
        shutil.copy2(provided, stage)
    variables = {
        "AWS_LAMBDA_FUNCTION_NAME": package.stem,
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_REGION": "eu-central-1",
        "LAMBDA_TASK_ROOT": "/mnt/task",
        "LAMBDA_RUNTIME_DIR": "/mnt/runtime",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": "/mnt/task:/mnt/runtime",
        "_HANDLER": handler,
        **environment,
    }
    if "AWS_ACCESS_KEY_ID" in variables:
        variables["AWS_ACCESS_KEY_ID"] = package.stem  # each function has a role of its own
    # Without `site`, so that nothing of the test environment is on the path.
    interpreter = [os.path.realpath(sys.executable), "-S", "-m", "awslambdaric", handler]
    with (folder / LOG).open("wb") as output:
        return subprocess.Popen(
            [
                *("unshare", "--map-root-user", "--mount"),
                *("sh", "-euc", _AS_LAMBDA, "sh"),
                *(f"{name}={value}" for name, value in variables.items()),
                *under,
                *interpreter,
            ],
            env={"STAGE": str(stage), "PATH": os.environ["PATH"]},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@contextmanager
def invocations(function: LambdaFunction) -> Iterator[str]:
    """Lambda's own API with one function behind it, for functions that call others; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                result, failed = function.invoke(event), False
            except FunctionError as error:
                result, failed = error.payload, True
            content = json.dumps(result).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            if failed:
                self.send_header("X-Amz-Function-Error", "Unhandled")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it so
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _provide(folder: Path) -> None:
    """Copy what Lambda's runtime brings from this environment."""
    for name in _PROVIDED:
        installed = distribution(name)
        for file in installed.files or ():
            source = Path(str(installed.locate_file(file)))
            if file.parts[0] != ".." and source.is_file():
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
