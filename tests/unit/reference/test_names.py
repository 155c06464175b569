"""What names tell, and above all what they do not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foliolens.reference.names import NameClassification, classify_by_name
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

ETF, FUND, BOND, CASH = AssetType.ETF, AssetType.MUTUAL_FUND, AssetType.BOND, AssetType.CASH
US, ABROAD, EM, WORLD = (
    Region.US,
    Region.DEVELOPED_INTERNATIONAL,
    Region.EMERGING_MARKETS,
    Region.GLOBAL,
)
NOTHING = NameClassification()


@pytest.mark.parametrize(
    "name",
    [
        "Goldman Sachs Group Inc",
        "Cashmere Corp",
        "Bond Street Inc",
        "International Business Machines Corp",
        "International Paper Co",
        "United States Steel Corp",
        "US Foods Holding Corp",
        "Treasury Wine Estates Ltd",
        "Barrick Gold Corp",
        "Gold Fields Ltd",
        "Royal Gold Inc",
        "Pan American Silver Corp",
        "Pacific Gas & Electric Co",
        "Global Payments Inc",
        "World Wrestling Entertainment",
        "Energy Transfer LP",
        "Marathon Oil Corp",
        "Target Corp",
        "Northern Trust Corp",
        "Bill Holdings Inc",
        "Cash America International",
        "Bitcoin Depot Inc",
        "Emerging Growth Partners Inc",
        "Technology One Ltd",
        "Reitmans Canada Ltd",
        "Etfmg Corp",
        "Fundamental Global Inc",
        "Bank of America Corp 7.25% PFD SER L",
        "",
        "   ",
    ],
)
def test_company_names_are_not_mistaken_for_anything_else(name: str) -> None:
    assert classify_by_name(name) == NOTHING


@pytest.mark.parametrize(
    ("name", "category", "region"),
    [
        ("US TREASURY 4.25% 11/15/2034", Category.GOVERNMENT_BONDS, US),
        ("U.S. Treasury Note", Category.GOVERNMENT_BONDS, US),
        ("UNITED STATES TREAS NTS 2.875% 2028-05-15", Category.GOVERNMENT_BONDS, US),
        ("UNITED STATES TREAS BILL 0.00% 01/15/2026", Category.CASH_EQUIVALENTS, US),
        ("US TREASURY TIPS 0.125% 07/15/2031", Category.INFLATION_PROTECTED, US),
        ("FNMA 3.5% 06/01/2047", Category.GOVERNMENT_BONDS, US),
        ("CALIFORNIA ST GO 5% 04/01/2030", Category.GOVERNMENT_BONDS, US),
        ("JEFFERSON CO SCH DIST 4% 12/15/2031", Category.GOVERNMENT_BONDS, US),
        ("APPLE INC 3.85% 05/04/43", Category.CORPORATE_BONDS, None),
        ("GO DADDY OPER CO LLC 5.25% 12/01/2027", Category.CORPORATE_BONDS, None),
        ("CAPITAL ONE BANK CD 4.5% 05/04/2027", None, US),
        ("SIEMENS 1,25% 28.02.2031", None, None),
    ],
)
def test_single_bonds(name: str, category: Category | None, region: Region | None) -> None:
    assert classify_by_name(name) == NameClassification(BOND, category, Sector.BONDS, region)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Vanguard Total Bond Market Index Fund", (FUND, Category.GOVERNMENT_BONDS, US)),
        ("iShares 7-10 Year Treasury Bond ETF", (ETF, Category.GOVERNMENT_BONDS, US)),
        ("iShares National Muni Bond ETF", (ETF, Category.GOVERNMENT_BONDS, US)),
        ("Xtrackers EUR Corporate Bond UCITS ETF", (ETF, Category.CORPORATE_BONDS, None)),
        ("SPDR Bloomberg High Yield Bond ETF", (ETF, Category.HIGH_YIELD_BONDS, None)),
        ("Invesco Senior Loan ETF", (ETF, Category.HIGH_YIELD_BONDS, None)),
        ("Schwab US TIPS ETF", (ETF, Category.INFLATION_PROTECTED, US)),
        ("Vanguard Total International Bond ETF", (ETF, Category.INTERNATIONAL_BONDS, ABROAD)),
        ("Emerging Markets Sovereign Debt ETF", (ETF, Category.INTERNATIONAL_BONDS, EM)),
        ("iShares Core UK Gilts UCITS ETF", (ETF, Category.INTERNATIONAL_BONDS, ABROAD)),
        ("iShares Core Global Aggregate Bond UCITS ETF", (ETF, None, WORLD)),
        ("SPDR Bloomberg 1-3 Month T-Bill ETF", (ETF, Category.CASH_EQUIVALENTS, None)),
        ("JPMorgan Ultra-Short Municipal ETF", (ETF, Category.GOVERNMENT_BONDS, US)),
    ],
)
def test_bond_funds(name: str, expected: tuple[AssetType, Category | None, Region | None]) -> None:
    kind, category, region = expected

    assert classify_by_name(name) == NameClassification(kind, category, Sector.BONDS, region)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("iShares Russell 2000 ETF", (ETF, Category.US_SMALL_CAP, US)),
        ("SPDR S&P MidCap 400 ETF Trust", (ETF, Category.US_MID_CAP, US)),
        ("Vanguard 500 Index Fund Admiral", (FUND, Category.US_LARGE_CAP, US)),
        ("VANGUARD TOTAL STOCK MARKET INDEX ADMIRAL", (FUND, Category.US_LARGE_CAP, US)),
        ("Invesco NASDAQ-100 ETF", (ETF, Category.US_LARGE_CAP, US)),
        ("Global X S&P 500 Covered Call ETF", (ETF, Category.US_LARGE_CAP, US)),
        ("iShares MSCI EAFE ETF", (ETF, Category.INTERNATIONAL_DEVELOPED, ABROAD)),
        ("Vanguard FTSE All-World ex-US ETF", (ETF, Category.INTERNATIONAL_DEVELOPED, ABROAD)),
        ("Vanguard FTSE Japan UCITS ETF", (ETF, Category.INTERNATIONAL_DEVELOPED, ABROAD)),
        ("MSCI Europe Small Cap UCITS ETF", (ETF, Category.INTERNATIONAL_DEVELOPED, ABROAD)),
        ("Fidelity Emerging Markets Index Fund", (FUND, Category.EMERGING_MARKETS, EM)),
        ("Amundi MSCI World UCITS ETF", (ETF, None, WORLD)),
        ("iShares MSCI World Small Cap UCITS ETF", (ETF, None, WORLD)),
        ("Vanguard Target Retirement 2045 Fund", (FUND, None, WORLD)),
        ("FIDELITY FREEDOM 2040", (FUND, None, WORLD)),
    ],
)
def test_broad_funds(name: str, expected: tuple[AssetType, Category | None, Region | None]) -> None:
    kind, category, region = expected

    assert classify_by_name(name) == NameClassification(kind, category, Sector.DIVERSIFIED, region)


@pytest.mark.parametrize(
    ("name", "sector"),
    [
        ("Technology Select Sector SPDR Fund", Sector.INFORMATION_TECHNOLOGY),
        ("Vanguard Health Care ETF", Sector.HEALTH_CARE),
        ("Energy Select Sector SPDR", Sector.ENERGY),
        ("SPDR S&P Oil & Gas Exploration & Production ETF", Sector.ENERGY),
        ("VanEck Gold Miners ETF", Sector.MATERIALS),
        ("Vanguard Utilities Index Fund", Sector.UTILITIES),
        ("iShares Global Clean Energy ETF", None),
        ("Global X Robotics & Artificial Intelligence ETF", None),
    ],
)
def test_sector_and_theme_funds(name: str, sector: Sector | None) -> None:
    assert classify_by_name(name).sector is sector


@pytest.mark.parametrize(
    "name",
    [
        "ProShares UltraPro QQQ",
        "ProShares UltraShort 20+ Year Treasury",
        "ProShares Short S&P500",
        "Direxion Daily S&P 500 Bear 3X Shares",
        "GraniteShares 2x Long NVDA Daily ETF",
    ],
)
def test_leveraged_and_inverse_funds_are_funds_and_nothing_more(name: str) -> None:
    assert classify_by_name(name) == NameClassification(ETF)


@pytest.mark.parametrize(
    "name", ["iShares Gold Trust", "United States Oil Fund, LP", "Grayscale Bitcoin Trust", "Physical Silver"]
)
def test_commodity_and_crypto_funds(name: str) -> None:
    told = classify_by_name(name)

    assert (told.category, told.sector, told.region) == (Category.COMMODITIES, Sector.DIVERSIFIED, WORLD)


@pytest.mark.parametrize(
    "name", ["Healthcare Realty Trust Inc", "NNN REIT, Inc.", "Medical Properties Trust"]
)
def test_reits(name: str) -> None:
    assert classify_by_name(name) == NameClassification(
        AssetType.REIT, Category.REAL_ESTATE, Sector.REAL_ESTATE
    )


def test_a_reit_fund_is_a_fund() -> None:
    assert classify_by_name("Schwab U.S. REIT ETF") == NameClassification(
        ETF, Category.REAL_ESTATE, Sector.REAL_ESTATE, US
    )


def test_a_realty_company_need_not_be_a_reit() -> None:
    told = classify_by_name("American Realty Investors Inc")

    assert (told.type, told.sector) == (None, Sector.REAL_ESTATE)


@pytest.mark.parametrize(
    "name", ["Cash", "Cash & Cash Investments", "Government Money Market Fund", "FDIC Insured Deposit Sweep"]
)
def test_cash(name: str) -> None:
    assert classify_by_name(name) == NameClassification(CASH, Category.CASH_EQUIVALENTS, Sector.DIVERSIFIED)


@pytest.mark.parametrize(
    "name", ["Invesco High Yield Equity Dividend Achievers ETF", "Vanguard High Dividend Yield ETF"]
)
def test_dividend_funds_are_no_junk_bonds(name: str) -> None:
    assert classify_by_name(name).category is None


def test_the_known_type_opens_the_rules_of_its_type() -> None:
    assert classify_by_name("Fidelity Overseas").region is None
    assert classify_by_name("Fidelity Overseas", FUND).region is ABROAD


@settings(deadline=None)
@given(st.text(max_size=80), st.sampled_from(AssetType))
def test_the_known_type_is_never_contradicted(name: str, kind: AssetType) -> None:
    assert classify_by_name(name, kind).type in (None, kind)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "gold",
                "treasury",
                "bond",
                "emerging",
                "reit",
                "fund",
                "etf",
                "cash",
                "4%",
                "1/1/2030",
                "s&p",
                "500",
            ]
        )
    ).map(" ".join)
)
def test_case_does_not_matter(name: str) -> None:
    assert classify_by_name(name.upper()) == classify_by_name(name.lower())
