"""The reference table: its vocabulary, its consistency, and how symbols are found in it."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foliolens.reference.table import ReferenceEntry, entries, lookup, normalise
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

US_EQUITY = {Category.US_LARGE_CAP, Category.US_MID_CAP, Category.US_SMALL_CAP}
BONDS = {
    Category.GOVERNMENT_BONDS,
    Category.CORPORATE_BONDS,
    Category.HIGH_YIELD_BONDS,
    Category.INTERNATIONAL_BONDS,
    Category.INFLATION_PROTECTED,
}
FUNDS = {AssetType.ETF, AssetType.MUTUAL_FUND}


def found(symbol: str) -> ReferenceEntry:
    entry = lookup(symbol)
    assert entry is not None, symbol
    return entry


def test_the_table_is_as_large_as_promised() -> None:
    us_companies = [
        e for e in entries() if e.type in (AssetType.STOCK, AssetType.REIT) and e.region is Region.US
    ]
    funds = [e for e in entries() if e.type in FUNDS]

    assert len(us_companies) >= 520
    assert len(funds) >= 180


def test_every_symbol_occurs_once_in_every_spelling() -> None:
    spellings = Counter(e.symbol.replace(".", "") for e in entries())

    assert [symbol for symbol, times in spellings.items() if times > 1] == []


def test_symbols_are_spelled_as_normalised_and_sorted() -> None:
    symbols = [e.symbol for e in entries()]

    assert symbols == sorted(normalise(symbol) for symbol in symbols)


def is_consistent(e: ReferenceEntry) -> bool:
    """Whether category, sector, region and type of a row agree; `a <= b` reads "a implies b"."""
    return all(
        (
            e.name == e.name.strip() != "",
            e.sector is not Sector.UNKNOWN,
            e.category not in (Category.DOMESTIC_EQUITY, Category.INTERNATIONAL_EQUITY),
            (e.category in US_EQUITY) <= (e.region is Region.US),
            (e.category is Category.EMERGING_MARKETS) <= (e.region is Region.EMERGING_MARKETS),
            (e.category is Category.INTERNATIONAL_DEVELOPED) <= (e.region is Region.DEVELOPED_INTERNATIONAL),
            (e.category in BONDS) <= (e.sector is Sector.BONDS),
            (e.category is Category.REAL_ESTATE) <= (e.sector is Sector.REAL_ESTATE),
            (e.type is AssetType.REIT) <= (e.category is Category.REAL_ESTATE),
            (e.type is AssetType.CASH) <= (e.category is Category.CASH_EQUIVALENTS),
        )
    )


def test_every_row_is_consistent() -> None:
    assert [e for e in entries() if not is_consistent(e)] == []


def test_companies_have_a_gics_sector_a_category_and_no_fund_figures() -> None:
    companies = [e for e in entries() if e.type in (AssetType.STOCK, AssetType.REIT)]

    assert [
        e for e in companies if e.sector in (Sector.DIVERSIFIED, Sector.BONDS) or e.category is None
    ] == []
    assert [e for e in companies if e.expense_ratio is not None or e.effective_constituents is not None] == []


def test_expense_ratios_are_percent_within_the_contract() -> None:
    ratios = {e.symbol: e.expense_ratio for e in entries() if e.expense_ratio is not None}

    assert {symbol for symbol, ratio in ratios.items() if not 0 <= ratio <= Decimal("2.5")} == set()


def test_effective_constituents_are_positive_counts() -> None:
    counts = {e.symbol: e.effective_constituents for e in entries() if e.effective_constituents is not None}

    assert {symbol for symbol, count in counts.items() if not 1 <= count <= 5000} == set()


def test_one_fund_under_several_tickers_has_one_set_of_figures() -> None:
    figures = {
        (e.name, e.category, e.sector, e.region, e.expense_ratio, e.effective_constituents)
        for e in entries()
        if e.type in FUNDS
    }

    assert len(figures) == len({name for name, *_ in figures})


@pytest.mark.parametrize(
    ("symbol", "sector"),
    [
        ("V", Sector.FINANCIALS),
        ("MA", Sector.FINANCIALS),
        ("PYPL", Sector.FINANCIALS),
        ("META", Sector.COMMUNICATION_SERVICES),
        ("GOOGL", Sector.COMMUNICATION_SERVICES),
        ("NFLX", Sector.COMMUNICATION_SERVICES),
        ("AMZN", Sector.CONSUMER_DISCRETIONARY),
        ("TGT", Sector.CONSUMER_STAPLES),
        ("ADP", Sector.INDUSTRIALS),
        ("FSLR", Sector.INFORMATION_TECHNOLOGY),
    ],
)
def test_sectors_follow_the_gics_changes_of_2018_and_2023(symbol: str, sector: Sector) -> None:
    assert found(symbol).sector is sector


@pytest.mark.parametrize("spelling", ["BRK.B", "BRK-B", "BRK/B", "BRK B", "brk.b", " BRKB ", "BRK.B*"])
def test_share_classes_are_found_in_every_spelling(spelling: str) -> None:
    assert found(spelling).symbol == "BRK.B"


def test_footnote_stars_are_ignored() -> None:
    assert found("SPAXX**").category is Category.CASH_EQUIVALENTS


def test_an_unknown_symbol_is_not_found() -> None:
    assert lookup("NOTASYMBOL") is None


def test_a_reference_fund_has_its_figures() -> None:
    assert found("VOO") == ReferenceEntry(
        "VOO",
        "Vanguard S&P 500 ETF",
        AssetType.ETF,
        Category.US_LARGE_CAP,
        Sector.DIVERSIFIED,
        Region.US,
        Decimal("0.03"),
        45,
    )


@settings(deadline=None)
@given(st.text(max_size=20))
def test_normalising_twice_changes_nothing(symbol: str) -> None:
    assert normalise(normalise(symbol)) == normalise(symbol)


@settings(deadline=None)
@given(st.sampled_from(entries()), st.sampled_from(["-", "/", " ", "."]), st.booleans())
def test_every_entry_is_found_however_it_is_spelled(entry: ReferenceEntry, dot: str, lower: bool) -> None:
    spelling = entry.symbol.replace(".", dot)

    assert lookup(spelling.lower() if lower else spelling) is entry
