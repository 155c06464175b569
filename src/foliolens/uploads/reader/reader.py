"""Read a broker's file: from bytes to validated holdings, or every error at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from foliolens.portfolios.models import IssueCode, Validation
from foliolens.portfolios.validation import validate
from foliolens.uploads.reader.columns import NUMBER_FIELDS, NumberColumn
from foliolens.uploads.reader.decoding import DecodedFile, decode
from foliolens.uploads.reader.drafts import draft_holdings, is_closed
from foliolens.uploads.reader.findings import Findings
from foliolens.uploads.reader.header import Header, column_mapping, find_header, read_header, unused_mapping
from foliolens.uploads.reader.interpretation import Interpretation, interpret
from foliolens.uploads.reader.layout import MAX_COLUMNS, Table, read_table
from foliolens.uploads.reader.models import (
    ColumnReading,
    FileRefused,
    Reading,
    ReadOptions,
    RejectedRow,
    RowCounts,
    RowIssue,
)
from foliolens.uploads.reader.records import DELIMITERS, Record, records, stated_delimiter
from foliolens.uploads.reader.sections import has_sections, open_positions
from foliolens.uploads.reader.totals import check_totals

__all__ = ["read"]

_HEAD = 200
_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class _Source:
    """A file whose delimiter and header are found."""

    decoded: DecodedFile
    delimiter: str
    sectioned: bool
    header: Header


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
    try:
        decoded = decode(content, options.max_bytes)
        mapping, mapping_errors = column_mapping(options.mapping)
        source = _find_source(decoded, mapping)
    except FileRefused as refusal:
        return Reading(errors=(refusal.issue,))
    try:
        return _read_source(source, mapping, mapping_errors, options)
    except FileRefused as refusal:
        return _described(source, Reading(errors=(refusal.issue,)))


def _described(source: _Source, reading: Reading) -> Reading:
    """Return the reading with what was found out about the file's form."""
    return replace(
        reading,
        encoding=source.decoded.encoding,
        delimiter=source.delimiter,
        header_line=source.header.line,
    )


def _find_source(decoded: DecodedFile, mapping: Mapping[str, str]) -> _Source:
    """Find delimiter and header together: the delimiter under which the best header appears.

    Raises:
        FileRefused: There is no table with more than one column.
    """
    stated = stated_delimiter(decoded)
    best: _Source | None = None
    widest: tuple[int, _Source] | None = None
    refusal: FileRefused | None = None
    for delimiter in (stated,) if stated else DELIMITERS:
        try:
            sectioned, head = _head(decoded, delimiter)
        except FileRefused as refused:
            # Quotes may match under another delimiter.
            refusal = refusal or refused
            continue
        header = find_header(head, mapping)
        if header and (best is None or header.score > best.header.score):
            best = _Source(decoded, delimiter, sectioned, header)
        line, cells = max(head, key=lambda record: len(record[1]), default=(1, [""]))
        if len(cells) > 1 and (widest is None or len(cells) > widest[0]):
            fallback = read_header(line, cells[:MAX_COLUMNS], mapping)
            widest = (len(cells), _Source(decoded, delimiter, sectioned, fallback))
    if best is not None:
        return best
    if refusal is not None:
        raise refusal
    if widest is not None:
        return widest[1]
    raise FileRefused(
        RowIssue(
            IssueCode.NOT_CSV,
            "The file has no table: no line has cells between commas, semicolons, tabs or bars.",
            suggestion="Export the positions as CSV.",
        )
    )


def _head(decoded: DecodedFile, delimiter: str) -> tuple[bool, list[Record]]:
    """Return the first records, or those of the table of positions, and whether there are sections."""
    head = list(islice(records(decoded, delimiter, _HEAD), _HEAD))
    if not has_sections(head):
        return False, head
    # The table of positions may start beyond any head.
    return True, list(islice(open_positions(records(decoded, delimiter)), _HEAD))


