"""The words names are classified by: lower case, words apart by single blanks, no dots.

Each phrase matches whole words only. What a group means and in which order groups are asked is
decided in `names`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from foliolens.reference.taxonomy import Sector

__all__ = [
    "AGGREGATE_BONDS",
    "BITCOIN",
    "BOND_FUNDS",
    "CASH_EXACT",
    "COMMODITY_FUNDS",
    "COMPANY_SECTORS",
    "CORPORATE_BONDS",
    "CORPORATE_ISSUERS",
    "DEPOSIT_CERTIFICATES",
    "EMERGING",
    "ETF_WORDS",
    "FUND_SECTORS",
    "FUND_WORDS",
    "GEARED",
    "GLOBAL",
    "GOVERNMENT_BONDS",
    "GOVERNMENT_ISSUERS",
    "HIGH_YIELD",
    "INFLATION",
    "INTERNATIONAL",
    "LARGE_CAP",
    "LOANS",
    "MID_CAP",
    "MONEY_MARKET",
    "MULTI_ASSET",
    "MUNICIPAL",
    "MUNICIPAL_HINTS",
    "NOT_HIGH_YIELD",
    "OTHER_MEANINGS",
    "PHYSICAL",
    "REIT_WORDS",
    "SMALL_CAP",
    "THEMES",
    "T_BILLS",
    "US",
    "US_BONDS",
]


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


# What kind of holding it is.
_TARGET_DATES = tuple(
    f"{word} {year}"
    for word in ("target", "retirement", "freedom", "freedom index")
    for year in range(2005, 2075, 5)
)
ETF_WORDS = _phrases(
    """
    etf, etfs, ucits, ishares, spdr, proshares, direxion, xtrackers, lyxor, bitcoin trust, ethereum
    trust
    """
)
FUND_WORDS = (
    *_phrases(
        """
        fund, funds, fd, index, admiral, target date, target retirement, lifestrategy, lifepath, sicav
        """
    ),
    *_TARGET_DATES,
)
MULTI_ASSET = (
    *_phrases(
        """
        target date, target retirement, retirement income, lifestrategy, lifepath, balanced, asset
        allocation, multi asset
        """
    ),
    *_TARGET_DATES,
)
# Phrases with a word of GEARED or of GLOBAL in another meaning; blanked out before those are asked.
OTHER_MEANINGS = _phrases("ultra short, leveraged loan, leveraged loans, global x, us global")
# Leverage and shorts: the other words of such a name do not describe the exposure.
GEARED = _phrases(
    """
    ultra, ultrapro, ultrashort, inverse, leveraged, leverage, bear, bull, 2x, 3x, 1x, 2 x, 3 x, short
    s&p, short s&p500, short qqq, short dow30, short russell2000, short nasdaq
    """
)
REIT_WORDS = _phrases(
    """
    reit, reits, real estate investment trust, realty trust, property trust, properties trust
    """
)

# Cash and near cash.
MONEY_MARKET = _phrases(
    """
    money market, money fund, money mkt, cash reserves, cash reserve, cash sweep, sweep, bank deposit,
    liquidity fund
    """
)
CASH_EXACT = frozenset(
    _phrases(
        """
        available cash, cash, cash account, cash and cash equivalents, cash and cash investments, cash
        balance, cash cash investments, cash equivalents, cash investments, core cash, eur, euro, settlement
        fund, uninvested cash, us dollar, us dollars, usd
        """
    )
)
T_BILLS = _phrases(
    """
    t bill, t bills, tbill, tbills, treasury bill, treasury bills, treas bill, treas bills, 0 3 month, 1
    3 month, 3 month bill, 6 month bill, ultra short treasury
    """
)

# Where a fund invests.
EMERGING = _phrases(
    """
    emerging, emerging markets, em, emrg, china, chinese, india, brazil, mexico, taiwan, korea, south
    africa, latin america, thailand, indonesia, vietnam, turkey, poland, frontier markets
    """
)
INTERNATIONAL = _phrases(
    """
    international, intl, developed markets, eafe, ex us, ex usa, ex u s, europe, european, eurozone,
    euro, emu, stoxx, japan, japanese, nikkei, topix, pacific, overseas, foreign, uk, united kingdom,
    ftse 100, ftse 250, germany, dax, france, cac 40, switzerland, swiss, canada, canadian, australia,
    italy, spain, sweden, netherlands, gilt, gilts
    """
)
GLOBAL = _phrases("global, world, worldwide, all country, acwi, all world")
US = _phrases("us, usa, u s, united states, domestic")
# A fund of US Treasuries seldom says US, and no other country calls its bonds so.
US_BONDS = _phrases(
    """
    treasury, treasuries, tips, muni, munis, municipal, tax exempt, total bond, total bond market
    """
)

# The size of its companies.
SMALL_CAP = _phrases("small cap, smallcap, small company, sm cap, russell 2000, s&p 600, micro cap")
MID_CAP = _phrases("mid cap, midcap, s&p 400, s&p midcap 400, extended market")
LARGE_CAP = _phrases(
    """
    large cap, largecap, large company, mega cap, s&p 500, s&p500, sp 500, 500 index, s&p 100, total
    stock market, total stock mkt, total us stock, total market, total market index, broad market,
    russell 1000, russell 3000, nasdaq 100, nasdaq100, dow jones industrial, blue chip, msci usa
    """
)

# Bonds and bond funds.
BOND_FUNDS = _phrases(
    """
    bond, bonds, bd, treasury, treasuries, treas, fixed income, debt, gilt, gilts, muni, munis,
    municipal, tax exempt, tips, inflation protected, inflation linked, mortgage backed, mbs, floating
    rate, bank loan, senior loan, investment grade, corporate, govt
    """
)
HIGH_YIELD = _phrases("high yield, high yld, hi yield, junk, fallen angel, fallen angels")
NOT_HIGH_YIELD = _phrases("dividend, equity, stock")
LOANS = _phrases("bank loan, senior loan, leveraged loan")
INFLATION = _phrases("tips, inflation, inflation protected, inflation linked, infl, index linked")
CORPORATE_BONDS = _phrases("corporate, corp, investment grade")
CORPORATE_ISSUERS = _phrases("inc, corp, corporation, llc, plc, ltd, co, company, bank, group, holdings")
DEPOSIT_CERTIFICATES = _phrases("cd, certificate of deposit")
MUNICIPAL = _phrases(
    """
    muni, munis, municipal, tax exempt, city of, cnty, county, sch dist, school district
    """
)
# Only where no company word speaks against it: GoDaddy writes its bonds "GO DADDY OPER CO LLC".
MUNICIPAL_HINTS = _phrases("go, rev, auth")
GOVERNMENT_BONDS = _phrases("treasury, treasuries, treas, government, govt, mortgage backed, mbs, gnma")
GOVERNMENT_ISSUERS = _phrases(
    """
    us treasury, us treas, u s treasury, united states treasury, united states treas, treasury note,
    treasury notes, treasury bond, treasury bonds, treasury bill, treasury bills, t bill, t bills, t
    bond, t note, fnma, gnma, fhlb, fhlmc, federal home loan
    """
)
AGGREGATE_BONDS = _phrases(
    """
    aggregate, total bond, bond market, us bond index, core bond, short term bond index, intermediate
    term bond index
    """
)

# Commodities and crypto.
PHYSICAL = _phrases(
    """
    physical gold, physical silver, physical platinum, physical palladium, gold bullion, silver bullion,
    gold trust, silver trust
    """
)
BITCOIN = frozenset(_phrases("bitcoin, crypto, cryptocurrency, ether, ethereum, solana"))
COMMODITY_FUNDS = _phrases(
    """
    commodity, commodities, gold, silver, platinum, palladium, precious metals, oil, brent, crude,
    natural gas, copper, gsci
    """
)

# Sectors. Themes cut across them: neither one sector nor a spread over all.
THEMES = _phrases(
    """
    clean energy, renewable energy, renewables, solar, wind, hydrogen, water, infrastructure, uranium,
    lithium, battery, agribusiness, timber, cannabis, robotics, artificial intelligence, ai, cloud,
    internet, blockchain, fintech, genomics, gaming, esports, space, innovation, disruptive, electric
    vehicles, ex financials
    """
)
FUND_SECTORS: Mapping[Sector, tuple[str, ...]] = MappingProxyType(
    {
        Sector.REAL_ESTATE: _phrases("real estate, reit, reits, realty, property"),
        Sector.MATERIALS: _phrases("materials, miners, mining, gold miners, metals & mining, steel"),
        Sector.ENERGY: _phrases("energy, oil services, oil & gas, oil gas, mlp"),
        Sector.INFORMATION_TECHNOLOGY: _phrases(
            "technology, tech, software, semiconductor, semiconductors, cybersecurity"
        ),
        Sector.HEALTH_CARE: _phrases(
            """
            health care, healthcare, biotech, biotechnology, pharmaceutical, pharmaceuticals, medical devices
            """
        ),
        Sector.FINANCIALS: _phrases(
            """
            financials, financial select, financial services, banks, regional banking, insurance,
            broker dealers
            """
        ),
        Sector.INDUSTRIALS: _phrases("industrials, industrial select, aerospace, airlines, transportation"),
        Sector.CONSUMER_DISCRETIONARY: _phrases(
            """
            consumer discretionary, consumer cyclical, homebuilders, home construction, retail
            """
        ),
        Sector.CONSUMER_STAPLES: _phrases("consumer staples"),
        Sector.UTILITIES: _phrases("utilities, utility"),
        Sector.COMMUNICATION_SERVICES: _phrases("communication services, telecom, telecommunications"),
    }
)
COMPANY_SECTORS: Mapping[Sector, tuple[str, ...]] = MappingProxyType(
    {
        Sector.REAL_ESTATE: (*_phrases("realty, real estate"), *REIT_WORDS),
        Sector.FINANCIALS: _phrases("bancorp, bancorporation, bancshares, bankshares"),
        Sector.HEALTH_CARE: _phrases("pharmaceutical, pharmaceuticals, therapeutics, biopharma"),
        Sector.INFORMATION_TECHNOLOGY: _phrases("semiconductor, semiconductors"),
    }
)
