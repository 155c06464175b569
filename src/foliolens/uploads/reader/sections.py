"""Interactive Brokers' activity statement: many tables in one file, each row named after its own."""

from collections.abc import Iterable, Iterator, Sequence

from foliolens.uploads.reader.records import Record

__all__ = ["has_sections", "open_positions"]

_KINDS = frozenset({"Header", "Data", "SubTotal", "Total", "Notes"})
_POSITIONS = frozenset({"open positions", "offene positionen", "positions ouvertes", "open posities"})


def has_sections(head: Sequence[Record]) -> bool:
    """Whether the first records look like `Statement,Header,...` and `Statement,Data,...`."""
    named = [cells for _, cells in head if len(cells) > 2]
    sectioned = [cells for cells in named if cells[1].strip() in _KINDS]
    return len(sectioned) > 2 and len(sectioned) * 10 >= len(named) * 9


def open_positions(records: Iterable[Record]) -> Iterator[Record]:
    """Yield the table of open positions alone, without the two cells that name the section.

    Totals get a `Total` in their first cell, which is empty in the file.
    """
    for line, cells in records:
        if len(cells) < 3 or cells[0].strip().lower() not in _POSITIONS:
            continue
        kind = cells[1].strip()
        if kind in {"Header", "Data"}:
            yield line, cells[2:]
        elif kind in {"SubTotal", "Total"}:
            yield line, ["Total", *cells[3:]]
