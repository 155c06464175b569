"""Random portfolios, written in every locale and dialect that the reader knows."""

import csv
import io
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from hypothesis import strategies as st

__all__ = [
    "Columns",
    "Dialect",
    "File",
    "NumberStyle",
    "UnquotedFile",
    "dialects",
    "files",
    "styles",
    "unquoted_files",
]

SYMBOLS = ("AAPL", "MSFT", "VTI", "BND", "KO", "XOM", "BRK.B", "SAP", "US0378331005", "T")
NO_BREAK, NARROW = "\u00a0", "\u202f"


@dataclass(frozen=True)
class NumberStyle:
    """How the numbers of one column are written."""

    decimal: str
    group: str
    places: int
    trimmed: bool
    prefix: str
    suffix: str

    def write(self, value: Decimal) -> str:
        plain = f"{value:,.{self.places}f}"
        whole, _, fraction = plain.partition(".")
        if self.trimmed:
            fraction = fraction.rstrip("0")
        number = whole.replace(",", self.group) + (self.decimal + fraction if fraction else "")
        return f"{self.prefix}{number}{self.suffix}"

    @property
    def name(self) -> str:
        group = self.group.replace(NO_BREAK, " ").replace(NARROW, " ").replace("’", "'")
        group = group or ("," if self.decimal == "." else ".")
        return f"1{group}234{self.decimal}56"

    @property
    def characters(self) -> str:
        return self.group + self.prefix + self.suffix


@dataclass(frozen=True)
class Dialect:
    """How a file is written around its numbers."""

    encoding: str
    mark: bytes
    delimiter: str
    line_end: str
    quoting: int
    preamble: bool
    blank_lines: bool
    total_row: bool
    footer: bool
    sep_line: bool


@dataclass(frozen=True)
class Columns:
    """The styles of the columns; None where the file does not have the column."""

    amount: NumberStyle
    shares: NumberStyle | None
    price: NumberStyle | None


@dataclass(frozen=True)
class File:
    """A file and what is in it."""

    content: bytes
    amounts: dict[str, Decimal]
    shares: dict[str, Decimal]
    columns: Columns
    dialect: Dialect


@dataclass(frozen=True)
class UnquotedFile:
    """A comma-delimited file whose grouped amounts are not quoted, and what they are."""

    content: bytes
    amounts: dict[str, Decimal]


@st.composite
def styles(draw: st.DrawFn, places: tuple[int, ...], *, money: bool = True) -> NumberStyle:
    decimal = draw(st.sampled_from(".,"))
    groups = [mark for mark in ("", ",", ".", " ", NO_BREAK, NARROW, "'", "’") if mark != decimal]
    prefix = draw(st.sampled_from(["", "", "$", "USD ", "€"])) if money else ""
    suffix = draw(st.sampled_from(["", "", " €", f"{NO_BREAK}EUR"])) if money and not prefix else ""
    return NumberStyle(
        decimal,
        draw(st.sampled_from(groups)),
        draw(st.sampled_from(places)),
        draw(st.booleans()),
        prefix,
        suffix,
    )


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    encoding, mark = draw(
        st.sampled_from(
            [
                ("utf-8", b""),
                ("utf-8", b"\xef\xbb\xbf"),
                ("utf-16-le", b"\xff\xfe"),
                ("utf-16-le", b""),
                ("utf-16-be", b"\xfe\xff"),
                ("utf-16-be", b""),
                ("cp1252", b""),
            ]
        )
    )
    return Dialect(
        encoding,
        mark,
        draw(st.sampled_from(",;\t|")),
        draw(st.sampled_from(["\n", "\r\n", "\r"])),
        draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        *(draw(st.booleans()) for _ in range(5)),
    )


