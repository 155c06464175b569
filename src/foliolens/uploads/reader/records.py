"""From lines to records: cells, each record with the line it starts on."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader.decoding import DecodedFile
from foliolens.uploads.reader.models import FileRefused, RowIssue

__all__ = ["DELIMITERS", "Record", "records", "stated_delimiter"]

DELIMITERS = (",", ";", "\t", "|")
MAX_RECORD_LINES = 200

_NUMBER = re.compile(r"[-+(]?[$€£]?[0-9][0-9.,' ]*%?\)?").fullmatch
_SEP_LINE = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)


# The line a record starts on, from 1, and its cells. A plain tuple: there may be a million.
Record = tuple[int, list[str]]


def stated_delimiter(decoded: DecodedFile) -> str | None:
    """Return the delimiter of Excel's `sep=;` line, if the file begins with one."""
    first = next(iter(decoded.lines()), "")
    match = _SEP_LINE.fullmatch(first.rstrip("\r\n"))
    return match[1] if match else None


def records(decoded: DecodedFile, delimiter: str, limit: int | None = None) -> Iterator[Record]:
    """Return the records in file order, blank ones included as empty.

    Args:
        decoded: The file.
        delimiter: The character between cells.
        limit: Read only this many lines and take an open quote at their end as closed; for sniffing.

    Raises:
        FileRefused: A quote is not closed or a record has no end within reason.
    """
    lines: Iterable[str] = decoded.lines()
    if limit is not None:
        lines = islice(lines, limit)
    if not decoded.has_quotes:
        return _unquoted(lines, delimiter)
    return _quoted(lines, delimiter, strict=limit is None)


def _quoted(lines: Iterable[str], delimiter: str, *, strict: bool) -> Iterator[Record]:
    """Yield the records of a file whose cells may hold delimiters and line ends."""
    guard = _Guard(lines)
    reader = csv.reader(guard, delimiter=delimiter, skipinitialspace=True, strict=strict)
    start = 1
    try:
        for cells in reader:
            after = guard.count + 1
            if after - start > 1:
                _refuse_swallowed_rows(cells, start, delimiter)
            yield start, cells
            start = guard.start = after
    except csv.Error as error:
        raise _broken_quotes(start, str(error)) from error


def _unquoted(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """Return the records of a file without quotes: every line is one, and nothing can go wrong."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    first = next(reader, None)
    if first is None:
        return iter(())
    if _SEP_LINE.fullmatch(delimiter.join(first)):
        first = []
    return chain([(1, first)], enumerate(reader, 2))


class _Guard:
    """Feeds lines to the parser, counts them, and stops a record that does not end."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.count = 0
        self.start = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.count += 1
        if self.count - self.start >= MAX_RECORD_LINES:
            raise _broken_quotes(self.start, f"a cell that covers more than {MAX_RECORD_LINES} lines")
        # The line of Excel's that names the delimiter is not a record.
        return "\n" if self.count == 1 and _SEP_LINE.fullmatch(line) else line


def _broken_quotes(line: int, reason: str) -> FileRefused:
    return FileRefused(
        RowIssue(
            IssueCode.NOT_CSV,
            f'The quotes (") of the record on line {line} do not match: {reason}.',
            line=line,
            suggestion='Close the quote, or write a quote inside a cell twice ("").',
        )
    )


def _refuse_swallowed_rows(cells: list[str], line: int, delimiter: str) -> None:
    """Refuse a cell that holds whole rows: its quote was opened by mistake and closed by the next one.

    A disclaimer has commas too, but no bare number between two of them.
    """
    for cell in cells:
        for part in cell.splitlines()[1:]:
            if any(_NUMBER(piece) for piece in part.split(delimiter)[1:]):
                raise _broken_quotes(line, "a cell that holds whole rows")
