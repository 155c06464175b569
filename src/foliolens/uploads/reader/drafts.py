"""From the columns of a table to drafts of holdings."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from foliolens.holdings.draft_columns import DraftColumns
from foliolens.holdings.models import HoldingDraft, IssueCode
from foliolens.reference.taxonomy import AssetType
from foliolens.uploads.reader.aliases import normalised
from foliolens.uploads.reader.columns import NumberColumn
from foliolens.uploads.reader.findings import Findings
from foliolens.uploads.reader.layout import Table
from foliolens.uploads.reader.marks import visible
from foliolens.uploads.reader.models import RowIssue
from foliolens.uploads.reader.words import (
    CATEGORIES,
    REGIONS,
    SECTORS,
    TYPES,
    are_plain,
    is_cash,
    is_missing,
    is_option,
    plain_symbol,
    plain_text,
)

__all__ = ["CASH_SYMBOL", "draft_holdings", "is_closed"]

Word = TypeVar("Word")

CASH_SYMBOL = "CASH"
# A ticker or an ISIN, and many of them on a line each: what needs no mending, as an option does.
_PLAIN_SYMBOL = re.compile(r"[A-Z]{1,8}[0-9]{0,7}|[A-Z]{2}[0-9]{10}").fullmatch
_PLAIN_SYMBOLS = re.compile(r"(?:(?:[A-Z]{1,8}[0-9]{0,7}|[A-Z]{2}[0-9]{10})\n)*+").fullmatch
_NO_SYMBOLS = frozenset({"NA", "NAN", "NULL", "NONE", CASH_SYMBOL})
_VAGUE_STOCKS = {"assetcategory": "stocks", "assetclass": "stk"}


def draft_holdings(
    table: Table, columns: Mapping[str, NumberColumn], findings: Findings, warnings: list[RowIssue]
) -> DraftColumns:
    """Return one draft for each row of the table.

    Args:
        table: The rows of positions.
        columns: Its number columns, by field.
        findings: Receives what cannot be read.
        warnings: Receives what was read as unknown.
    """
    count = len(table.rows)
    names = _texts(table, "name")
    types: list[AssetType | None] = _words(table, "type", _type_words(table), _unknown_type(findings))
    symbols = _symbols(table, names, types, findings)

    def numbers(field: str) -> Sequence[Decimal | None]:
        column = columns.get(field)
        return column.values[:count] if column else [None] * count

    return DraftColumns(
        symbols,
        names,
        types,
        _words(table, "category", CATEGORIES, _unknown_word(table, "category", warnings)),
        _words(table, "sector", SECTORS, _unknown_word(table, "sector", warnings)),
        _words(table, "geographicRegion", REGIONS, _unknown_word(table, "geographicRegion", warnings)),
        numbers("allocationPercentage"),
        numbers("dollarAmount"),
        numbers("shares"),
        numbers("price"),
        numbers("avgPurchasePrice"),
        numbers("expenseRatio"),
        numbers("dividendYield"),
        _ratings(table, findings),
    )


def _column(table: Table, field: str) -> list[str] | None:
    place = table.header.columns.get(field)
    return None if place is None else [row[place] for row in table.rows]


def _texts(table: Table, field: str) -> list[str | None]:
    """Return a column of text, None where a cell is missing."""
    cells = _column(table, field)
    if cells is None:
        return [None] * len(table.rows)
    # Looked at together first: mending each cell takes ten times as long.
    texts = cells if are_plain(cells) else map(plain_text, cells)
    # No way of saying "missing" is longer than eight characters.
    return [None if len(text) < 9 and is_missing(text) else text for text in texts]


def _words(
    table: Table, field: str, words: Mapping[str, Word | None], unknown: Callable[[int, str], None]
) -> list[Word | None]:
    """Return a column of words from a list; `unknown` is told of each row with another one."""
    cells = _column(table, field)
    if cells is None:
        return [None] * len(table.rows)
    known: dict[str, Word | None] = {}
    strange = set()
    for cell in set(cells):
        key = normalised(plain_text(cell)[:100])
        known[cell] = words.get(key)
        if key not in words and not is_missing(cell):
            strange.add(cell)
    if strange:
        for row, cell in enumerate(cells):
            if cell in strange:
                unknown(row, cell)
    return [known[cell] for cell in cells]


def _type_words(table: Table) -> Mapping[str, AssetType | None]:
    """Return the words for asset types in this table.

    Interactive Brokers files funds that trade on an exchange under stocks: what it calls a stock
    may be either, so that word says nothing.
    """
    heading = normalised(table.header.heading("type") or "")
    vague = _VAGUE_STOCKS.get(heading)
    return {**TYPES, vague: None} if vague else TYPES


def _unknown_type(findings: Findings) -> Callable[[int, str], None]:
    """Return what reports an asset type that is not supported."""

    def report(row: int, _: str) -> None:
        findings.add(
            IssueCode.UNSUPPORTED_ASSET_TYPE,
            "This asset type is not supported.",
            row,
            "type",
            f"Use one of: {', '.join(AssetType)}; leave options, futures and crypto assets out.",
        )

    return report


def _unknown_word(table: Table, field: str, warnings: list[RowIssue]) -> Callable[[int, str], None]:
    """Return what warns, once for each word, that the reference table decides instead."""
    seen: set[str] = set()

    def warn(row: int, cell: str) -> None:
        if cell in seen or len(seen) >= 20:
            return
        seen.add(cell)
        warnings.append(
            RowIssue(
                IssueCode.OUT_OF_RANGE,
                "This word is not known here; the reference table decides instead.",
                table.lines[row],
                table.header.heading(field),
                cell[:100],
                "Use one of the words in docs/csv-format.md.",
                field,
            )
        )

    return warn


def _symbols(
    table: Table, names: Sequence[str | None], types: list[AssetType | None], findings: Findings
) -> list[str]:
    """Return the symbols: the ticker, else the ISIN, else `CASH` for what is cash by its words."""
    tickers, isins = _column(table, "symbol"), _column(table, "isin")
    cells = tickers or isins or [""] * len(table.rows)
    column = "\n".join(cells) + "\n"
    if column.count("\n") == len(cells) and _PLAIN_SYMBOLS(column) and _NO_SYMBOLS.isdisjoint(cells):
        return cells
    symbols = []
    for row, cell in enumerate(cells):
        if _PLAIN_SYMBOL(cell) and cell not in _NO_SYMBOLS:
            symbols.append(cell)
            continue
        symbol = plain_symbol(cell)
        if is_missing(symbol):
            symbol = plain_symbol(isins[row]) if isins is not None else ""
        name = names[row]
        if symbol == CASH_SYMBOL or " " in symbol or not symbol or is_option(symbol):
            symbol = _cash_or_not(row, symbol, name, types, findings)
        symbols.append(symbol)
    return symbols


def _cash_or_not(
    row: int, symbol: str, name: str | None, types: list[AssetType | None], findings: Findings
) -> str:
    """Return `CASH` for cash and say so in its type; report an option; else return the symbol."""
    if is_cash(symbol) or (not symbol and name is not None and is_cash(name)):
        if types[row] is None and (name is None or is_cash(name)):
            types[row] = AssetType.CASH
            findings.faulty.discard((row, "type"))
        return CASH_SYMBOL
    if is_option(symbol):
        findings.add(
            IssueCode.UNSUPPORTED_ASSET_TYPE,
            "This is an option contract; options cannot be analysed.",
            row,
            "symbol",
            "Leave this position out.",
        )
    return symbol


def _ratings(table: Table, findings: Findings) -> list[int | None]:
    """Return the column of risk ratings; validation checks their range."""
    cells = _column(table, "riskRating")
    if cells is None:
        return [None] * len(table.rows)
    ratings: list[int | None] = []
    for row, cell in enumerate(cells):
        text = visible(cell)
        if is_missing(text):
            ratings.append(None)
        elif text.isascii() and text.isdigit() and len(text) < 4:
            ratings.append(int(text))
        else:
            ratings.append(None)
            findings.add(
                IssueCode.INVALID_NUMBER,
                "A risk rating is a whole number from 1 to 10.",
                row,
                "riskRating",
                "Write it without decimals, or leave it out.",
            )
    return ratings


def is_closed(draft: HoldingDraft) -> bool:
    """Whether a row is a position that was sold: no shares and no value."""
    zero = Decimal(0)
    return draft.shares == zero and not draft.amount and not draft.allocation
