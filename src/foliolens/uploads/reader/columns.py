"""Read a column of numbers in one format, found from the whole column."""

import re
from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct, field

from foliolens.uploads.reader.numbers import (
    NumberCell,
    NumberFormat,
    fits,
    format_name,
    inferred_name,
    scan,
    value_of,
)
from foliolens.uploads.reader.words import is_missing

__all__ = ["MONEY_FIELDS", "NUMBER_FIELDS", "PERCENT_FIELDS", "NumberColumn", "read_column"]

MONEY_FIELDS = frozenset({"dollarAmount", "price", "avgPurchasePrice", "costBasis"})
PERCENT_FIELDS = frozenset({"allocationPercentage", "expenseRatio", "dividendYield"})
NUMBER_FIELDS = (
    "allocationPercentage",
    "dollarAmount",
    "shares",
    "price",
    "avgPurchasePrice",
    "expenseRatio",
    "dividendYield",
    "costBasis",
)

# Lines that are plain numbers in the English format. Most are digits, perhaps with decimals; else there is
# a sign or there are groups. Possessive: what a long column has matched is not kept for a second try.
_PLAIN_LINES = re.compile(
    r"(?:(?:(?:0|[1-9][0-9]{0,29}+)(?:\.[0-9]{1,20}+)?+"
    r"|-?\$?(?:0|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,9}|[1-9][0-9]{0,29})(?:\.[0-9]{1,20})?)\n)*+"
).fullmatch
# Given only such lines: one that is a number in the English format alone (see `numbers.fits`).
_PROVES_POINT = re.compile(r"\.(?![0-9]{3}$)|,[0-9]{3}[,.]|(?:^|[-$])0\.|[0-9]{4}\.", re.MULTILINE).search


class NumberColumn(Struct):
    """The numbers of one column.

    Attributes:
        name: The contract's name of the field.
        values: One value for each cell; None where it is missing, invalid or not yet decided.
        invalid: Cells that are not numbers in the column's format.
        ambiguous: Cells that have two readings, while nothing decides between them.
        decimal: The decimal mark, where the column depends on it and it is decided.
        format_name: The format as users name it; None where nothing depends on it.
        currencies: For each currency named in it, the cells that name it; None for all cells.
    """

    name: str
    values: list[Decimal | None]
    invalid: list[int] = field(default_factory=list)
    ambiguous: list[int] = field(default_factory=list)
    decimal: str | None = None
    format_name: str | None = None
    currencies: dict[str, set[int] | None] = field(default_factory=dict)
    _scanned: list[NumberCell | None] = field(default_factory=list)

    def candidates(self) -> dict[str, list[Decimal | None]]:
        """Return the values for each decimal mark that is still possible; one where it is decided."""
        if not self.ambiguous:
            return {self.decimal or ".": self.values}
        return {mark: self._values(NumberFormat(mark)) for mark in ".,"}

    def settle(self, decimal: str) -> None:
        """Decide an undecided column."""
        self.values = self._values(NumberFormat(decimal))
        self.decimal = decimal
        self.ambiguous = []
        self.format_name = inferred_name(decimal, [cell.core for cell in self._scanned if cell])

    def core(self, row: int) -> str:
        """Return a scanned cell's digits and marks."""
        cell = self._scanned[row]
        return cell.core if cell else ""

    def currency_of(self, row: int) -> str | None:
        """Return the currency that a cell names."""
        for currency, rows in self.currencies.items():
            if rows is None or row in rows:
                return currency
        return None

    def _values(self, written: NumberFormat) -> list[Decimal | None]:
        return [value_of(cell, written) if cell else None for cell in self._scanned]


def read_column(name: str, cells: Sequence[str], written: NumberFormat | None) -> NumberColumn:
    """Read a column of numbers.

    The format is the one `written`, else the one that the cells prove. Cells that prove the
    opposite of what most prove are invalid; where it is a tie, all of them are. Where cells have
    two readings and nothing proves one, the column is left undecided.

    Args:
        name: The contract's name of the field; it says whether currencies and percent signs fit.
        cells: The cells as in the file.
        written: How the request says the numbers are written.
    """
    if written is None:
        plain = _read_plain(name, cells)
        if plain is not None:
            return plain
    column = NumberColumn(name, [])
    column._scanned = [_scan_cell(column, row, cell) for row, cell in enumerate(cells)]
    if written is not None:
        _apply(column, written)
        return column
    points: list[int] = []
    commas: list[int] = []
    for row, cell in enumerate(column._scanned):
        if cell is None or ("," not in cell.core and "." not in cell.core):
            continue
        marks = fits(cell.core)
        (column.ambiguous if marks == ".," else points if marks == "." else commas).append(row)
    if points and commas:
        wrong = (
            points if len(points) < len(commas) else commas if len(commas) < len(points) else points + commas
        )
        for row in wrong:
            column._scanned[row] = None
        column.invalid = sorted({*column.invalid, *wrong})
    if points or commas:
        column.settle("." if len(points) >= len(commas) else ",")
    else:
        column.values = column._values(NumberFormat("."))
        for row in column.ambiguous:
            column.values[row] = None
    return column


def _read_plain(name: str, cells: Sequence[str]) -> NumberColumn | None:
    """Read a column of plain English numbers at once; None where it is not one.

    The reading is the same as cell by cell, ten times faster: this is what long files are made of.
    """
    text = "\n".join(cells)
    if not cells or text.count("\n") != len(cells) - 1 or not _PLAIN_LINES(f"{text}\n"):
        return None
    marked = "." in text or "," in text
    money = "$" in text
    if (marked and not _PROVES_POINT(text)) or (money and name not in MONEY_FIELDS):
        return None
    plain = text.replace("$", "").replace(",", "")
    numbers = plain.split("\n")
    # Many rows share few percentages: one object for each saves time and memory.
    known = {number: Decimal(number) for number in set(numbers)}
    column = NumberColumn(name, [known[number] for number in numbers])
    if marked:
        column.decimal = "."
        column.format_name = "1,234.56"
    if money:
        column.currencies = {"USD": None}
    return column


def _scan_cell(column: NumberColumn, row: int, text: str) -> NumberCell | None:
    """Take one cell apart and note what is wrong with it."""
    if is_missing(text):
        return None
    cell = scan(text)
    if (
        cell is None
        or (cell.percent and column.name not in PERCENT_FIELDS)
        or (cell.is_money and column.name not in MONEY_FIELDS)
    ):
        column.invalid.append(row)
        return None
    if cell.currency is not None:
        rows = column.currencies.setdefault(cell.currency, set())
        if rows is not None:
            rows.add(row)
    return cell


def _apply(column: NumberColumn, written: NumberFormat) -> None:
    """Read a column in the format that the request states."""
    column.decimal = written.decimal
    column.format_name = format_name(written)
    column.values = column._values(written)
    for row, cell in enumerate(column._scanned):
        if cell is not None and column.values[row] is None:
            column.invalid.append(row)
    column.invalid.sort()
