"""The `foliolens` command: its subcommands, and how every one of them fails.

Exit codes: 0 done, 1 the answer is bad news, 2 wrong usage, 3 something outside failed.
"""

import sys
import traceback
from typing import Annotated

import typer

from foliolens import __version__
from foliolens.cli import (
    admin,
    analyze,
    compare,
    cost,
    doctor,
    models,
    parity,
    predict,
    rebalance,
    sentiment,
    serve,
    worker,
)
from foliolens.cli.output import Failure, fail

__all__ = ["app", "main"]

app = typer.Typer(
    name="foliolens",
    help="Portfolio intelligence: honest risk reports from a broker's CSV.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("analyze")(analyze.analyze)
app.command("compare")(compare.compare)
app.command("rebalance")(rebalance.rebalance)
app.command("predict")(predict.predict)
app.command("cost")(cost.cost)
app.command("parity")(parity.parity)
app.command("doctor")(doctor.doctor)
app.command("sentiment")(sentiment.sentiment)
app.add_typer(models.app, name="models")
app.add_typer(admin.app, name="admin")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"foliolens {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Portfolio intelligence: honest risk reports from a broker's CSV."""


def main() -> None:
    """Run the command line; an error is one line with a hint, unless `--debug` asks for more."""
    try:
        app()
    except Exception as error:
        if "--debug" in sys.argv:
            traceback.print_exc()
        sys.exit(fail(error if isinstance(error, Failure) else _unexpected(error)))


def _unexpected(error: Exception) -> Failure:
    told = " ".join(f"{type(error).__name__}: {error}".split())
    return Failure(told, "Run `foliolens --debug ...` for the traceback.")


if __name__ == "__main__":
    main()
