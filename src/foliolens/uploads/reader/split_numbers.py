"""Numbers that their own digit grouping has cut in two: `AAPL,1,234` may hold 1,234, or 1 and 234.

Where the delimiter also groups digits and cells are not quoted, both readings have the same cells. The
column after the number tells: where each of its cells could be the rest of the number before it, nothing
in the file says which reading is meant.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader.aliases import normalised
from foliolens.uploads.reader.columns import NUMBER_FIELDS, NumberColumn
from foliolens.uploads.reader.evidence import are_products, sum_is
from foliolens.uploads.reader.findings import Findings
from foliolens.uploads.reader.layout import Table
from foliolens.uploads.reader.marks import visible
from foliolens.uploads.reader.numbers import scan

__all__ = ["report_split_numbers"]

_GROUPING = frozenset(",.' \u2019")
# `$1` or `-12`, and what may follow after a comma: `234`, `234.50`, `234 €`.
_FIRST_GROUP = re.compile(r"[^0-9.,]{0,5}[0-9]{1,3}").fullmatch
_LAST_GROUP = re.compile(r"[0-9]{3}(?:\.[0-9]+)?(?![0-9.,])").match
_PRODUCT = ("shares", "price", "dollarAmount")


def report_split_numbers(
    table: Table,
    numbers: Mapping[str, NumberColumn],
    delimiter: str,
    mapping: Mapping[str, str],
    declared_total: Decimal | None,
    findings: Findings,
) -> None:
    """Report each column of numbers whose cells may be cut in two by the delimiter.

    The next column stands for itself where the mapping names it, where a cell of it is a number that
    cannot be the rest of another, and where the numbers as they stand agree with others of the row or
    with the declared total.

    Args:
        table: The rows of positions.
        numbers: Its number columns, by field.
        delimiter: The character between cells.
        mapping: The request's columns, keyed as headers are compared, or `#3`.
        declared_total: The portfolio's value where the request states it.
        findings: Receives one error for each such column.
    """
    if delimiter not in _GROUPING:
        return
    header = table.header
    used = {place for name, place in header.columns.items() if name in (*NUMBER_FIELDS, "riskRating")}
    for name, column in numbers.items():
        place = header.columns[name]
        following = place + 1
        if name == "costBasis" or following in used or following >= len(header.cells):
            continue
        if f"#{following + 1}" in mapping or normalised(header.cells[following]) in mapping:
            continue
        cut = _cut_rows(table, place, delimiter)
        if cut and not _is_whole(name, column, cut, table, numbers, declared_total):
            _report(table, name, cut, delimiter, findings)


def _cut_rows(table: Table, place: int, delimiter: str) -> list[int]:
    """Return the rows whose number may go on in the next cell; none where a row shows that it does not.

    That is a row where the next cell is another number, or where the delimiter was quoted. An empty
    cell or a word shows nothing: 1,234 may be grouped beside 500, which is not.
    """
    cut, alone = [], False
    for row, cells in enumerate(table.rows):
        first, rest = visible(cells[place]), visible(cells[place + 1])
        # With a digit before it, since by itself `050.00` is no number.
        is_last_group = _LAST_GROUP(rest) and scan(f"1{rest}")
        if is_last_group and _FIRST_GROUP(first):
            cut.append(row)
        elif is_last_group or (rest and scan(rest)) or delimiter in first:
            alone = True
            if not table.widths:
                return []
    return [] if alone and not _have_grown(table, cut) else cut


def _have_grown(table: Table, cut: Sequence[int]) -> bool:
    """Whether these rows, and no others, have more cells than the rest: cutting made one of a number."""
    width, all_cut = len(table.header.cells), set(cut)
    narrow = [table.widths.get(row, width) for row in range(len(table.rows)) if row not in all_cut]
    return bool(cut) and max(narrow) < min(table.widths.get(row, width) for row in cut)


def _is_whole(
    name: str,
    column: NumberColumn,
    cut: Sequence[int],
    table: Table,
    numbers: Mapping[str, NumberColumn],
    declared_total: Decimal | None,
) -> bool:
    """Whether the numbers as they stand agree with others in a way that cut ones could not."""
    if name == "dollarAmount" and sum_is(declared_total, column.values[: len(table.rows)]):
        return True
    place = table.header.columns[name]
    if not numbers.keys() >= set(_PRODUCT) or max(table.header.columns[n] for n in _PRODUCT) < place:
        return False
    shares, prices, amounts = ([numbers[n].values[row] for row in cut] for n in _PRODUCT)
    return None not in (*shares, *prices, *amounts) and are_products(shares, prices, amounts)


def _report(table: Table, name: str, cut: Sequence[int], delimiter: str, findings: Findings) -> None:
    """Say that two columns may be one, and how to tell."""
    header = table.header
    place = header.columns[name]
    first, rest = (visible(table.rows[cut[0]][at])[:30] for at in (place, place + 1))
    names = " and ".join(header.cells[at].strip()[:100] or f"#{at + 1}" for at in (place, place + 1))
    field = next((field for field, at in header.columns.items() if at == place + 1), "ignore")
    findings.add(
        IssueCode.AMBIGUOUS_NUMBER,
        f"The columns {names} may be one number that was cut in two: {first} and {rest}, "
        f"or {first}{delimiter}{rest}. Nothing in the file says which.",
        cut[0],
        name,
        "Put the numbers in double quotes, or export with another delimiter. If column "
        f'#{place + 2} stands for itself, send the mapping {{"#{place + 2}": "{field}"}}.',
    )
    findings.faulty.update((row, name) for row in cut)
