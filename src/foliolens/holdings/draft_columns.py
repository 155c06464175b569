"""Many drafts as columns: a file of 200,000 rows is read, checked and completed column by column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import overload

from foliolens.holdings.models import HoldingDraft
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

__all__ = ["DraftColumns"]

_all_columns = attrgetter(*HoldingDraft._fields)


@dataclass(frozen=True, slots=True, eq=False)
class DraftColumns(Sequence[HoldingDraft]):
    """Drafts of holdings as columns of equal length, one for each attribute of `HoldingDraft`.

    It is a sequence of drafts too; each is made when it is asked for. Columns must not be changed in
    place: several sets of drafts may share one.
    """

    symbol: Sequence[str]
    name: Sequence[str | None]
    type: Sequence[AssetType | None]
    category: Sequence[Category | None]
    sector: Sequence[Sector | None]
    region: Sequence[Region | None]
    allocation: Sequence[Decimal | None]
    amount: Sequence[Decimal | None]
    shares: Sequence[Decimal | None]
    price: Sequence[Decimal | None]
    avg_price: Sequence[Decimal | None]
    expense_ratio: Sequence[Decimal | None]
    dividend_yield: Sequence[Decimal | None]
    risk_rating: Sequence[int | None]

    @classmethod
    def of(cls, drafts: Sequence[HoldingDraft]) -> "DraftColumns":
        """Return drafts, at least one, as columns; themselves where they are."""
        return drafts if isinstance(drafts, DraftColumns) else cls(*zip(*drafts, strict=True))

    def __len__(self) -> int:
        """How many drafts there are."""
        return len(self.symbol)

    @overload
    def __getitem__(self, row: int) -> HoldingDraft: ...

    @overload
    def __getitem__(self, row: slice) -> "DraftColumns": ...

    def __getitem__(self, row: int | slice) -> "HoldingDraft | DraftColumns":
        """Return one draft, or those of some rows."""
        kind = DraftColumns if isinstance(row, slice) else HoldingDraft
        return kind(*[column[row] for column in _all_columns(self)])

    def __iter__(self) -> Iterator[HoldingDraft]:
        """Make every draft in turn."""
        return map(HoldingDraft, *_all_columns(self))

    def changed(self, changes: Mapping[int, Mapping[str, object]]) -> "DraftColumns":
        """Return the drafts with other values in some rows: for each row, its values by attribute."""
        if not changes:
            return self
        drafts = list(self)
        for row, values in changes.items():
            drafts[row] = drafts[row]._replace(**values)  # type: ignore[arg-type]  # the names are the draft's own
        return DraftColumns.of(drafts)
