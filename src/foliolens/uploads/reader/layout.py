"""Tell the rows of positions from totals, notes, repeated headers and other tables."""

import re
from collections.abc import Iterable, Mapping
from itertools import dropwhile, islice

from msgspec import Struct, field

from foliolens.holdings.holding_checks import are_symbols
from foliolens.holdings.issue_log import LISTED_WARNINGS
from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader.aliases import normalised
from foliolens.uploads.reader.header import MAX_COLUMNS, Header, read_header
from foliolens.uploads.reader.models import FileRefused, RowIssue
from foliolens.uploads.reader.records import Record
from foliolens.uploads.reader.words import is_cash, is_missing, plain_symbol

__all__ = ["Table", "read_table"]

_MAX_CELLS = 2_500_000
# Longer cells are prose, or an attack; nothing that is read from a cell is longer.
_MAX_CELL = 500
_MAX_ODD_ROWS = 20_000
_LISTED = 1_000
# Rows looked at together: many enough to be fast, few enough that one odd row costs little.
_BLOCK = 256

_VALUE_FIELDS = ("dollarAmount", "allocationPercentage", "shares", "price", "avgPurchasePrice")
_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,19}").fullmatch
_DIGIT = re.compile(r"[0-9]").search
_NUMBER = re.compile(r"[^0-9A-Za-z]{0,4}(?:[A-Z]{3})?[^0-9A-Za-z]{0,4}[0-9][^A-Za-z]*(?:[A-Z]{3})?").fullmatch
_TOTAL = re.compile(
    r"""(?:(?:account|grand|portfolio|sub|net|overall|positions?|securities|asset|assets|all)[ -]*)?totals?
        (?:\ for\ .*|\ (?:all\ )?(?:accounts?|positions|holdings|securities|investments|portfolio|equity))?
        (?:\ (?:market\ |account\ |portfolio\ |net\ )?(?:value|assets?|worth|amount))?
        (?:\ (?:in\ )?\(?[a-z]{3}\)?)?
        |gesamt(?:summe|wert|betrag)?|summe|insgesamt|zwischensumme|somme|total\ g[ée]n[ée]ral|sous-total
        |totale(?:\ generale|\ portafoglio)?|totaal|suma|total\ general|valor\ total|saldo\ total""",
    re.VERBOSE,
).fullmatch
# Totals in other words that could be tickers.
_SUMS = frozenset(
    {"GESAMT", "GESAMTSUMME", "GESAMTWERT", "SUMME", "INSGESAMT", "ZWISCHENSUMME", "SOMME", "SUMA"}
)
_PENDING = re.compile(r"pending (?:activity|transactions?|settlement)", re.IGNORECASE).match
_LOT = frozenset({"lot", "lots", "closedlot", "wash", "order", "execution"})


class Table(Struct):
    """The rows of one table of positions, and what else was met.

    Attributes:
        header: Its header.
        rows: The rows of positions, each as wide as the header.
        lines: For each, the line it starts on.
        totals: Total rows: the number of rows before it, its line and its cells.
        widths: How many cells a row had, by its index, where that is not the header's width.
        total: How many rows there were.
        skipped: How many of them are not positions.
        beyond: How many positions there were beyond the limit; these are not kept.
        left_out: Whether something with a value was left out (pending activity).
        errors: What is wrong with the layout.
        warnings: What was left out and may matter.
    """

    header: Header
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    totals: list[tuple[int, int, list[str]]] = field(default_factory=list)
    widths: dict[int, int] = field(default_factory=dict)
    total: int = 0
    skipped: int = 0
    beyond: int = 0
    left_out: bool = False
    errors: list[RowIssue] = field(default_factory=list)
    warnings: list[RowIssue] = field(default_factory=list)


def read_table(records: Iterable[Record], header: Header, mapping: Mapping[str, str], max_rows: int) -> Table:
    """Collect the rows of positions after the header.

    Args:
        records: All records of the file.
        header: The header that was found; what precedes it is passed over.
        mapping: The request's columns, for other headers in the file.
        max_rows: Positions beyond this many are counted, not kept.

    Raises:
        FileRefused: The table is wider or larger than memory allows for.
    """
    return _TableReader(header, mapping, max_rows).read(records)


