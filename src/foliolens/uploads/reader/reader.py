"""Read a broker's file: from bytes to validated holdings, or every error at once."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from foliolens.holdings.draft_columns import DraftColumns
from foliolens.holdings.models import IssueCode, Validation
from foliolens.holdings.validation import validate
from foliolens.uploads.reader.columns import NUMBER_FIELDS, NumberColumn
from foliolens.uploads.reader.decoding import decode
from foliolens.uploads.reader.drafts import draft_holdings, is_closed
from foliolens.uploads.reader.findings import Findings
from foliolens.uploads.reader.header import (
    column_mapping,
    unused_mapping,
)
from foliolens.uploads.reader.interpretation import Interpretation, interpret
from foliolens.uploads.reader.layout import Table, read_table
from foliolens.uploads.reader.missing import missing_columns
from foliolens.uploads.reader.models import (
    ColumnReading,
    FileRefused,
    Reading,
    ReadOptions,
    RejectedRow,
    RowCounts,
    RowIssue,
)
from foliolens.uploads.reader.records import records
from foliolens.uploads.reader.sections import open_positions
from foliolens.uploads.reader.source import Source, find_source
from foliolens.uploads.reader.split_numbers import report_split_numbers
from foliolens.uploads.reader.totals import check_totals

__all__ = ["read"]

_SAMPLES = 5


def read(content: bytes, options: ReadOptions | None = None) -> Reading:
    """Read and validate a file of positions.

    Nothing is guessed: a number that can be read in two ways is an error that says what to send
    in the mapping. Nothing in the file makes this raise, hang or use much memory.

    Args:
        content: The file.
        options: What the request says about it.

    Returns:
        Holdings, or every error at once; never both.
    """
    options = options or ReadOptions()
    with _paused_collector():
        return _read(content, options)


@contextmanager
def _paused_collector() -> Iterator[None]:
    """Pause the search for reference cycles: reading makes none, and the search takes a third of the time.

    Whoever paused it switches it on again, so that it never stays off.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read(content: bytes, options: ReadOptions) -> Reading:
    """Find the file's form, then read its table."""
    try:
        decoded = decode(content, options.max_bytes)
        mapping, mapping_errors = column_mapping(options.mapping)
        source = find_source(decoded, mapping)
    except FileRefused as refusal:
        return Reading(errors=(refusal.issue,))
    try:
        return _read_source(source, mapping, mapping_errors, options)
    except FileRefused as refusal:
        return _described(source, Reading(errors=(refusal.issue,)))


def _described(source: Source, reading: Reading) -> Reading:
    """Return the reading with what was found out about the file's form."""
    return replace(
        reading,
        encoding=source.decoded.encoding,
        delimiter=source.delimiter,
        header_line=source.header.line,
    )


def _read_source(
    source: Source, mapping: Mapping[str, str], mapping_errors: list[RowIssue], options: ReadOptions
) -> Reading:
    """Read the table of a file whose form is known."""
    every = records(source.decoded, source.delimiter)
    table = read_table(
        open_positions(every) if source.sectioned else every,
        source.header,
        mapping,
        options.rules.max_holdings,
    )
    problems = [
        *mapping_errors,
        *unused_mapping(source.header, options.mapping),
        *missing_columns(table, mapping),
    ]
    findings = Findings(table)
    interpretation = interpret(table, options, findings)
    report_split_numbers(
        table, interpretation.numbers, source.delimiter, mapping, options.declared_total, findings
    )
    if table.beyond:
        problems.append(_too_many(table, options.rules.max_holdings))
    if problems:
        found = [*problems, *table.errors, *interpretation.errors, *findings.issues()]
        reading = Reading(errors=_ordered(found), warnings=tuple(table.warnings), rows=_counts(table))
    else:
        reading = _read_rows(table, interpretation, findings, options)
    columns = _columns(table, interpretation.numbers)
    return _described(source, replace(reading, columns=columns, currency=interpretation.currency))


