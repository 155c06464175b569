"""Drafts as columns are the same drafts."""

from decimal import Decimal

from foliolens.holdings.draft_columns import DraftColumns
from foliolens.holdings.models import HoldingDraft

D = Decimal
DRAFTS = [
    HoldingDraft("AAPL", amount=D("1.00")),
    HoldingDraft("KO", "Coke"),
    HoldingDraft("VTI", shares=D(3)),
]


def test_columns_are_a_sequence_of_the_drafts() -> None:
    columns = DraftColumns.of(DRAFTS)

    assert list(columns) == DRAFTS
    assert [columns[row] for row in range(len(columns))] == DRAFTS
    assert list(columns[1:]) == DRAFTS[1:]
    assert columns.symbol == ("AAPL", "KO", "VTI")
    assert DraftColumns.of(columns) is columns


def test_a_change_of_some_rows_leaves_the_others_and_the_original() -> None:
    columns = DraftColumns.of(DRAFTS)

    changed = columns.changed({1: {"symbol": "PEP", "amount": D("2.00")}})

    assert list(changed) == [DRAFTS[0], HoldingDraft("PEP", "Coke", amount=D("2.00")), DRAFTS[2]]
    assert list(columns) == DRAFTS
    assert columns.changed({}) is columns
