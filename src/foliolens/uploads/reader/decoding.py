"""From bytes to lines of text: what is not text is refused, the encoding is found."""

import io
import re
from collections.abc import Iterator

from msgspec import Struct

from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader.models import FileRefused, RowIssue

__all__ = ["MAX_LINES", "DecodedFile", "decode"]

MAX_LINES = 1_000_000
MAX_LINE = 100_000

_SAVE_AS = "Open it in a spreadsheet and save the sheet with the positions as CSV."
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"{\\rtf", "an RTF document"),
)
_MARKUP = re.compile(rb"<(?:!doctype|html|\?xml|table|svg|ofx)", re.IGNORECASE)
_JSON = re.compile(rb"[\[{]\s*(?:[\[{]|\"[^\"\r\n]*\"\s*[:,\]]|[\]}]\s*\Z)")
_CONTROL = bytes({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A})
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


class DecodedFile(Struct, frozen=True):
    """A file that is text.

    Attributes:
        body: Its bytes without the byte order mark.
        encoding: The codec that reads all of `body`.
    """

    body: bytes
    encoding: str

    @property
    def has_quotes(self) -> bool:
        """Whether a double quote may occur."""
        return b'"' in self.body

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends: CR LF, LF and CR each end one line."""
        return io.TextIOWrapper(io.BytesIO(self.body), encoding=self.encoding, newline="")


def decode(content: bytes, max_bytes: int) -> DecodedFile:
    """Find the encoding of a file.

    A byte order mark decides; without one, zero bytes in every other place mean UTF-16, valid UTF-8
    is UTF-8, and the rest is Windows-1252.

    Raises:
        FileRefused: The file is empty, too large, not text, or text in an unknown encoding.
    """
    if len(content) > max_bytes:
        raise _refused(
            IssueCode.FILE_TOO_LARGE,
            f"The file has {len(content):,} bytes; at most {max_bytes:,} are accepted.",
            "Export only the positions, or split the file.",
        )
    if not content.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n\x0b\x0c\x1a"):
        raise _refused(IssueCode.EMPTY_FILE, "The file is empty.", "Export it again.")
    decoded = _find_encoding(content)
    _refuse_markup(decoded)
    _refuse_shape(decoded)
    return decoded


def _refused(code: IssueCode, message: str, suggestion: str, line: int | None = None) -> FileRefused:
    return FileRefused(RowIssue(code, message, line=line, suggestion=suggestion))


def _find_encoding(content: bytes) -> DecodedFile:
    """Return the text's bytes and codec, checked to the last byte."""
    for magic, what in _MAGIC:
        if content.startswith(magic):
            raise _refused(IssueCode.NOT_CSV, f"The file is {what}, not CSV.", _SAVE_AS)
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise _refused(IssueCode.ENCODING_ERROR, "The file is UTF-32 text.", "Save it as UTF-8.")
    if content.startswith(b"\xff\xfe"):
        return _checked(content[2:], "utf-16-le")
    if content.startswith(b"\xfe\xff"):
        return _checked(content[2:], "utf-16-be")
    if content.startswith(b"\xef\xbb\xbf"):
        return _checked(content[3:], "utf-8")
    if b"\x00" in content:
        return _checked(content, _utf16_without_mark(content))
    controls = len(content) - len(content.translate(None, _CONTROL))
    if controls > max(8, len(content) // 500):
        raise _refused(IssueCode.NOT_CSV, "The file is binary, not text.", _SAVE_AS)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return _windows(content, error)
    return DecodedFile(content, "utf-8")


def _utf16_without_mark(content: bytes) -> str:
    """Return the UTF-16 codec whose high bytes are the zeros, or refuse binary content."""
    sample = content[:4096]
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > half * 0.6 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.05:
        return "utf-16-be"
    raise _refused(IssueCode.NOT_CSV, "The file contains zero bytes: it is binary, not text.", _SAVE_AS)


def _checked(body: bytes, encoding: str) -> DecodedFile:
    """Return the body if the codec reads all of it and it holds no zero characters."""
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise _encoding_error(body, error) from error
    if "\x00" in text:
        raise _refused(IssueCode.NOT_CSV, "The file contains zero characters: it is binary.", _SAVE_AS)
    return DecodedFile(body, encoding)


def _windows(content: bytes, error: UnicodeDecodeError) -> DecodedFile:
    """Return the content as Windows-1252, unless it is UTF-8 with some damage."""
    outside = len(content) - len(content.translate(None, bytes(range(0x80, 0x100))))
    inside = sum(len(match[0]) for match in _MULTIBYTE.finditer(content))
    if inside * 2 > outside:
        raise _encoding_error(content, error)
    try:
        content.decode("cp1252")
    except UnicodeDecodeError as windows_error:
        raise _encoding_error(content, windows_error) from windows_error
    return DecodedFile(content, "cp1252")


def _encoding_error(body: bytes, error: UnicodeDecodeError) -> FileRefused:
    """Return the refusal that names the line of the first unreadable byte."""
    before = body[: error.start].decode(error.encoding, errors="replace")
    line = before.count("\n") + (before.count("\r") - before.count("\r\n")) + 1
    return _refused(
        IssueCode.ENCODING_ERROR,
        f"The text cannot be read as {error.encoding}: a byte on line {line} does not belong to it.",
        "Save the file as UTF-8.",
        line,
    )


def _refuse_markup(decoded: DecodedFile) -> None:
    """Refuse HTML, XML and JSON, which brokers send under the name of CSV."""
    width = 2 if decoded.encoding.startswith("utf-16") else 1
    start = decoded.body[: 1024 * width].decode(decoded.encoding, errors="ignore").lstrip().encode()
    if _MARKUP.match(start):
        what = "a web page or XML"
    elif _JSON.match(start):
        what = "JSON"
    else:
        return
    raise _refused(IssueCode.NOT_CSV, f"The file is {what}, not CSV.", "Export the positions as CSV.")


def _refuse_shape(decoded: DecodedFile) -> None:
    """Refuse more lines, or a longer line, than any portfolio has; both cost memory."""
    body = decoded.body
    if body.count(b"\n") + body.count(b"\r") - body.count(b"\r\n") > MAX_LINES:
        raise _refused(
            IssueCode.TOO_MANY_ROWS,
            f"The file has more than {MAX_LINES:,} lines.",
            "Export only the positions.",
        )
    if _has_short_lines(decoded):
        return
    for number, line in enumerate(decoded.lines(), 1):
        if len(line) > MAX_LINE:
            raise _refused(
                IssueCode.NOT_CSV,
                f"Line {number} has {len(line):,} characters; at most {MAX_LINE:,} are accepted.",
                "Export the positions as CSV, one line for each.",
                number,
            )


def _has_short_lines(decoded: DecodedFile) -> bool:
    """Whether it is plain at once that no line is too long, by looking for line ends from far to far.

    Not for UTF-16, where the byte of a line end may be half of a character.
    """
    body, start = decoded.body, 0
    while len(body) - start >= MAX_LINE:
        end = max(body.rfind(mark, start, start + MAX_LINE - 1) for mark in (b"\n", b"\r"))
        if end < 0 or decoded.encoding.startswith("utf-16"):
            return False
        start = end + 1
    return True
