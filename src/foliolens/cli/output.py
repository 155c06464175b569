"""What commands share: settings with clear errors, the console, and failures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from foliolens.settings import Settings

__all__ = ["OUTSIDE", "USAGE", "DataOption", "Failure", "console", "fail", "settings_for"]

BAD_NEWS = 1
USAGE = 2
OUTSIDE = 3

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder. [default: FOLIOLENS_DATA, else the platform's place]"),
]


class Failure(Exception):
    """A command cannot go on.

    Args:
        message: What happened, in one line.
        hint: What to do about it.
        code: The exit code.
    """

    def __init__(self, message: str, hint: str = "", *, code: int = OUTSIDE) -> None:
        self.message = message
        self.hint = hint
        self.code = code
        super().__init__(message)


def console(*, stderr: bool = False) -> Console:
    """A console that writes plain text where it is not a terminal."""
    return Console(stderr=stderr, highlight=False, soft_wrap=not stderr)


def fail(failure: Failure) -> int:
    """Print a failure on standard error and return its exit code."""
    out = console(stderr=True)
    out.print(f"[red]error:[/] {escape(failure.message)}", soft_wrap=True)
    if failure.hint:
        out.print(f"[dim]hint:[/] {escape(failure.hint)}", soft_wrap=True)
    return failure.code


def settings_for(data: Path | None = None, http: dict[str, object] | None = None) -> "Settings":
    """The settings of this command.

    Raises:
        Failure: A value in the environment or `.env` is malformed.
    """
    from foliolens.environment import SettingsError  # noqa: PLC0415 - settings are not for every command
    from foliolens.settings import HttpSettings, load_settings  # noqa: PLC0415

    try:
        given = {name: str(value) for name, value in (http or {}).items() if value is not None}
        return load_settings(data=data, http=HttpSettings.read(**given))
    except SettingsError as error:
        raise Failure(str(error), "Mend it in the environment or in .env.", code=USAGE) from error
