"""What commands on a broker's file share: how it is read, and how its errors are told."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from foliolens.cli.output import BAD_NEWS, USAGE, Failure, console

if TYPE_CHECKING:
    from foliolens.uploads.reader import Reading

__all__ = [
    "FileArgument",
    "JsonOption",
    "MapOption",
    "MergeOption",
    "NumberFormatOption",
    "TotalOption",
    "print_json",
    "read_file",
]

FileArgument = Annotated[Path, typer.Argument(help="A broker's CSV file.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
MapOption = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="HEADER=FIELD", help="Read a column as a field; repeatable."),
]
NumberFormatOption = Annotated[
    str | None, typer.Option(metavar="FORMAT", help="How numbers are written, as in 1.234,56.")
]
TotalOption = Annotated[
    str | None, typer.Option(help="The portfolio's value, where the file has percentages only.")
]
MergeOption = Annotated[bool, typer.Option("--merge", help="Add up rows of the same symbol.")]


def read_file(
    file: Path,
    *,
    mapping: list[str] | None,
    number_format: str | None,
    total: str | None,
    merge: bool,
    as_json: bool,
    strict: bool = False,
) -> "Reading":
    """Read a portfolio from a file, and end the command with every error at once where it has some.

    Raises:
        Failure: The file cannot be opened, or an option is malformed.
        Exit: The file is refused.
    """
    from foliolens.holdings.rules import Rules  # noqa: PLC0415 - commands without a file do not need it
    from foliolens.uploads.reader import ReadOptions, read  # noqa: PLC0415

    options = ReadOptions(
        mapping=_mapping(mapping or [], number_format) or None,
        declared_total=_total(total),
        rules=Rules(from_file=True, override_business_rules=not strict, sum_duplicates=merge),
    )
    reading = read(_content(file, options.max_bytes), options)
    if reading.errors:
        _refuse(reading, file, as_json=as_json)
    return reading


def print_json(value: Any) -> None:
    """Print plain data as exact JSON."""
    from foliolens.kit import json  # noqa: PLC0415

    typer.echo(json.encode(value).decode())


def _content(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)  # one byte too many is enough for the reader to refuse it
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}.", "Name a CSV file that you can read.") from error


def _refuse(reading: "Reading", file: Path, *, as_json: bool) -> NoReturn:
    from foliolens.cli.report_text import print_problems  # noqa: PLC0415
    from foliolens.uploads.outcomes import refused  # noqa: PLC0415

    if as_json:
        print_json(refused(reading).outcome)
    else:
        print_problems(console(), file.name, reading)
    raise typer.Exit(BAD_NEWS)


def _mapping(pairs: list[str], number_format: str | None) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        header, separator, field = pair.rpartition("=")
        if not separator or not header or not field:
            hint = 'Example: --map "Value=dollarAmount"'
            raise Failure(f"--map {pair} is not HEADER=FIELD.", hint, code=USAGE)
        mapping[header] = field
    if number_format is not None:
        mapping["numberFormat"] = number_format
    return mapping


def _total(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        total = Decimal(text)
    except InvalidOperation:
        total = Decimal("NaN")
    if not total.is_finite() or total <= 0:
        raise Failure(f"--total {text} is not a value above 0.", "Example: --total 12500.00", code=USAGE)
    return total
