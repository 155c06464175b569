"""`foliolens models`: which sentiment models are installed, fetching FinBERT, checking them."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Table

from foliolens.cli.output import BAD_NEWS, DataOption, Failure, console, settings_for
from foliolens.sentiment.choice import EngineChoice
from foliolens.sentiment.engine import ModelUnusable
from foliolens.sentiment.installation import (
    EMBEDDED,
    FINBERT,
    MANIFEST,
    embedded_folder,
    finbert_folder,
    read_installation,
    verify,
)
from foliolens.sentiment.installing.hub import HubProblem, OnBytes
from foliolens.settings import Settings

__all__ = ["app"]

app = typer.Typer(help="The sentiment models: list, pull, verify.", no_args_is_help=True)


class Pullable(StrEnum):
    """What `pull` can fetch."""

    FINBERT = "finbert"


@app.command("list")
def list_models(data: DataOption = None) -> None:
    """Show the models, and which of them judges."""
    settings = settings_for(data)
    wanted = EngineChoice(settings.sentiment, settings.data).wanted
    table = Table("", "Model", "Precision", "Version", "Size", "Where", box=None, pad_edge=False)
    for name, folder in _folders(settings).items():
        mark = "[green]in use[/]" if name == wanted else ""
        try:
            found = read_installation(name, folder)
        except ModelUnusable as problem:
            table.add_row(mark, name, "-", "-", "-", f"{problem.reason} {problem.advice}")
            continue
        identity = found.identity
        table.add_row(
            mark, name, identity.precision, identity.version, f"{found.size / 1e6:.1f} MB", str(found.folder)
        )
    console().print(table)


@app.command("verify")
def verify_models(data: DataOption = None) -> None:
    """Read every file of the installed models and compare it with its hash."""
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
            out.print(
                f"{name}: [green]sound[/], {installation.identity.precision}, {len(installation.files)} files"
            )
    if not sound:
        raise typer.Exit(BAD_NEWS)


@app.command("pull")
def pull_model(
    model: Annotated[Pullable, typer.Argument(help="Which model.")],
    export: Annotated[
        bool,
        typer.Option(
            "--export", help="Export the PyTorch weights instead (needs foliolens[finbert-export])."
        ),
    ] = False,
    data: DataOption = None,
) -> None:
    """Fetch a model, check it, compare int8 with fp32, and install the one that may be used."""
    from foliolens.sentiment.installing.exporting import export_finbert, missing_packages  # noqa: PLC0415
    from foliolens.sentiment.installing.hub import Hub  # noqa: PLC0415
    from foliolens.sentiment.installing.pulling import pull  # noqa: PLC0415

    if export and (missing := missing_packages()):
        raise Failure(
            f"--export needs {', '.join(missing)}.",
            "Install them: pip install 'foliolens[finbert-export]'. Without --export none is needed.",
        )
    settings = settings_for(data)
    out = console()
    fetch = export_finbert if export else pull
    try:
        with _progress() as on_bytes:
            pulled = fetch(settings.data, Hub(settings.sentiment.model_mirror), on_bytes, out.print)
    except HubProblem as problem:
        raise Failure(
            str(problem),
            "What arrived is kept: run it again to go on. FOLIOLENS_MODEL_MIRROR names another hub; "
            "without FinBERT the embedded model judges, which needs no network.",
        ) from problem
    except ModelUnusable as problem:
        raise Failure(problem.reason, problem.advice) from problem
    except OSError as problem:
        raise Failure(
            f"{problem.filename or settings.data}: {problem.strerror}.", "Mend it and run it again."
        ) from problem
    identity = pulled.installation.identity
    if pulled.comparison is None:
        out.print(f"{model} is installed already and up to date ({identity.precision}, {identity.version}).")
        return
    compared = pulled.comparison
    out.print(
        f"On {compared.sentences} check sentences int8 gives {compared.equal:.1%} the label of fp32"
        f" and loses {compared.points_lost:+.1f} points of accuracy."
    )
    out.print(f"[green]Installed {model}[/] as {identity.precision} in {pulled.installation.folder}.")


def _folders(settings: Settings) -> dict[str, Path]:
    return {EMBEDDED: embedded_folder(), FINBERT: finbert_folder(settings.data)}


@contextmanager
def _progress() -> Iterator[OnBytes]:
    """A bar for each file on standard error; nothing where that is no terminal."""
    out = console(stderr=True)
    tasks: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=out, disable=not out.is_terminal) as bars:

        def on_bytes(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done)

        yield on_bytes
