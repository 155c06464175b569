"""Find the header among preamble and data, and decide what each column holds."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from foliolens.holdings.models import IssueCode
from foliolens.uploads.reader.aliases import (
    FIELD_NAMES,
    IGNORED,
    TRANSACTION_WORDS,
    currency_in_header,
    field_of_header,
    normalised,
)
from foliolens.uploads.reader.models import RowIssue
from foliolens.uploads.reader.records import Record

__all__ = [
    "MAX_COLUMNS",
    "NUMBER_FORMAT_KEY",
    "Header",
    "column_mapping",
    "find_header",
    "read_header",
    "unused_mapping",
]

NUMBER_FORMAT_KEY = "numberFormat"
MAX_COLUMNS = 1_000
_MOST_CELLS = 40_000

_IDENTITY = frozenset({"symbol", "isin", "name"})
_VALUE = frozenset({"dollarAmount", "allocationPercentage", "shares"})
_ATTRIBUTES = {
    "allocation": "allocationPercentage",
    "amount": "dollarAmount",
    "region": "geographicRegion",
    "avgprice": "avgPurchasePrice",
    "assettype": "type",
}
_FIELDS = {normalised(name): name for name in FIELD_NAMES} | _ATTRIBUTES | {IGNORED: IGNORED, "": IGNORED}
# Degiro calls the number of shares "Amount", beside the value in the account's currency.
_DEGIRO = (frozenset({"symbolisin", "symboolisin"}), frozenset({"localvalue", "lokalewaarde", "lokalerwert"}))
# Fidelity's "Type" is Cash or Margin: how the position is held, not what it is.
_FIDELITY = frozenset({"percentofaccount", "averagecostbasis", "costbasistotal"})


class Header(Struct, frozen=True):
    """A header row and what its columns hold.

    Attributes:
        line: Its line, from 1.
        cells: Its cells.
        columns: Place of the column of each field, from 0.
        currency: The currency that the amount's header names.
        is_transactions: Whether it heads a list of transactions.
        contested: Fields that two columns claim with equal right, with their places.
    """

    line: int
    cells: tuple[str, ...]
    columns: Mapping[str, int]
    currency: str | None = None
    is_transactions: bool = False
    contested: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether it heads positions: something that names them, and something that values them."""
        names = self.columns.keys()
        return bool(names & _IDENTITY) and bool(names & _VALUE) and not self.is_transactions

    @property
    def score(self) -> tuple[bool, int]:
        """How much it looks like the header of the positions; larger is more."""
        return self.is_complete, len(self.columns)

    def heading(self, field_name: str) -> str | None:
        """Return the text over a field's column; `#3` where it has none."""
        place = self.columns.get(field_name)
        if place is None:
            return None
        return self.cells[place].strip() or f"#{place + 1}"


def column_mapping(mapping: Mapping[str, str] | None) -> tuple[dict[str, str], list[RowIssue]]:
    """Return the part of a request's mapping that names columns, keyed as headers are compared.

    Unknown fields are returned as errors.
    """
    columns: dict[str, str] = {}
    errors = []
    for key, value in (mapping or {}).items():
        if key == NUMBER_FORMAT_KEY or key.startswith(f"{NUMBER_FORMAT_KEY}:"):
            continue
        name = _FIELDS.get(normalised(value))
        if name is None:
            errors.append(
                RowIssue(
                    IssueCode.MISSING_COLUMN,
                    f"The mapping names a field that does not exist: {value[:100]!r}.",
                    column=key[:100],
                    suggestion=f"Use one of: {', '.join((*FIELD_NAMES[:14], IGNORED))}.",
                )
            )
        else:
            columns[_key(key)] = name
    return columns, errors


def _key(header: str) -> str:
    """Return a mapping's key as headers are compared; `#3` stays as it is."""
    text = header.strip()
    return text if text.startswith("#") and text[1:].isdigit() else normalised(text)


def unused_mapping(header: Header, mapping: Mapping[str, str] | None) -> list[RowIssue]:
    """Return an error for each column that a request maps and the file does not have."""
    present = {normalised(cell) for cell in header.cells}
    present |= {f"#{place + 1}" for place in range(len(header.cells))}
    return [
        RowIssue(
            IssueCode.MISSING_COLUMN,
            "The mapping names a column that the file does not have.",
            line=header.line,
            column=key[:100],
            suggestion=f"The columns are: {', '.join(cell.strip() for cell in header.cells[:30])}.",
        )
        for key in mapping or {}
        if (name := _named_column(key)) is not None and _key(name) not in present
    ]


def _named_column(key: str) -> str | None:
    """Return the header text in a mapping's key; None for the number format of all columns."""
    if key == NUMBER_FORMAT_KEY:
        return None
    return key.removeprefix(f"{NUMBER_FORMAT_KEY}:")


def read_header(line: int, cells: Sequence[str], mapping: Mapping[str, str]) -> Header:
    """Decide what each column of a header row holds.

    The request's mapping wins; then the alias that comes first in its field's list. Two columns
    with an equal claim are contested.
    """
    keys = [normalised(cell) for cell in cells]
    claims: dict[str, list[tuple[int, int]]] = {}
    overrides = _dialect(keys)
    for place, (cell, key) in enumerate(zip(cells, keys, strict=True)):
        stated = mapping.get(f"#{place + 1}", mapping.get(key) if key else None)
        found = (
            (stated, -2) if stated else overrides.get(key) or (field_of_header(cell) if key or cell else None)
        )
        if found and found[0] != IGNORED:
            claims.setdefault(found[0], []).append((found[1], place))
    columns, contested = {}, {}
    for name, claimants in claims.items():
        best = min(rank for rank, _ in claimants)
        places = tuple(place for rank, place in claimants if rank == best)
        columns[name] = places[0]
        if len(places) > 1:
            contested[name] = places
    amount = columns.get("dollarAmount")
    return Header(
        line,
        tuple(cells),
        columns,
        currency_in_header(cells[amount])[0] if amount is not None else None,
        not TRANSACTION_WORDS.isdisjoint(keys),
        contested,
    )


def _dialect(keys: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return what columns of brokers mean that use a common name for something else."""
    present = frozenset(keys)
    if all(words & present for words in _DEGIRO):
        return {"amount": ("shares", 0)}
    if len(_FIDELITY & present) > 1:
        return {"type": (IGNORED, 0)}
    return {}


def find_header(records: Iterable[Record], mapping: Mapping[str, str]) -> Header | None:
    """Return the row that looks most like the header of the positions, the first of equals.

    None where no row names two known columns.
    """
    best: Header | None = None
    looked_at = 0
    for line, cells in records:
        if not 1 < len(cells) <= MAX_COLUMNS:
            continue
        looked_at += len(cells)
        if looked_at > _MOST_CELLS:
            break
        if best is not None and best.is_complete and len(cells) <= len(best.columns):
            continue  # too few cells to name more columns
        candidate = read_header(line, cells, mapping)
        if len(candidate.columns) > 1 and (best is None or candidate.score > best.score):
            best = candidate
    return best