def _read_rows(
    table: Table, interpretation: Interpretation, findings: Findings, options: ReadOptions
) -> Reading:
    """Draft, validate and count the rows."""
    warnings = [*table.warnings, *interpretation.warnings]
    drafts = draft_holdings(table, interpretation.numbers, findings, warnings)
    kept: Sequence[int] = range(len(drafts))
    if "shares" in interpretation.numbers:
        kept = [row for row, draft in enumerate(drafts) if not is_closed(draft)]
    if not kept:
        empty = RowIssue(
            IssueCode.EMPTY_FILE,
            "The file has a header but no holdings.",
            table.header.line,
            suggestion="Export the positions again, with at least one row.",
        )
        return Reading(
            errors=_ordered([empty, *table.errors]),
            warnings=tuple(warnings),
            rows=_counts(table, len(drafts)),
        )
    place = {row: index for index, row in enumerate(kept)} if findings.faulty else {}
    validation = validate(
        drafts if len(kept) == len(drafts) else [drafts[row] for row in kept],
        total=options.declared_total,
        rules=replace(options.rules, from_file=True),
        faulty=[(place[row], field) for row, field in findings.faulty if row in place],
    )
    first_line = _first_lines(table, kept, drafts, validation)
    own = [*table.errors, *interpretation.errors, *findings.issues()]
    if not own:
        own = check_totals(table, interpretation.numbers.get("dollarAmount"))
    found = [*own, *_located(table, kept, first_line, validation, errors=True)]
    warned = [*warnings, *_located(table, kept, first_line, validation, errors=False)]
    lines = {issue.line for issue in found if issue.line is not None}
    rejected = tuple(
        RejectedRow(table.lines[row], tuple(table.rows[row]))
        for row in (range(len(table.rows)) if lines else ())
        if table.lines[row] in lines
    )
    duplicates = len(kept) - len(first_line) if first_line else 0
    closed = len(drafts) - len(kept)
    counts = _counts(
        table,
        closed,
        imported=0 if found else len(validation.holdings),
        duplicates=duplicates,
        errors=len(rejected),
    )
    return Reading(
        holdings=() if found else validation.holdings,
        total=None if found else validation.total,
        errors=_ordered(found),
        warnings=_ordered(warned),
        rows=counts,
        rejected=rejected,
    )


def _first_lines(
    table: Table, kept: Sequence[int], drafts: DraftColumns, validation: Validation
) -> dict[str, int]:
    """Return the line on which each symbol comes first, where any comes again; else nothing."""
    if all(issue.code is not IssueCode.DUPLICATE_SYMBOL for issue in validation.errors + validation.warnings):
        return {}
    lines: dict[str, int] = {}
    for row in kept:
        lines.setdefault(drafts.symbol[row].upper(), table.lines[row])
    return lines


def _counts(
    table: Table, closed: int = 0, *, imported: int = 0, duplicates: int = 0, errors: int = 0
) -> RowCounts:
    return RowCounts(table.total, imported, table.skipped + closed, duplicates, errors)


def _ordered(issues: list[RowIssue]) -> tuple[RowIssue, ...]:
    """Return the issues in line order, those of the whole file last."""
    return tuple(sorted(issues, key=lambda issue: (issue.line is None, issue.line or 0)))


def _too_many(table: Table, most: int) -> RowIssue:
    count = len(table.rows) + table.beyond
    return RowIssue(
        IssueCode.TOO_MANY_ROWS,
        f"The file has {count:,} holdings; at most {most:,} are accepted.",
        value=str(count),
        suggestion="Split the portfolio, or leave out the smallest holdings.",
    )


def _located(
    table: Table, kept: Sequence[int], first_line: Mapping[str, int], validation: Validation, *, errors: bool
) -> list[RowIssue]:
    """Return what validation found, by line and column of the file."""
    header = table.header
    located = []
    for issue in validation.errors if errors else validation.warnings:
        if issue.row is None:
            located.append(
                RowIssue(
                    issue.code,
                    issue.message,
                    value=issue.value,
                    suggestion=issue.suggestion,
                    field=issue.field,
                )
            )
            continue
        row = kept[issue.row]
        message = issue.message
        if issue.code is IssueCode.DUPLICATE_SYMBOL:
            message = f"{message.rstrip('.')} (first on line {first_line[issue.value or '']})."
        field = "isin" if issue.field == "symbol" and "symbol" not in header.columns else issue.field
        place = header.columns.get(field or "")
        located.append(
            RowIssue(
                issue.code,
                message,
                table.lines[row],
                header.heading(field) if field else None,
                issue.value if place is None else table.rows[row][place][:100],
                issue.suggestion,
                issue.field,
            )
        )
    return located


def _columns(table: Table, numbers: Mapping[str, NumberColumn]) -> tuple[ColumnReading, ...]:
    """Return what was made of each column."""
    fields = {place: field for field, place in table.header.columns.items()}
    return tuple(
        ColumnReading(
            cell.strip(),
            place + 1,
            fields.get(place),
            numbers[field].format_name
            if (field := fields.get(place)) in NUMBER_FIELDS and field in numbers
            else None,
            tuple(row[place].strip()[:100] for row in table.rows[:_SAMPLES]),
        )
        for place, cell in enumerate(table.header.cells)
    )
