"""`foliolens serve`: everything on one machine, from one command."""

from ipaddress import ip_address
from typing import Annotated

import typer

from foliolens.cli.output import DataOption, Failure, console, settings_for

__all__ = ["INSTALL_TRACING", "is_open_to_others", "serve"]

INSTALL_TRACING = (
    "Install them with the extra `tracing` (`pip install 'foliolens[tracing]'`), or remove the setting."
)


def serve(
    data: DataOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port. [default: 8000]")] = None,
    processes: Annotated[int, typer.Option(min=1, max=64, help="HTTP processes.")] = 1,
    demo: Annotated[
        bool, typer.Option("--demo", help="Load a sample account with real prices of 2018 to 2022.")
    ] = False,
) -> None:
    """Start everything on this machine and print the URL: database, API, worker."""
    # Imported here so that other commands do not pay for the server.
    from foliolens.adapters.local.postgres import EmbeddedPostgresError  # noqa: PLC0415
    from foliolens.entrypoints.demo import DEMO_EMAIL, DEMO_PASSWORD, DemoRefused, prefer_demo_benchmark  # noqa: PLC0415
    from foliolens.entrypoints.server import AddressInUse  # noqa: PLC0415
    from foliolens.entrypoints.server import serve as run  # noqa: PLC0415
    from foliolens.entrypoints.web_app import is_built  # noqa: PLC0415
    from foliolens.kit.logging import configure_logging  # noqa: PLC0415
    from foliolens.ports.tracing import TracingUnavailable  # noqa: PLC0415
    from foliolens.sentiment.engine import ModelUnusable  # noqa: PLC0415

    if demo:
        prefer_demo_benchmark()
    settings = settings_for(data, {"host": host, "port": port})
    configure_logging(settings.http.log_format)
    out = console()

    def on_ready(url: str) -> None:
        out.print(f"FolioLens is running at [bold]{url}[/]")
        out.print(f"  API documentation  {url}/docs")
        out.print(f"  Data folder        {settings.data}")
        if demo:
            out.print(f"  Sample account     [bold]{DEMO_EMAIL}[/]  password  [bold]{DEMO_PASSWORD}[/]")
            out.print("                     Its prices are real and end on 2022-12-28.")
            if is_open_to_others(settings.http.host):
                out.print(
                    f"  [yellow]Whoever reaches {settings.http.host} can sign in with that password.[/]"
                )
        if settings.accounts.auto_confirm:
            out.print("  E-mail addresses are confirmed without a code (FOLIOLENS_AUTO_CONFIRM)")
        else:
            out.print(f"  Mailed codes       {settings.data / 'outbox'} (and this log)")
        if not is_built():
            out.print("  The web app is not built, only the API answers: run `make run`, or reinstall")
        out.print("Press Ctrl+C to stop.")

    try:
        run(settings, processes=processes, on_ready=on_ready, demo=demo)
    except AddressInUse as error:
        raise Failure(
            f"{error.strerror}.", "Stop the other process, or choose another port: --port 8001."
        ) from error
    except DemoRefused as error:
        raise Failure(str(error), "Start the demo on a folder of its own: --demo --data demo-data") from error
    except TracingUnavailable as error:
        raise Failure(str(error), INSTALL_TRACING) from error
    except ModelUnusable as error:
        raise Failure(f"The sentiment model {error.name}: {error.reason}", error.advice) from error
    except EmbeddedPostgresError as error:
        log = f" The server's log ends with: {error.log.splitlines()[-1]}" if error.log else ""
        raise Failure(f"{error.message}.{log}", f"{error.hint}.") from error


def is_open_to_others(host: str) -> bool:
    """Whether an address to listen on can be reached from other machines."""
    try:
        return not ip_address(host).is_loopback
    except ValueError:  # a name
        return host != "localhost"
