"""Find a file's delimiter and header together."""

from collections.abc import Mapping
from itertools import islice

from msgspec import Struct

from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader.decoding import DecodedFile
from foliolens.uploads.reader.header import MAX_COLUMNS, Header, find_header, read_header
from foliolens.uploads.reader.models import FileRefused, RowIssue
from foliolens.uploads.reader.records import DELIMITERS, Record, records, stated_delimiter
from foliolens.uploads.reader.sections import has_sections, open_positions

__all__ = ["Source", "find_source"]

_HEAD = 200


class Source(Struct, frozen=True):
    """A file whose delimiter and header are found.

    Attributes:
        decoded: The file.
        delimiter: The character between cells.
        sectioned: Whether each row is named after its table, and only one of these counts.
        header: The header that was found.
    """

    decoded: DecodedFile
    delimiter: str
    sectioned: bool
    header: Header


def find_source(decoded: DecodedFile, mapping: Mapping[str, str]) -> Source:
    """Find delimiter and header together: the delimiter under which the best header appears.

    Raises:
        FileRefused: There is no table with more than one column.
    """
    stated = stated_delimiter(decoded)
    best: Source | None = None
    widest: tuple[int, Source] | None = None
    refusal: FileRefused | None = None
    for delimiter in (stated,) if stated else _possible_delimiters(decoded):
        try:
            sectioned, head = _head(decoded, delimiter)
        except FileRefused as refused:
            # Quotes may match under another delimiter.
            refusal = refusal or refused
            continue
        header = find_header(head, mapping)
        if header and (best is None or header.score > best.header.score):
            best = Source(decoded, delimiter, sectioned, header)
        line, cells = max(head, key=lambda record: len(record[1]), default=(1, [""]))
        if len(cells) > 1 and (widest is None or len(cells) > widest[0]):
            fallback = read_header(line, cells[:MAX_COLUMNS], mapping)
            widest = (len(cells), Source(decoded, delimiter, sectioned, fallback))
    if best is not None:
        return best
    if refusal is not None:
        raise refusal
    if widest is not None and widest[0] > MAX_COLUMNS:
        raise FileRefused(
            RowIssue(
                IssueCode.NOT_CSV,
                f"The file has {widest[0]:,} columns; at most {MAX_COLUMNS:,} are accepted.",
                widest[1].header.line,
                suggestion="Export only the columns of the positions.",
            )
        )
    if widest is not None:
        return widest[1]
    raise FileRefused(
        RowIssue(
            IssueCode.NOT_CSV,
            "The file has no table: no line has cells between commas, semicolons, tabs or bars.",
            suggestion="Export the positions as CSV.",
        )
    )


def _possible_delimiters(decoded: DecodedFile) -> tuple[str, ...]:
    """Return the delimiters that occur in the first lines; all where quotes have to be judged too."""
    if decoded.has_quotes:
        return DELIMITERS
    head = "".join(islice(decoded.lines(), _HEAD))
    return tuple(delimiter for delimiter in DELIMITERS if delimiter in head)


def _head(decoded: DecodedFile, delimiter: str) -> tuple[bool, list[Record]]:
    """Return the first records, or those of the table of positions, and whether there are sections."""
    head = list(islice(records(decoded, delimiter, _HEAD), _HEAD))
    if not has_sections(head):
        return False, head
    # The table of positions may start beyond any head.
    return True, list(islice(open_positions(records(decoded, delimiter)), _HEAD))
