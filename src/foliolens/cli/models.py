"""`foliolens models`: which sentiment models are installed, fetching FinBERT, checking them."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foliolens.cli.output import BAD_NEWS, DataOption, Failure, console, settings_for

if TYPE_CHECKING:
    from foliolens.sentiment.installing.hub import OnBytes
    from foliolens.sentiment.installing.pulling import Pulled
    from foliolens.settings import Settings

__all__ = ["app"]

app = typer.Typer(help="The sentiment models: list, pull, verify.", no_args_is_help=True)


class Pullable(StrEnum):
    """What `pull` can fetch."""

    FINBERT = "finbert"


@app.command("list")
def list_models(data: DataOption = None) -> None:
    """Show the models, and which of them judges."""
    # Imported in each command, so that the others do not pay for it.
    from foliolens.sentiment.choice import EngineChoice  # noqa: PLC0415
    from foliolens.sentiment.engine import ModelUnusable  # noqa: PLC0415
    from foliolens.sentiment.installation import read_installation  # noqa: PLC0415

    settings = settings_for(data)
    wanted = EngineChoice(settings.sentiment, settings.data).wanted
    out = console()
    for name, folder in _folders(settings).items():
        mark = "[green]in use[/]" if name == wanted else "      "
        try:
            found = read_installation(name, folder)
        except ModelUnusable as problem:
            out.print(f"{mark}  {name:8}  {problem.reason} {problem.advice}")
            continue
        identity, size = found.identity, f"{found.size / 1e6:.1f} MB"
        out.print(f"{mark}  {name:8}  {identity.precision}, {size}, {identity.version}, {found.folder}")


@app.command("verify")
def verify_models(data: DataOption = None) -> None:
    """Read every file of the installed models and compare it with its hash."""
    from foliolens.sentiment.engine import ModelUnusable  # noqa: PLC0415
    from foliolens.sentiment.installation import FINBERT, MANIFEST, read_installation, verify  # noqa: PLC0415

    settings = settings_for(data)
    out = console()
    sound = True
    for name, folder in _folders(settings).items():
        if name == FINBERT and not (folder / MANIFEST).exists():
            out.print(f"{name}: not installed")
            continue
        try:
            installation = read_installation(name, folder)
            verify(installation)
        except ModelUnusable as problem:
            sound = False
            out.print(f"{name}: [red]{problem.reason}[/] {problem.advice}")
        else:
            out.print(f"{name}: [green]sound[/], {installation.identity.precision}")
    if not sound:
        raise typer.Exit(BAD_NEWS)


@app.command("pull")
def pull_model(
    model: Annotated[Pullable, typer.Argument(help="Which model.")],
    export: Annotated[
        bool,
        typer.Option("--export", help="Export the PyTorch weights (needs foliolens[finbert-export])."),
    ] = False,
    data: DataOption = None,
) -> None:
    """Fetch a model, check it, compare int8 with fp32, and install the one that may be used."""
    from foliolens.sentiment.engine import ModelUnusable  # noqa: PLC0415
    from foliolens.sentiment.installing.hub import HubProblem  # noqa: PLC0415

    settings = settings_for(data)
    try:
        pulled = _pull(settings, export=export)
    except HubProblem as problem:
        raise Failure(
            str(problem),
            "What arrived is kept: run it again to go on. FOLIOLENS_MODEL_MIRROR names another hub. "
            "Without FinBERT the embedded model judges; it needs no network.",
        ) from problem
    except ModelUnusable as problem:
        raise Failure(problem.reason, problem.advice) from problem
    except OSError as problem:
        place = problem.filename or settings.data
        raise Failure(f"{place}: {problem.strerror}.", "Mend it and run it again.") from problem
    _tell(model, pulled)


def _pull(settings: "Settings", *, export: bool) -> "Pulled":
    from foliolens.sentiment.installing.exporting import export_finbert, missing_packages  # noqa: PLC0415
    from foliolens.sentiment.installing.hub import Hub  # noqa: PLC0415
    from foliolens.sentiment.installing.pulling import pull  # noqa: PLC0415

    if export and (missing := missing_packages()):
        raise Failure(
            f"--export needs {', '.join(missing)}.",
            "Install them: pip install 'foliolens[finbert-export]'. Without --export none is needed.",
        )
    fetch = export_finbert if export else pull
    with _progress() as on_bytes:
        return fetch(settings.data, Hub(settings.sentiment.model_mirror), on_bytes, console().print)


def _tell(model: Pullable, pulled: "Pulled") -> None:
    out, identity = console(), pulled.installation.identity
    if pulled.comparison is None:
        out.print(f"{model} is installed already and up to date ({identity.precision}, {identity.version}).")
        return
    compared = pulled.comparison
    out.print(
        f"On {compared.sentences} check sentences int8 gives {compared.equal:.1%} the label of fp32;"
        f" its accuracy is {-compared.points_lost:+.1f} points."
    )
    out.print(f"[green]Installed {model}[/] as {identity.precision} in {pulled.installation.folder}.")


def _folders(settings: "Settings") -> dict[str, Path]:
    from foliolens.sentiment.installation import (  # noqa: PLC0415
        EMBEDDED,
        FINBERT,
        embedded_folder,
        finbert_folder,
    )

    return {EMBEDDED: embedded_folder(), FINBERT: finbert_folder(settings.data)}


@contextmanager
def _progress() -> Iterator["OnBytes"]:
    """A bar for each file on standard error; nothing where that is no terminal."""
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TaskID,
        TextColumn,
        TransferSpeedColumn,
    )

    out = console(stderr=True)
    tasks: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=out, disable=not out.is_terminal) as bars:

        def on_bytes(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done)

        yield on_bytes
