"""What brokers write in the columns that hold words: symbols, asset types, sectors, regions."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from foliolens.reference.taxonomy import AssetType, Category, Region, Sector
from foliolens.uploads.reader.aliases import normalised
from foliolens.uploads.reader.marks import visible

__all__ = [
    "CATEGORIES",
    "REGIONS",
    "SECTORS",
    "TYPES",
    "are_plain",
    "is_cash",
    "is_missing",
    "is_option",
    "plain_symbol",
    "plain_text",
]

Member = TypeVar("Member", bound=StrEnum)

_MISSING = frozenset(
    {"", "-", "--", "---", "–", "—", "n/a", "n.a.", "na", "nan", "null", "none", "#n/a", "#value!", "k.a."}
)
_CASH = re.compile(
    r"(?:cash|uninvested cash|cash balance|bargeld|barbestand|liquidit[äa]t|liquidit[ée]s|esp[èe]ces|efectivo"
    r"|liquidez|liquidit[àa]|contanti|kontant|contanten|kas)(?:\s*[&(/,:-].*|\s+(?:and|investments|balance"
    r"|usd|eur|gbp|chf|position|available|equivalents?|sweep|account|core).*)?",
    re.IGNORECASE,
).fullmatch
# OCC symbols (AAPL250117C00150000), their short forms (-AAPL250117C150), and spelled-out contracts.
_OPTION = re.compile(
    r"-?\s*[A-Z.]{1,6}\s*[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[CP][0-9.]+"
    r"|[A-Z.]{1,6}\s+[0-9]{1,2}[/ ]?[0-9A-Z]{2,3}[/ ]?[0-9]{2,4}\s.*[CP](?:ALL|UT)?"
).fullmatch
_TEXT_FORMULA = re.compile(r'="([^"]*)"').fullmatch
_SHARE_CLASS = re.compile(r"([A-Z]{1,5})[/ ]([A-Z])").fullmatch


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return visible(cell).lower() in _MISSING


def plain_text(cell: str) -> str:
    """Return a cell's text on one line; `="0012"`, which keeps Excel from reading a number, as `0012`."""
    content = visible(cell)
    match = _TEXT_FORMULA(content) if "=" in content else None
    text = " ".join((match[1] if match else content).split())
    # The cell itself where nothing changes: a long file would be in memory twice.
    return cell if text == cell else text


def are_plain(cells: Sequence[str]) -> bool:
    """Whether `plain_text` would change none of the cells; they are looked at together."""
    column = "\n".join(["", *cells, ""])
    return (
        column.count("\n") == len(cells) + 1
        and column.replace("\n", "").isprintable()
        and not any(mended in column for mended in ("\n ", " \n", "  ", "="))
    )


def plain_symbol(cell: str) -> str:
    """Return a symbol in upper case, without footnote stars, and with BRK/B and BRK B as BRK.B."""
    text = plain_text(cell).rstrip("*").upper()
    share_class = _SHARE_CLASS(text)
    return f"{share_class[1]}.{share_class[2]}" if share_class else text


def is_cash(text: str) -> bool:
    """Whether a symbol or a name stands for uninvested cash."""
    return _CASH(visible(text)) is not None


def is_option(symbol: str) -> bool:
    """Whether a symbol is that of an option contract."""
    return _OPTION(symbol.strip().upper()) is not None


def _words(table: Mapping[Member, str]) -> dict[str, Member]:
    """Return the member for each word, and for the members' own values."""
    words = {}
    for member, text in table.items():
        words[normalised(member.value)] = member
        for word in text.split(";"):
            words[normalised(word)] = member
    words.pop("", None)
    return words