@st.composite
def files(
    draw: st.DrawFn, amount_places: tuple[int, ...] = (0, 2, 3), share_places: tuple[int, ...] = (0, 3, 6)
) -> File:
    dialect = draw(dialects())
    amount = draw(styles(amount_places))
    valued = draw(st.booleans())
    shares = draw(styles(share_places, money=False)) if valued else None
    price = draw(styles((2, 3, 4), money=False)) if valued else None
    columns = Columns(amount, shares, price)
    symbols = draw(st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=6, unique=True))
    rows, amounts, counts, total = [], {}, {}, Decimal(0)
    for symbol in symbols:
        cells = [symbol, draw(st.sampled_from(["Name", 'Say "hi"', "Two\nlines", "Größe, a; b | c"]))]
        if shares and price:
            count = _number(draw, shares.places, 1, 5_000)
            unit = _number(draw, price.places, 100, 2_000)
            counts[symbol] = count
            cells += [shares.write(count), price.write(unit)]
            value = count * unit
        else:
            value = _number(draw, amount.places, 100, 20_000_000)
        value = value.quantize(Decimal(1).scaleb(-amount.places), ROUND_HALF_EVEN)
        total += value
        amounts[symbol] = value.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        rows.append([*cells, amount.write(value)])
    content = _written(dialect, columns, rows, amount.write(total))
    return File(content, amounts, counts, columns, dialect)


def _number(draw: st.DrawFn, places: int, low: int, high: int) -> Decimal:
    scale = 10**places
    return Decimal(draw(st.integers(low * scale, high * scale))).scaleb(-places)


def _written(dialect: Dialect, columns: Columns, rows: list[list[str]], total: str) -> bytes:
    header = ["Symbol", "Name", *(["Quantity", "Price"] if columns.shares else []), "Market Value"]
    buffer = io.StringIO()
    if dialect.sep_line:
        buffer.write(f"sep={dialect.delimiter}\n")
    writer = csv.writer(buffer, delimiter=dialect.delimiter, quoting=dialect.quoting, lineterminator="\n")
    if dialect.preamble:
        writer.writerow(["Positions of account 1234"])
        writer.writerow([])
    writer.writerow(header)
    for row in rows:
        writer.writerow(row)
        if dialect.blank_lines:
            buffer.write("\n")
    if dialect.total_row:
        writer.writerow(["Total", *[""] * (len(header) - 2), total])
    if dialect.footer:
        buffer.write("\n")
        writer.writerow(["Values are delayed, and no advice; see 1.234 or 5,678."])
    text = buffer.getvalue()
    try:
        body = text.encode(dialect.encoding)
    except UnicodeEncodeError:
        # Windows-1252 has no narrow no-break space: its users write the wide one.
        body = text.replace(NARROW, NO_BREAK).encode(dialect.encoding)
    return dialect.mark + body.replace(
        "\n".encode(dialect.encoding), dialect.line_end.encode(dialect.encoding)
    )


@st.composite
def unquoted_files(draw: st.DrawFn) -> UnquotedFile:
    """Files of a writer that quotes nothing, and may leave out the empty cells at a row's end."""
    places = draw(st.sampled_from([0, 2]))
    sign = draw(st.sampled_from(["", "$"]))
    after = draw(st.sampled_from([["Note"], [""], ["Name"], ["Name", "Note"], ["Note", "Days"]]))
    texts = st.sampled_from(["", "", "Apple", "bought in May"])
    days = st.sampled_from(["", "7", "45", "2024"])
    leaves_out = draw(st.booleans())
    symbols = draw(st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=5, unique=True))
    lines, amounts = [",".join(["Symbol", "Amount", *after])], {}
    for symbol in symbols:
        amounts[symbol] = _number(draw, places, 1, 3_000_000 if draw(st.booleans()) else 999)
        written = f"{sign}{amounts[symbol]:,.{places}f}"
        cells = [symbol, written, *(draw(days if name == "Days" else texts) for name in after)]
        while leaves_out and not cells[-1]:
            cells.pop()
        lines.append(",".join(cells))
    return UnquotedFile("\n".join(lines).encode(), amounts)
