"""`foliolens worker`: one more worker beside a running server."""

import signal
import threading

from foliolens.cli.output import DataOption, Failure, console, settings_for
from foliolens.cli.serve import INSTALL_TRACING

__all__ = ["worker"]


def worker(data: DataOption = None) -> None:
    """Process uploads beside a running server, until Ctrl+C."""
    from foliolens.adapters.local.prometheus_metrics import join  # noqa: PLC0415
    from foliolens.bootstrap import database_address, open_services, present_database_url  # noqa: PLC0415
    from foliolens.entrypoints.server import background_work  # noqa: PLC0415
    from foliolens.kit.logging import configure_logging  # noqa: PLC0415
    from foliolens.ports.tracing import TracingUnavailable  # noqa: PLC0415

    settings = settings_for(data)
    configure_logging(settings.http.log_format)
    if present_database_url(settings) is None:
        raise Failure(
            f"No database is running in {settings.data}.",
            "Start `foliolens serve` with the same --data first, or set FOLIOLENS_DATABASE_URL.",
        )
    join(settings.data)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    try:
        with open_services(settings, database_address(settings)) as services, background_work(services):
            console().print("The worker is waiting for uploads. Press Ctrl+C to stop.")
            stopping.wait()
    except TracingUnavailable as error:
        raise Failure(str(error), INSTALL_TRACING) from error