_TYPE_WORDS = {
    AssetType.STOCK: """stocks; equity; equities; common stock; common stocks; share; shares; STK; ADR;
        CS; domestic stock; foreign stock; us equity; individual stock; preferred stock; Aktie; Aktien;
        action; actions; acción; acciones; azione; azioni; aandeel; aandelen""",
    AssetType.ETF: """ETFs; exchange traded fund; exchange traded funds; exchange-traded fund;
        ETFs & Closed End Funds; ETF/ETP; ETP; tracker; trackers; index ETF""",
    AssetType.MUTUAL_FUND: """mutual funds; mutualfund; fund; funds; index fund; open-end fund; FUND;
        investment fund; OEIC; Fonds; Investmentfonds; OPCVM; SICAV; fondo; fondos; fondi;
        beleggingsfonds; target date fund; money market fund""",
    AssetType.BOND: """bonds; fixed income; treasury; treasuries; treasury bill; treasury bond; BILL;
        government bond; corporate bond; municipal bond; CD; certificate of deposit; Anleihe; Anleihen;
        obligation; obligations; obligatie; obligaties; bono; bonos; obbligazione; obbligazioni""",
    AssetType.REIT: "REITs; real estate investment trust; real estate investment trusts",
    AssetType.COMMODITY: "commodities; gold; precious metals; Rohstoff; Rohstoffe; ETC; materias primas",
    AssetType.CASH: """cash & equivalents; cash and cash equivalents; cash equivalent; cash equivalents;
        cash and money market; cash & money market; money market; sweep; currency; Bargeld; Liquidität;
        liquidités; espèces; efectivo; liquidità; contanten""",
}
TYPES: Mapping[str, AssetType] = _words(_TYPE_WORDS)

_CATEGORY_WORDS = {
    Category.US_LARGE_CAP: "large cap; us large; large blend; large growth; large value",
    Category.US_MID_CAP: "mid cap; mid-cap blend; mid-cap growth; mid-cap value",
    Category.US_SMALL_CAP: "small cap; small blend; small growth; small value",
    Category.INTERNATIONAL_DEVELOPED: "developed markets; foreign large blend",
    Category.EMERGING_MARKETS: "emerging market; diversified emerging mkts",
    Category.GOVERNMENT_BONDS: "government bond; treasury bonds; treasuries; intermediate government",
    Category.CORPORATE_BONDS: "corporate bond; intermediate core bond",
    Category.HIGH_YIELD_BONDS: "high yield bond; high yield; junk bonds",
    Category.INTERNATIONAL_BONDS: "international bond; foreign bonds; global bond",
    Category.INFLATION_PROTECTED: "inflation-protected bond; TIPS; inflation linked",
    Category.REAL_ESTATE: "REIT; REITs",
    Category.COMMODITIES: "commodity; gold",
    Category.CASH_EQUIVALENTS: "cash; cash & equivalents; money market",
    Category.DOMESTIC_EQUITY: "us equity; domestic stock; us stocks",
    Category.INTERNATIONAL_EQUITY: "foreign stock; international stocks; international",
}
CATEGORIES: Mapping[str, Category] = _words(_CATEGORY_WORDS)

_SECTOR_WORDS = {
    Sector.COMMUNICATION_SERVICES: "communications; communication; telecommunications; telecom",
    Sector.CONSUMER_DISCRETIONARY: "consumer cyclical; consumer cyclicals",
    Sector.CONSUMER_STAPLES: "consumer defensive; consumer non-cyclical; consumer non-cyclicals",
    Sector.ENERGY: "oil & gas",
    Sector.FINANCIALS: "financial; finance; financial services; banks",
    Sector.HEALTH_CARE: "healthcare; health",
    Sector.INDUSTRIALS: "industrial; industry",
    Sector.INFORMATION_TECHNOLOGY: "technology; tech; IT; information tech",
    Sector.MATERIALS: "basic materials; material",
    Sector.REAL_ESTATE: "realestate; property",
    Sector.UTILITIES: "utility",
    Sector.DIVERSIFIED: "multi-sector; broad market; blend",
    Sector.BONDS: "bond; fixed income",
    Sector.UNKNOWN: "other",
}
SECTORS: Mapping[str, Sector] = _words(_SECTOR_WORDS)

_REGION_WORDS = {
    Region.US: "usa; united states; united states of america; north america; domestic; U.S.",
    Region.DEVELOPED_INTERNATIONAL: """developed; international; international developed; europe;
        eurozone; japan; developed markets; united kingdom""",
    Region.EMERGING_MARKETS: "emerging; emerging market; EM; asia ex japan; latin america; china; india",
    Region.GLOBAL: "world; worldwide",
    Region.UNKNOWN: "other",
}
REGIONS: Mapping[str, Region] = _words(_REGION_WORDS)
