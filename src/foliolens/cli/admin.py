"""`foliolens admin`: backup, restore, migrations and the dead letters."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foliolens.cli.output import USAGE, DataOption, Failure, console, settings_for

if TYPE_CHECKING:
    from foliolens.settings import Settings

__all__ = ["app"]

app = typer.Typer(help="Backup, restore, migrations, dead letters.", no_args_is_help=True)


@app.command()
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="Where to write. [default: foliolens-<time>.tar.gz]")
    ] = None,
    data: DataOption = None,
) -> None:
    """Write everything into one file, while the server runs or while it does not."""
    from foliolens.adapters.local.backup import write_backup  # noqa: PLC0415
    from foliolens.bootstrap import database_server, present_database_url  # noqa: PLC0415

    settings = settings_for(data)
    target = file or Path(f"foliolens-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz")
    url = present_database_url(settings)
    try:
        with console(stderr=True).status("Writing the backup ..."):
            if url is not None:
                write_backup(url, settings.data, target)
            else:
                _require_data(settings)
                with database_server(settings) as started:
                    write_backup(started, settings.data, target)
    except (RuntimeError, OSError) as error:
        hint = "No file was written, and a former one is as it was. Make space, or choose another place."
        raise Failure(f"The backup failed: {error}.", hint) from error
    console().print(f"Backup written to {target} ({target.stat().st_size / 1024**2:.1f} MB).")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file of `admin backup`.")],
    data: DataOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the data that is there.")] = False,
) -> None:
    """Put a backup back; what is there is replaced only once the backup is completely read."""
    from foliolens.adapters.local.backup import BackupUnusable, holds_data, restore_backup  # noqa: PLC0415
    from foliolens.bootstrap import database_server  # noqa: PLC0415

    settings = settings_for(data)
    _require_no_server(settings, "restore")
    with database_server(settings) as url:
        if holds_data(url) and not force:
            raise Failure(
                "There is data here already.", "Add --force to replace it, or choose an empty --data folder."
            )
        try:
            with console(stderr=True).status("Restoring ..."):
                restore_backup(file, url, settings.data)
        except BackupUnusable as error:
            hint = "Nothing was changed. Choose a file written by `admin backup`."
            raise Failure(str(error), hint) from error
    console().print(f"Restored from {file}.")


@app.command()
def migrate(
    revision: Annotated[
        str | None, typer.Option("--to", help="A revision, as in 0004. [default: the newest]")
    ] = None,
    data: DataOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Go back, losing what only newer tables hold.")
    ] = False,
) -> None:
    """Bring the database to a revision: back, before an older version is installed again."""
    from foliolens.bootstrap import database_server  # noqa: PLC0415
    from foliolens.kit.migrations import database_revision  # noqa: PLC0415
    from foliolens.kit.migrations import migrate as bring  # noqa: PLC0415

    settings = settings_for(data)
    _require_no_server(settings, "migrate")
    with database_server(settings) as url:
        present = database_revision(url)
        if revision is not None and present is not None and revision < present and not force:
            raise Failure(
                f"The database is at revision {present}: going back to {revision} loses what is newer.",
                "Write a backup first (`foliolens admin backup`), then add --force.",
            )
        try:
            reached = bring(url, revision)
        except RuntimeError as error:
            raise Failure(f"{error}.", "Nothing was changed.") from error
    console().print(f"The database is at revision {reached}.")


@app.command()
def operator(
    email: Annotated[str, typer.Argument(help="The address of an account.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take it back.")] = False,
    data: DataOption = None,
) -> None:
    """Let an account see the operations page, from its next sign-in on."""
    from foliolens.bootstrap import make_operator, present_database_url  # noqa: PLC0415

    settings = settings_for(data)
    url = present_database_url(settings)
    if url is None:
        raise Failure("No database is running here.", "Start `foliolens serve` with the same --data first.")
    if not make_operator(settings, url, email, operator=not remove):
        raise Failure(f"There is no account {email}.", "It has to be registered first.", code=USAGE)
    console().print(
        f"{email} is {'no operator any more' if remove else 'an operator'} from the next sign-in on."
    )


@app.command("dead-letters")
def dead_letters(
    redrive: Annotated[bool, typer.Option("--redrive", help="Put them back into the queue.")] = False,
    data: DataOption = None,
) -> None:
    """Show the jobs that were given up, with the reason; or try them again.

    With FOLIOLENS_MODE=aws those of the deployment whose FOLIOLENS_AWS_QUEUE, FOLIOLENS_AWS_DEAD_LETTERS and
    FOLIOLENS_AWS_BUCKET are set, with the credentials of the AWS command line.
    """
    from foliolens.bootstrap import open_services, present_database_url  # noqa: PLC0415

    settings = settings_for(data)
    if settings.mode == "aws":
        _dead_letters_on_aws(redrive=redrive)
        return
    url = present_database_url(settings)
    if url is None:
        raise Failure("No database is running here.", "Start `foliolens serve` with the same --data first.")
    with open_services(settings, url) as services:
        if redrive:
            moved = sum(load.queue.redrive() for load in services.workloads)
            console().print(f"Jobs put back into the queue: {moved}.")
            return
        dead = [letter for load in services.workloads for letter in load.queue.dead()]
    for letter in dead:
        job = letter.job
        console().print(f"{job.id}  {job.kind}  {job.attempts} attempts  {letter.reason}")
    if not dead:
        console().print("No dead letters.")


def _dead_letters_on_aws(*, redrive: bool) -> None:
    from foliolens.bootstrap_aws import dead_letters  # noqa: PLC0415
    from foliolens.environment import SettingsError  # noqa: PLC0415

    try:
        dead = dead_letters()
    except SettingsError as error:
        raise Failure(str(error), "The outputs of the stack name them.", code=USAGE) from error
    if redrive:
        console().print(f"Messages put back into the queue: {dead.redrive()}.")
        return
    letters = dead.letters()
    for letter in letters:
        console().print(f"{letter.message_id}  {letter.reason}")
    if not letters:
        console().print("No dead letters.")


def _require_no_server(settings: "Settings", what: str) -> None:
    from foliolens.adapters.local.postgres import running_url  # noqa: PLC0415

    if settings.database.database_url is None and running_url(settings.data / "postgres"):
        raise Failure("A server is running on this data folder.", f"Stop it, then {what}.")


def _require_data(settings: "Settings") -> None:
    if not (settings.data / "postgres").is_dir():
        raise Failure(f"There is no data in {settings.data}.", "Name the folder with --data.")
