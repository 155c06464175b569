"""Read the number columns of a table, its currency, and say what stays undecided."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct, field

from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader.aliases import normalised
from foliolens.uploads.reader.columns import NUMBER_FIELDS, NumberColumn, read_column
from foliolens.uploads.reader.evidence import settle_columns
from foliolens.uploads.reader.findings import Findings
from foliolens.uploads.reader.header import NUMBER_FORMAT_KEY
from foliolens.uploads.reader.layout import Table
from foliolens.uploads.reader.marks import visible
from foliolens.uploads.reader.models import ReadOptions, RowIssue
from foliolens.uploads.reader.numbers import FORMATS, NumberFormat
from foliolens.uploads.reader.words import is_missing

__all__ = ["Interpretation", "interpret"]

_PRICES = ("price", "avgPurchasePrice")


class Interpretation(Struct):
    """What the number columns of a table say.

    Attributes:
        numbers: The columns, by field; a stated total's cells follow those of the rows in the amounts.
        currency: The amounts' currency where the file says it.
        errors: What is wrong with whole columns.
        warnings: What was left out.
    """

    numbers: dict[str, NumberColumn] = field(default_factory=dict)
    currency: str | None = None
    errors: list[RowIssue] = field(default_factory=list)
    warnings: list[RowIssue] = field(default_factory=list)


def interpret(table: Table, options: ReadOptions, findings: Findings) -> Interpretation:
    """Read the number columns of a table.

    Args:
        table: The rows of positions.
        options: The request's number formats and declared total.
        findings: Receives the cells that cannot be read.
    """
    result = Interpretation()
    written = _stated_formats(table, options.mapping, result)
    rows = len(table.rows)
    for name in NUMBER_FIELDS:
        place = table.header.columns.get(name)
        if place is not None:
            cells = [row[place] for row in table.rows]
            if name == "dollarAmount":
                cells += [total[place] for _, _, total in table.totals]
            result.numbers[name] = read_column(name, cells, written.get(place, written.get(None)))
    foreign = _read_currency(table, result)
    settle_columns(result.numbers, rows=rows, declared_total=options.declared_total, one_currency=not foreign)
    _drop_foreign_prices(result, foreign)
    _drop_partial_allocations(table, result)
    for name, column in result.numbers.items():
        _report(name, column, rows, table, findings)
    return result


def _stated_formats(
    table: Table, mapping: Mapping[str, str] | None, result: Interpretation
) -> dict[int | None, NumberFormat]:
    """Return the number formats that the request states, by place of the column; None for all."""
    stated: dict[int | None, NumberFormat] = {}
    for key, value in (mapping or {}).items():
        if key != NUMBER_FORMAT_KEY and not key.startswith(f"{NUMBER_FORMAT_KEY}:"):
            continue
        written = FORMATS.get(value.strip().replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'"))
        if written is None:
            result.errors.append(
                RowIssue(
                    IssueCode.AMBIGUOUS_NUMBER,
                    f"The mapping states a number format that is not known: {value[:50]!r}.",
                    column=key[:100],
                    suggestion=f"Use one of: {'; '.join(FORMATS)}.",
                )
            )
            continue
        if key == NUMBER_FORMAT_KEY:
            stated[None] = written
            continue
        name = key.removeprefix(f"{NUMBER_FORMAT_KEY}:").strip()
        for place, cell in enumerate(table.header.cells):
            if name == f"#{place + 1}" or (normalised(name) and normalised(name) == normalised(cell)):
                stated[place] = written
    return stated


def _read_currency(table: Table, result: Interpretation) -> set[int]:
    """Find the amounts' currency; return the rows whose prices are in another one.

    Amounts in more than one currency are an error: they are never added up.
    """
    header = table.header
    place = header.columns.get("currency")
    listed = [visible(row[place]).upper() for row in table.rows] if place is not None else []
    amounts = result.numbers.get("dollarAmount")
    named = sorted(amounts.currencies) if amounts else []
    if amounts is None:
        named = sorted({code for name in _PRICES if (c := result.numbers.get(name)) for code in c.currencies})
    distinct = sorted({code for code in listed if not is_missing(code)})
    if header.currency is not None:
        result.currency = header.currency
        mixed = [header.currency, *named] if set(named) - {header.currency} else []
    else:
        mixed = distinct if len(distinct) > 1 else named if len(named) > 1 else []
        if not mixed and distinct and named and distinct != named:
            mixed = [*distinct, *named]
        result.currency = next(iter(distinct or named), None)
    if mixed:
        result.currency = None
        result.errors.append(_mixed(table, mixed))
        return set()
    if result.currency is None:
        return set()
    foreign = {row for row, code in enumerate(listed) if not is_missing(code) and code != result.currency}
    for name in _PRICES if amounts is not None else ():
        column = result.numbers.get(name)
        if column is not None and set(column.currencies) - {result.currency}:
            foreign |= {
                row
                for row in range(len(table.rows))
                if (code := column.currency_of(row)) is not None and code != result.currency
            }
    return foreign


def _mixed(table: Table, currencies: list[str]) -> RowIssue:
    return RowIssue(
        IssueCode.MIXED_CURRENCIES,
        f"The amounts are in more than one currency ({', '.join(currencies[:10])}); they cannot be added up.",
        table.header.line,
        table.header.heading("currency") or table.header.heading("dollarAmount"),
        suggestion="Export a column with the value in one currency, and map it to dollarAmount.",
        field="dollarAmount",
    )


def _drop_foreign_prices(result: Interpretation, foreign: set[int]) -> None:
    """Leave out prices in another currency than the amounts: the two cannot be compared."""
    if not foreign:
        return
    for name in _PRICES:
        column = result.numbers.get(name)
        if column is None:
            continue
        if column.ambiguous and len(foreign) == len(column.values):
            column.ambiguous = []
        column.values = [None if row in foreign else value for row, value in enumerate(column.values)]


def _drop_partial_allocations(table: Table, result: Interpretation) -> None:
    """Leave out percentages of something else than the whole: of each account, or with pending cash."""
    amounts, allocations = result.numbers.get("dollarAmount"), result.numbers.get("allocationPercentage")
    place = table.header.columns.get("account")
    if amounts is None or allocations is None:
        return
    accounts = {row[place].strip() for row in table.rows} - {""} if place is not None else set()
    if len(accounts) < 2 and not table.left_out:
        return
    del result.numbers["allocationPercentage"]
    result.warnings.append(
        RowIssue(
            IssueCode.INVALID_ALLOCATION_SUM,
            "The percentages are not of the whole portfolio; allocations were computed from the amounts.",
            table.header.line,
            table.header.heading("allocationPercentage"),
            field="allocationPercentage",
        )
    )


def _report(name: str, column: NumberColumn, rows: int, table: Table, findings: Findings) -> None:
    """Report the cells of a column that cannot be read, and the column itself while it is undecided."""
    if name == "costBasis" or (name == "price" and "shares" not in table.header.columns):
        return
    for row in column.invalid:
        if row < rows:
            findings.add(
                IssueCode.INVALID_NUMBER,
                "This is not a number in the format of its column.",
                row,
                name,
                "Write it like 1234.56, or leave the cell empty.",
            )
    undecided = [row for row in column.ambiguous if row < rows]
    if undecided:
        first = undecided[0]
        findings.add(
            IssueCode.AMBIGUOUS_NUMBER,
            *_question(column.core(first), first, name, table.header.heading(name) or name),
        )
        findings.faulty.update((row, name) for row in undecided)


def _question(core: str, row: int, name: str, heading: str) -> tuple[str, int, str, str]:
    """Return the message that asks how a number is meant, and the mapping that answers."""
    whole, part = core.replace(",", ".").split(".")
    grouped, decimal = f"{whole}{part}", f"{whole}.{part}"
    as_group, as_decimal = ("1,234.56", "1.234,56") if "," in core else ("1.234,56", "1,234.56")
    message = (
        f"The numbers in this column can be read in two ways: {core} is {grouped}, or {decimal}. "
        "Nothing in the file says which."
    )
    suggestion = (
        f'Send the mapping {{"{NUMBER_FORMAT_KEY}:{heading}": "{as_group}"}} if it is {grouped}, '
        f'or "{as_decimal}" if it is {Decimal(decimal)}.'
    )
    return message, row, name, suggestion
