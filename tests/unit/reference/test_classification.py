"""Whose word counts: the user's, then the table's, then the name's."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foliolens.reference.classification import Classification, classify, is_diversified_fund
from foliolens.reference.table import entries
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

SYMBOLS = st.one_of(
    st.sampled_from([e.symbol for e in entries()]),
    st.text(alphabet="ABCDEFGXYZ.-", min_size=1, max_size=6),
)
NAMES = st.one_of(
    st.none(),
    st.sampled_from([e.name for e in entries()]),
    st.sampled_from(
        ["US TREASURY 4.25% 11/15/2034", "Acme Corp", "Cash", "Foo REIT", "Bar Energy ETF", "USD"]
    ),
    st.text(max_size=40),
)
TYPES = st.none() | st.sampled_from(AssetType)
CATEGORIES = st.none() | st.sampled_from(Category)
SECTORS = st.none() | st.sampled_from(Sector)
REGIONS = st.none() | st.sampled_from(Region)


def test_a_known_symbol_is_filled_from_the_table() -> None:
    assert classify("xlk", None, None, None, None, None) == Classification(
        "Technology Select Sector SPDR Fund",
        AssetType.ETF,
        Category.US_LARGE_CAP,
        Sector.INFORMATION_TECHNOLOGY,
        Region.US,
        Decimal("0.08"),
        16,
        known=True,
    )


def test_an_unknown_symbol_is_filled_from_its_name() -> None:
    found = classify("ZZZZ", "Acme Emerging Markets ETF")

    assert (found.type, found.category, found.region) == (
        AssetType.ETF,
        Category.EMERGING_MARKETS,
        Region.EMERGING_MARKETS,
    )
    assert not found.known


def test_what_nobody_tells_stays_unknown() -> None:
    assert classify("ZZZZ") == Classification(
        "ZZZZ", None, None, Sector.UNKNOWN, Region.UNKNOWN, None, None, known=False
    )


@pytest.mark.parametrize(
    ("kind", "category", "sector", "region"),
    [
        (AssetType.BOND, None, Sector.BONDS, Region.UNKNOWN),
        (AssetType.CASH, Category.CASH_EQUIVALENTS, Sector.DIVERSIFIED, Region.UNKNOWN),
        (AssetType.REIT, Category.REAL_ESTATE, Sector.REAL_ESTATE, Region.UNKNOWN),
        (AssetType.COMMODITY, Category.COMMODITIES, Sector.DIVERSIFIED, Region.GLOBAL),
        (AssetType.STOCK, None, Sector.UNKNOWN, Region.UNKNOWN),
    ],
)
def test_what_follows_from_the_type(
    kind: AssetType, category: Category | None, sector: Sector, region: Region
) -> None:
    found = classify("ZZZZ", type=kind)

    assert (found.type, found.category, found.sector, found.region) == (kind, category, sector, region)


@pytest.mark.parametrize(
    ("category", "sector", "region"),
    [
        (Category.US_LARGE_CAP, Sector.UNKNOWN, Region.US),
        (Category.DOMESTIC_EQUITY, Sector.UNKNOWN, Region.US),
        (Category.INTERNATIONAL_EQUITY, Sector.UNKNOWN, Region.UNKNOWN),
        (Category.INTERNATIONAL_DEVELOPED, Sector.UNKNOWN, Region.DEVELOPED_INTERNATIONAL),
        (Category.EMERGING_MARKETS, Sector.UNKNOWN, Region.EMERGING_MARKETS),
        (Category.GOVERNMENT_BONDS, Sector.BONDS, Region.UNKNOWN),
        (Category.REAL_ESTATE, Sector.REAL_ESTATE, Region.UNKNOWN),
    ],
)
def test_what_follows_from_the_category(category: Category, sector: Sector, region: Region) -> None:
    found = classify("ZZZZ", category=category)

    assert (found.category, found.sector, found.region) == (category, sector, region)


def test_what_follows_from_the_users_word_beats_the_table() -> None:
    assert classify("VTI", category=Category.EMERGING_MARKETS).region is Region.EMERGING_MARKETS


@pytest.mark.parametrize("symbol", ["USD", "EUR", "GBP", "CHF", "JPY", "CASH"])
def test_currencies_are_cash(symbol: str) -> None:
    found = classify(symbol)

    assert (found.type, found.category) == (AssetType.CASH, Category.CASH_EQUIVALENTS)


def test_a_tickers_name_tells_it_from_the_currency_of_the_same_letters() -> None:
    assert classify("USD", "U.S. Dollar").type is AssetType.CASH
    assert classify("USD", "ProShares Ultra Semiconductors").type is AssetType.ETF
    assert classify("CASH", "Pathward Financial Inc").type is None


def test_a_bond_named_like_a_stock_is_not_that_stock() -> None:
    found = classify("AAPL", "APPLE INC 3.85% 05/04/43", AssetType.BOND)

    assert (found.known, found.category, found.sector) == (False, Category.CORPORATE_BONDS, Sector.BONDS)


@pytest.mark.parametrize(
    ("symbol", "kind"),
    [
        ("SPY", AssetType.STOCK),
        ("BND", AssetType.BOND),
        ("VNQ", AssetType.REIT),
        ("GLD", AssetType.COMMODITY),
        ("SPAXX", AssetType.MUTUAL_FUND),
        ("BIL", AssetType.CASH),
        ("O", AssetType.STOCK),
    ],
)
def test_brokers_loose_types_do_not_hide_the_table(symbol: str, kind: AssetType) -> None:
    found = classify(symbol, type=kind)

    assert found.known
    assert found.type is kind


@settings(deadline=None)
@given(SYMBOLS, NAMES, TYPES, CATEGORIES, SECTORS, REGIONS)
def test_the_users_own_value_always_wins(
    symbol: str,
    name: str | None,
    kind: AssetType | None,
    category: Category | None,
    sector: Sector | None,
    region: Region | None,
) -> None:
    found = classify(symbol, name, kind, category, sector, region)

    assert found.name == name or not name
    assert kind in (None, found.type)
    assert category in (None, found.category)
    assert sector in (None, Sector.UNKNOWN, found.sector)
    assert region in (None, Region.UNKNOWN, found.region)


@settings(deadline=None)
@given(SYMBOLS, NAMES, TYPES, CATEGORIES, SECTORS, REGIONS)
def test_classifying_a_classification_changes_nothing(
    symbol: str,
    name: str | None,
    kind: AssetType | None,
    category: Category | None,
    sector: Sector | None,
    region: Region | None,
) -> None:
    once = classify(symbol, name, kind, category, sector, region)

    assert classify(symbol, once.name, once.type, once.category, once.sector, once.region) == once


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("VTI", True),
        ("XLE", True),
        ("BND", True),
        ("VTSAX", True),
        ("GLD", False),
        ("IBIT", False),
        ("AAPL", False),
        ("BRK.B", False),
        ("O", False),
        ("SPAXX", False),
    ],
)
def test_which_holdings_spread_their_money(symbol: str, expected: bool) -> None:
    found = classify(symbol)

    told = is_diversified_fund(found.type, found.sector, found.category, found.effective_constituents)

    assert told is expected


def test_an_etf_called_stock_by_the_broker_is_still_diversified() -> None:
    found = classify("SPY", type=AssetType.STOCK)

    assert is_diversified_fund(found.type, found.sector, found.category)


def test_a_single_stock_fund_is_not_diversified() -> None:
    assert not is_diversified_fund(
        AssetType.ETF, Sector.CONSUMER_DISCRETIONARY, None, effective_constituents=1
    )
