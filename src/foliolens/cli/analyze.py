"""`foliolens analyze FILE.csv`: the risk report in the terminal, without server or account."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from foliolens.cli.output import BAD_NEWS, USAGE, Failure, console

if TYPE_CHECKING:
    from foliolens.uploads.reader import Reading

__all__ = ["analyze"]


def analyze(
    file: Annotated[Path, typer.Argument(help="A broker's CSV file.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the report as a web page to this file.")] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="HEADER=FIELD", help="Read a column as a field; repeatable."),
    ] = None,
    number_format: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="How numbers are written, as in 1.234,56.")
    ] = None,
    total: Annotated[
        str | None, typer.Option(help="The portfolio's value, where the file has percentages only.")
    ] = None,
    merge: Annotated[bool, typer.Option("--merge", help="Add up rows of the same symbol.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse what an import without confirmation refuses.")
    ] = False,
) -> None:
    """Read a file and report what the portfolio is exposed to."""
    # Imported here so that other commands do not pay for the reader and the analysis.
    from foliolens.cli.report_html import report_html  # noqa: PLC0415
    from foliolens.cli.report_text import print_report  # noqa: PLC0415
    from foliolens.holdings.rules import Rules  # noqa: PLC0415
    from foliolens.risk.report import analyze as analyze_holdings  # noqa: PLC0415
    from foliolens.uploads.outcomes import accepted  # noqa: PLC0415
    from foliolens.uploads.reader import ReadOptions, read  # noqa: PLC0415

    options = ReadOptions(
        mapping=_mapping(mapping or [], number_format) or None,
        declared_total=_total(total),
        rules=Rules(from_file=True, override_business_rules=not strict, sum_duplicates=merge),
    )
    reading = read(_content(file, options.max_bytes), options)
    if reading.errors:
        _refuse(reading, file, as_json=as_json)
    report = analyze_holdings(reading.holdings, as_of=datetime.now(UTC))
    if html is not None:
        html.write_text(report_html(file.name, reading, report), encoding="utf-8")
    if as_json:
        ending = accepted(reading, reading.holdings, ())
        _print_json({**ending.outcome, "riskMetrics": report.model_dump(by_alias=True)})
        return
    print_report(console(), file.name, reading, report)
    if html is not None:
        console().print(f"Report written to {html}")


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
        _print_json(refused(reading).outcome)
    else:
        print_problems(console(), file.name, reading)
    raise typer.Exit(BAD_NEWS)


def _print_json(value: Any) -> None:
    from foliolens.kit import json  # noqa: PLC0415

    typer.echo(json.encode(value).decode())


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
