"""Positions: rows of one symbol merged, weighed and looked through."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from foliolens.holdings.models import Holding
from foliolens.reference.table import lookup
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector
from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.positions import UNKNOWN_FUND_CONSTITUENTS, positions_of
from tests.unit.risk.cases import bond, cash, fund, holding, mystery, position


def test_rows_of_one_symbol_are_one_position() -> None:
    positions = positions_of([holding("A", 20), holding("B", 50), holding("A", 30)])
    assert [(p.symbol, p.weight) for p in positions] == [("A", 0.5), ("B", 0.5)]


def test_positions_come_by_falling_weight_then_by_symbol() -> None:
    positions = positions_of([holding("C", 25), holding("B", 25), holding("A", 10), holding("D", 40)])
    assert [p.symbol for p in positions] == ["D", "B", "C", "A"]


def test_the_description_with_the_most_value_counts() -> None:
    rows = [
        holding("A", 40, sector=Sector.ENERGY),
        holding("A", 30, sector=Sector.UTILITIES),
        holding("A", 30, sector=Sector.UTILITIES),
    ]
    assert {positions_of(order)[0].sector for order in (rows, rows[::-1])} == {Sector.UTILITIES}


def test_equally_heavy_descriptions_do_not_depend_on_the_order_of_rows() -> None:
    rows = [holding("A", 50, sector=Sector.ENERGY), holding("A", 50, sector=Sector.UTILITIES)]
    assert positions_of(rows) == positions_of(rows[::-1])


def test_rows_without_value_do_not_count() -> None:
    assert [p.symbol for p in positions_of([holding("A", 10), holding("B", 0)])] == ["A"]


def test_a_portfolio_without_value_is_refused() -> None:
    for holdings in ([], [holding("A", 0)]):
        with pytest.raises(ValueError, match="No holding has a value"):
            positions_of(holdings)


def test_a_negative_amount_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"MARGIN has the amount -5"):
        positions_of([holding("A", 10), holding("MARGIN", Decimal(-5))])


def test_amounts_far_apart_keep_their_ratio() -> None:
    small = positions_of([holding("A", "0.01"), holding("B", "9999999999.99")])[1]
    assert small.weight == pytest.approx(1e-12)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (holding("ZZA", 1), 1),
        (bond("ZZB", 1), 1),
        (fund("ZZC", 1), UNKNOWN_FUND_CONSTITUENTS),
        (mystery("ZZD", 1), UNKNOWN_FUND_CONSTITUENTS),
        (cash(1), UNKNOWN_FUND_CONSTITUENTS),
        (holding("ZZE", 1, type=AssetType.REIT, category=Category.REAL_ESTATE), 1),
        (holding("ZZF", 1, type=AssetType.COMMODITY, category=Category.COMMODITIES), 1),
        (fund("ZZG", 1, Category.COMMODITIES), 1),
        (replace(bond("ZZH", 1), name="Core Bond Index Fund"), UNKNOWN_FUND_CONSTITUENTS),
    ],
    ids=[
        "stock",
        "bond",
        "fund",
        "unknown fund",
        "cash",
        "REIT",
        "commodity",
        "commodity fund",
        "bond fund by name",
    ],
)
def test_effective_constituents_of_symbols_outside_the_table(one: Holding, expected: int) -> None:
    assert position(one).constituents == expected


def test_effective_constituents_come_from_the_table_where_it_has_them() -> None:
    entry = lookup("VTI")
    assert entry is not None
    assert entry.effective_constituents is not None
    assert position(fund("VTI", 1)).constituents == entry.effective_constituents


def test_a_bond_fund_that_the_file_calls_bond_is_a_fund() -> None:
    known = position(replace(bond("BND", 1), name="Vanguard Total Bond Market"))
    assert known.is_fund
    assert known.constituents > 1


def test_a_fund_that_the_file_calls_stock_is_a_fund() -> None:
    mislabelled = position(holding("VTI", 1, sector=Sector.DIVERSIFIED))
    assert mislabelled.is_fund
    assert mislabelled.constituents > 1


def test_a_stock_with_the_symbol_of_a_fund_stays_a_stock() -> None:
    assert position(holding("VTI", 1, sector=Sector.ENERGY)).constituents == 1


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (holding("ZZ", 1), AssetClass.EQUITY),
        (holding("ZZ", 1, category=None), AssetClass.EQUITY),
        (holding("ZZ", 1, category=Category.REAL_ESTATE), AssetClass.REAL_ASSETS),
        (holding("ZZ", 1, type=AssetType.REIT), AssetClass.REAL_ASSETS),
        (holding("ZZ", 1, type=AssetType.COMMODITY, category=None), AssetClass.REAL_ASSETS),
        (bond("ZZ", 1), AssetClass.FIXED_INCOME),
        (bond("ZZ", 1, Category.CASH_EQUIVALENTS), AssetClass.CASH),
        (cash(1), AssetClass.CASH),
        (fund("ZZ", 1, Category.CASH_EQUIVALENTS), AssetClass.CASH),
        (fund("ZZ", 1, Category.HIGH_YIELD_BONDS), AssetClass.FIXED_INCOME),
        (fund("ZZ", 1, None, sector=Sector.BONDS), AssetClass.FIXED_INCOME),
        (fund("ZZ", 1, None, sector=Sector.REAL_ESTATE), AssetClass.REAL_ASSETS),
        (fund("ZZ", 1, None, sector=Sector.ENERGY), AssetClass.EQUITY),
        (replace(fund("ZZ", 1, None), name="Total World Stock", region=Region.GLOBAL), AssetClass.EQUITY),
        (replace(fund("ZZ", 1, None), name="Target Retirement 2050"), None),
        (mystery("ZZ", 1), None),
    ],
)
def test_asset_classes(one: Holding, expected: AssetClass | None) -> None:
    assert position(one).asset_class is expected
