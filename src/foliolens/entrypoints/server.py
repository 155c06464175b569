"""The server on one machine: database, HTTP and a worker, started together and stopped together.

One supervising process owns the database and runs the job worker; granian serves HTTP in processes of its
own, so that reading a large file never holds up a request. A server process ends when its supervisor does,
however that ended, so a port is never held by an orphan.
"""

import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from msgspec.structs import replace
from starlette.types import ASGIApp

from foliolens.adapters.inference.supervision import supervised
from foliolens.adapters.local.prometheus_metrics import share
from foliolens.bootstrap import Services, database_address, database_server, log_key, open_services
from foliolens.entrypoints.application import create_application
from foliolens.entrypoints.demo import load_demo
from foliolens.kit.jobs import Worker
from foliolens.kit.logging import configure_logging
from foliolens.kit.migrations import migrate
from foliolens.kit.retention import Retention
from foliolens.kit.rollout import Rollout
from foliolens.sentiment.choice import EngineChoice
from foliolens.settings import Settings, load_settings

__all__ = ["AddressInUse", "application", "background_work", "serve"]

_WAIT_FOR_PORT_SECONDS = 5.0
_WATCH_PARENT_SECONDS = 0.25
_GRACE_SECONDS = 20
_BACKLOG = 2048
_FILES_BESIDE_CONNECTIONS = 1024
_INFERENCE = (sys.executable, "-m", "foliolens.entrypoints.inference")


class AddressInUse(OSError):
    """Another process listens on the address."""


def serve(settings: Settings, *, processes: int, on_ready: Callable[[str], None], demo: bool = False) -> None:
    """Run until a signal asks to stop.

    Args:
        settings: Of this machine.
        processes: HTTP processes.
        on_ready: Told the URL once it answers.
        demo: Whether to load the sample account first.

    Raises:
        AddressInUse: Another process listens on the address.
        EmbeddedPostgresError: The database could not be started.
        DemoRefused: The database is not one for the demo.
        ModelUnusable: The sentiment model that is asked for is not installed, or damaged.
    """
    _await_free_port(settings.http.host, settings.http.port)
    EngineChoice(settings.sentiment, settings.data).check()
    rollout = Rollout.stated(settings.sentiment.sentiment_rollout)
    if rollout is not None:
        EngineChoice(settings.sentiment, settings.data, rollout.engine).check()
    _allow_open_files(settings.http.max_connections + _FILES_BESIDE_CONNECTIONS)
    with ExitStack() as stack:
        database_url = stack.enter_context(database_server(settings))
        migrate(database_url)
        share(settings.data)
        if demo:
            load_demo(settings, database_url)
        inference = stack.enter_context(supervised(_INFERENCE))
        services = stack.enter_context(
            open_services(_with_inference(settings, inference), database_address(settings))
        )
        stack.enter_context(background_work(services))
        _export(settings, inference)
        server = Granian(
            "foliolens.entrypoints.server:application",
            factory=True,
            address=settings.http.host,
            port=settings.http.port,
            interface=Interfaces.ASGI,
            workers=processes,
            websockets=False,
            respawn_failed_workers=True,
            workers_kill_timeout=_GRACE_SECONDS,
            backlog=_BACKLOG,
            backpressure=settings.http.max_connections,
            log_level=LogLevels.warning,
        )
        threading.Thread(target=_announce, args=(settings, on_ready), daemon=True).start()
        server.serve()


def application() -> ASGIApp:
    """The ASGI application of one HTTP process; granian calls this in each."""
    supervisor = os.getppid()
    threading.Thread(target=_end_with, args=(supervisor,), daemon=True, name="supervisor-watch").start()
    settings = load_settings()
    configure_logging(settings.http.log_format, user_key=log_key(settings))
    stack = ExitStack()
    services = stack.enter_context(open_services(settings, database_address(settings)))
    made: ASGIApp = create_application(services, on_shutdown=stack.close)
    proxies = [str(network) for network in settings.http.trusted_proxies]
    if proxies:  # from the right, the first address that is no proxy's is the caller's
        made = wrap_asgi_with_proxy_headers(made, proxies)
    # Modules and routes live as long as the process: 200,000 objects that the garbage collector would look
    # through now and then, holding up all requests for 0.1 s each time.
    gc.freeze()
    return made


@contextmanager
def background_work(services: Services) -> Iterator[None]:
    """Run a worker for each queue, and the clean-up, in threads.

    At the end all finish what they hold, within bounds: a job that takes longer is handed back, and its
    thread ends with the process.
    """
    workers = [
        Worker(
            load.queue,
            load.handlers,
            max_attempts=services.settings.uploads.job_max_attempts,
            metrics=services.metrics,
            tracing=services.tracing,
            beat=load.beat,
        )
        for load in services.workloads
    ]
    retention = Retention(services.retention)
    threads = [threading.Thread(target=worker.run, name="job-worker", daemon=True) for worker in workers]
    threads.append(threading.Thread(target=retention.run, name="retention", daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        retention.stop()
        deadline = time.monotonic() + services.settings.uploads.job_grace_seconds
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        for worker in workers:
            worker.hand_back()


def _with_inference(settings: Settings, socket: Path) -> Settings:
    """The settings of the worker's services, which judge news where everybody does."""
    return replace(settings, inference=replace(settings.inference, inference_socket=socket))


def _export(settings: Settings, inference: Path) -> None:
    """Hand what was decided here to the processes that are started, which read the environment."""
    os.environ["FOLIOLENS_INFERENCE_SOCKET"] = str(inference)
    os.environ["FOLIOLENS_DATA"] = str(settings.data)
    os.environ["FOLIOLENS_HOST"] = settings.http.host
    os.environ["FOLIOLENS_PORT"] = str(settings.http.port)


def _allow_open_files(wanted: int) -> None:
    """Raise the limit of open files as far as we may, for all our processes: systems give 1,024 or fewer."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _announce(settings: Settings, on_ready: Callable[[str], None]) -> None:
    host = "127.0.0.1" if settings.http.host in {"0.0.0.0", "::"} else settings.http.host  # noqa: S104
    while True:
        try:
            with socket.create_connection((host, settings.http.port), timeout=1) as connection:
                connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if connection.recv(12).endswith(b"200"):
                    break
        except OSError:
            pass
        time.sleep(0.05)
    on_ready(settings.http.public_url or f"http://{host}:{settings.http.port}")


def _await_free_port(host: str, port: int) -> None:
    """Wait for the port, which the processes of a server that was just killed give back within a second."""
    deadline = time.monotonic() + _WAIT_FOR_PORT_SECONDS
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if time.monotonic() > deadline:
                    raise AddressInUse(error.errno, f"port {port} on {host} is in use") from error
            else:
                return
        time.sleep(0.1)


def _end_with(supervisor: int) -> None:
    while os.getppid() == supervisor:
        time.sleep(_WATCH_PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