def _read_source(
    source: _Source, mapping: Mapping[str, str], mapping_errors: list[RowIssue], options: ReadOptions
) -> Reading:
    """Read the table of a file whose form is known."""
    every = records(source.decoded, source.delimiter)
    table = read_table(
        open_positions(every) if source.sectioned else every,
        source.header,
        mapping,
        options.rules.max_holdings,
    )
    problems = [*mapping_errors, *unused_mapping(source.header, options.mapping), *_missing(table)]
    findings = Findings(table)
    interpretation = interpret(table, options, findings)
    if table.beyond:
        problems.append(_too_many(table, options.rules.max_holdings))
    if problems:
        reading = Reading(errors=_ordered([*problems, *table.errors]), rows=_counts(table))
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
    place = {row: index for index, row in enumerate(kept)}
    first_line: dict[str, int] = {}
    for row in kept:
        first_line.setdefault(drafts[row].symbol.upper(), table.lines[row])
    validation = validate(
        [drafts[row] for row in kept],
        total=options.declared_total,
        rules=replace(options.rules, from_file=True),
        faulty=[(place[row], field) for row, field in findings.faulty if row in place],
    )
    own = [*table.errors, *interpretation.errors, *findings.issues()]
    if not own:
        own = check_totals(table, interpretation.numbers.get("dollarAmount"))
    found = [*own, *_located(table, kept, first_line, validation, errors=True)]
    warned = [*warnings, *_located(table, kept, first_line, validation, errors=False)]
    lines = {issue.line for issue in found if issue.line is not None}
    duplicates = len(kept) - len(first_line)
    closed = len(drafts) - len(kept)
    counts = _counts(
        table,
        closed,
        imported=0 if found else len(validation.holdings),
        duplicates=duplicates,
        errors=len(lines & set(table.lines)),
    )
    rejected = tuple(
        RejectedRow(line, tuple(cells))
        for line, cells in zip(table.lines, table.rows, strict=True)
        if line in lines
    )
    return Reading(
        holdings=() if found else validation.holdings,
        total=None if found else validation.total,
        errors=_ordered(found),
        warnings=_ordered(warned),
        rows=counts,
        rejected=rejected,
    )


def _counts(
    table: Table, closed: int = 0, *, imported: int = 0, duplicates: int = 0, errors: int = 0
) -> RowCounts:
    return RowCounts(table.total, imported, table.skipped + closed, duplicates, errors)


def _ordered(issues: list[RowIssue]) -> tuple[RowIssue, ...]:
    """Return the issues in line order, those of the whole file last."""
    return tuple(sorted(issues, key=lambda issue: (issue.line is None, issue.line or 0)))


def _missing(table: Table) -> list[RowIssue]:
    """Return an error for each column without which nothing can be read, or that is contested."""
    header = table.header
    named = ", ".join(cell.strip() for cell in header.cells[:30] if cell.strip())
    issues = []
    if header.is_transactions:
        issues.append(
            RowIssue(
                IssueCode.MISSING_COLUMN,
                "The file lists transactions, not positions.",
                header.line,
                suggestion="Export the positions or holdings of the account.",
            )
        )
    if not header.columns.keys() & {"symbol", "isin"}:
        issues.append(_missing_column("symbol", "No column holds the symbols", header.line, named))
    if not header.columns.keys() & {"dollarAmount", "allocationPercentage", "shares"}:
        issues.append(
            _missing_column(
                "dollarAmount", "No column holds amounts, allocations or shares", header.line, named
            )
        )
    for field, places in header.contested.items():
        if any(len({row[place].strip() for place in places}) > 1 for row in table.rows):
            columns = " and ".join(f"#{place + 1}" for place in places)
            issues.append(
                RowIssue(
                    IssueCode.MISSING_COLUMN,
                    f"Columns {columns} both look like the {field}, and differ.",
                    header.line,
                    header.heading(field),
                    suggestion=f'Say which in the mapping: {{"#{places[0] + 1}": "{field}"}}.',
                    field=field,
                )
            )
    return issues


def _missing_column(field: str, message: str, line: int, named: str) -> RowIssue:
    return RowIssue(
        IssueCode.MISSING_COLUMN,
        f"{message}; the columns are: {named[:500]}.",
        line,
        suggestion=f'Say which in the mapping, for example {{"#2": "{field}"}}.',
        field=field,
    )


def _too_many(table: Table, most: int) -> RowIssue:
    count = len(table.rows) + table.beyond
    return RowIssue(
        IssueCode.TOO_MANY_ROWS,
        f"The file has {count:,} holdings; at most {most:,} are accepted.",
        value=str(count),
        suggestion="Split the portfolio, or leave out the smallest holdings.",
    )


def _located(
    table: Table, kept: list[int], first_line: Mapping[str, int], validation: Validation, *, errors: bool
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