def _refused(code: IssueCode, message: str, header: Header) -> FileRefused:
    return FileRefused(
        RowIssue(code, message, line=header.line, suggestion="Export only the columns of the positions.")
    )


class _TableReader:
    """Goes through the records once; remembers whether it is inside the table."""

    def __init__(self, header: Header, mapping: Mapping[str, str], max_rows: int) -> None:
        self._table = Table(header)
        self._mapping = mapping
        self._max_rows = max_rows
        self._width = len(header.cells)
        self._keys = [normalised(cell) for cell in header.cells]
        columns = header.columns
        self._symbol = columns.get("symbol", columns.get("isin", columns.get("name", 0)))
        self._names = [columns[name] for name in ("symbol", "isin", "name") if name in columns]
        self._values = [columns[name] for name in _VALUE_FIELDS if name in columns]
        self._level = columns.get("level")
        self._outside = False
        self._after_gap = False
        self._odd = 0

    def read(self, records: Iterable[Record]) -> Table:
        table, header = self._table, self._table.header
        following = dropwhile(lambda record: record[0] <= header.line, records)
        while block := list(islice(following, _BLOCK)):
            lines, rows = [line for line, _ in block], [cells for _, cells in block]
            if self._are_positions(rows):
                table.total += len(rows)
                self._keep(lines, rows)
                continue
            for line, cells in block:
                if self._are_positions([cells]):
                    table.total += 1
                    self._keep([line], [cells])
                    continue
                self._sort(line, [cell[:_MAX_CELL] for cell in cells[: MAX_COLUMNS + 1]])
                if self._odd > _MAX_ODD_ROWS:
                    raise _refused(
                        IssueCode.TOO_MANY_ROWS,
                        f"The file has more than {_MAX_ODD_ROWS:,} lines that are no positions.",
                        header,
                    )
        if len(table.rows) * self._width > _MAX_CELLS:
            raise _refused(IssueCode.TOO_MANY_ROWS, "The table has too many cells.", header)
        return table

    def _are_positions(self, rows: list[list[str]]) -> bool:
        """Whether all rows are plainly positions: as wide as the header, a ticker, a number.

        Almost every row of a long file is; looked at together they take a third of the time.
        """
        if self._outside or self._level is not None or not self._values:
            return False
        if set(map(len, rows)) != {self._width}:
            return False
        symbol, value = self._symbol, self._values[0]
        symbols = [cells[symbol] for cells in rows]
        ends = "".join([cells[value][-1:] for cells in rows])
        return (
            len(ends) == len(rows)
            and ends.isdigit()
            and are_symbols(symbols)
            and "TOT" not in "\n".join(symbols)
            and _SUMS.isdisjoint(symbols)
        )

    def _keep(self, lines: list[int], rows: list[list[str]]) -> None:
        """Store rows of positions."""
        table = self._table
        self._after_gap = False
        room = max(self._max_rows - len(table.rows), 0)
        table.rows += rows[:room]
        table.lines += lines[:room]
        table.beyond += max(len(rows) - room, 0)

    def _sort(self, line: int, cells: list[str]) -> None:
        """Decide what a row is that is not plainly a position."""
        filled = [cell for cell in cells if cell.strip()]
        if not filled:
            self._after_gap = True
            return
        table = self._table
        table.total += 1
        if self._outside and cells[0].strip() != table.header.cells[0].strip():
            table.skipped += 1
            return
        kept = len(table.rows)
        self._place(line, cells, filled)
        self._odd += len(table.rows) == kept

    def _place(self, line: int, cells: list[str], filled: list[str]) -> None:
        """Put a row where it belongs."""
        table = self._table
        if self._is_header(line, cells) or self._outside:
            table.skipped += 1
            return
        padded = [*cells[: self._width], *[""] * (self._width - len(cells))]
        label = filled[0].strip()
        names = [padded[place].strip() for place in self._names]
        if _is_total(names, label):
            table.skipped += 1
            table.totals.append((len(table.rows) + table.beyond, line, padded))
            self._after_gap = True
        elif self._level is not None and padded[self._level].strip().lower() in _LOT:
            table.skipped += 1
        elif pending := next((name for name in (label, *names) if _PENDING(name)), None):
            self._leave_out(line, padded, pending)
        elif self._is_note(filled, padded, names):
            table.skipped += 1
        else:
            self._check_width(line, cells)
            self._keep([line], [padded])

    def _is_header(self, line: int, cells: list[str]) -> bool:
        """Whether the row is a header; notes whether what follows belongs to the table."""
        keys = [normalised(cell) for cell in cells]
        if _trimmed(keys) == _trimmed(self._keys):
            self._outside = False
            return True
        if sum(1 for cell in cells if _DIGIT(cell)) * 2 > len(cells):
            return False
        other = read_header(line, cells, self._mapping)
        if len(other.columns) < 3 or not (other.is_complete or other.is_transactions):
            return False
        self._outside = True
        if len(self._table.warnings) + len(self._table.errors) >= _LISTED:
            return True
        if other.is_transactions:
            self._table.warnings.append(
                RowIssue(
                    IssueCode.MISSING_COLUMN,
                    "A list of transactions starts here; it was left out.",
                    line=line,
                )
            )
        else:
            self._table.errors.append(
                RowIssue(
                    IssueCode.NOT_CSV,
                    "A second table with other columns starts here.",
                    line=line,
                    suggestion="Leave one table in the file, or give both the same columns.",
                )
            )
        return True

    def _is_note(self, filled: list[str], padded: list[str], names: list[str]) -> bool:
        """Whether the row is a title, a note or a disclaimer."""
        if not self._values:
            return False
        symbol = plain_symbol(padded[self._symbol])
        plausible = _SYMBOL(symbol) is not None
        if len(filled) == 1 and (self._after_gap or not plausible):
            return True
        values = [padded[place] for place in self._values]
        # After the end of the table a sentence may contain a figure; before it that is a broken row.
        if any(_NUMBER(value.strip()) if self._after_gap else _DIGIT(value) for value in values):
            return False
        if any(is_cash(name) for name in names):
            return False
        # No value, and nothing that could be a ticker: text that happens to contain delimiters.
        return not plausible or all(is_missing(name) for name in names)

    def _leave_out(self, line: int, padded: list[str], label: str) -> None:
        """Note a row that has a value but is no holding."""
        table = self._table
        table.skipped += 1
        value = next((padded[place].strip() for place in self._values if _DIGIT(padded[place])), None)
        if value is None:
            return
        table.left_out = True
        if len(table.warnings) >= LISTED_WARNINGS:
            return
        table.warnings.append(
            RowIssue(
                IssueCode.UNKNOWN_SYMBOL,
                f"{label[:100]} is not a holding; it was left out.",
                line=line,
                column=table.header.heading("dollarAmount"),
                value=value[:100],
                field="dollarAmount",
            )
        )

    def _check_width(self, line: int, cells: list[str]) -> None:
        """Report cells beyond the header: values have then slipped into the wrong columns."""
        if len(cells) != self._width:
            self._table.widths[len(self._table.rows)] = len(cells)
        extra = [cell for cell in cells[self._width :] if cell.strip()]
        if extra and len(self._table.errors) < _LISTED:
            self._table.errors.append(
                RowIssue(
                    IssueCode.INCONSISTENT_ROW,
                    f"The row has {len(cells)} cells, the header has {self._width}.",
                    line=line,
                    value=extra[0][:100],
                    suggestion="Put cells that contain the delimiter in double quotes.",
                )
            )


def _trimmed(keys: list[str]) -> list[str]:
    """Return the keys without the empty ones at the end."""
    last = max((place for place, key in enumerate(keys) if key), default=-1)
    return keys[: last + 1]


def _is_total(names: list[str], label: str) -> bool:
    """Whether the row is a total: nothing but a total's name where a holding has its own."""
    told = [name for name in names if name and not is_missing(name)]
    if any(not _TOTAL(name.lower().rstrip(" :")) for name in told):
        return False
    return bool(told) or _TOTAL(label.lower().rstrip(" :")) is not None
