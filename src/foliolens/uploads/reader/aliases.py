"""What brokers call the columns, in the order in which a name wins over another of the same field."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

__all__ = [
    "ALIASES",
    "FIELD_NAMES",
    "IGNORED",
    "TRANSACTION_WORDS",
    "currency_in_header",
    "field_of_header",
    "normalised",
]

IGNORED = "ignore"

# Fields of the contract first, then what only the reader uses.
FIELD_NAMES: tuple[str, ...] = (
    "symbol",
    "name",
    "type",
    "category",
    "sector",
    "geographicRegion",
    "allocationPercentage",
    "dollarAmount",
    "shares",
    "price",
    "avgPurchasePrice",
    "expenseRatio",
    "dividendYield",
    "riskRating",
    "currency",
    "account",
    "isin",
    "costBasis",
    "level",
)

# Earlier names win: a base-currency value over a market value over a bare "Amount". What a position
# cost is never its amount: those columns only help to tell number formats apart.
_NAMES: Mapping[str, str] = {
    "symbol": """
        Symbol; Ticker; Ticker Symbol; Stock Symbol; Symbol/ISIN; Symbool/ISIN; Symbol/CUSIP; Instrument;
        Security ID; Fund Symbol; Security Symbol; Kürzel; Börsenkürzel; Tickersymbol; Symbole; Mnémo;
        Mnemonic; Símbolo; Simbolo; Symbool; Asset; CUSIP; WKN; Valorennummer; Valoren""",
    "isin": "ISIN; ISIN Code; Code ISIN; ISIN-Code; Codice ISIN; Código ISIN; Security ISIN",
    "name": """
        Name; Description; Investment Name; Security Name; Security Description; Company; Company Name;
        Fund Name; Holding; Holding Name; Asset Name; Security; Investment; Product; Title; Bezeichnung;
        Wertpapier; Wertpapierbezeichnung; Wertpapiername; Titel; Produkt; Libellé; Nom; Désignation;
        Produit; Naam; Omschrijving; Nombre; Descripción; Producto; Nome; Descrizione; Prodotto; Titolo;
        Denominazione; Strumento""",
    "type": """
        Asset Type; Security Type; Asset Class; AssetClass; Asset Category; Instrument Type; Holding Type;
        Investment Type; Product Type; Type; Anlageklasse; Wertpapierart; Gattung; Typ; Art;
        Classe d'actifs; Type d'actif; Tipo; Tipo de activo; Tipo di strumento; Soort""",
    "category": "Category; Investment Category; Kategorie; Catégorie; Categorie; Categoría; Categoria",
    "sector": "Sector; GICS Sector; Sektor; Branche; Secteur; Settore; Industry Sector",
    "geographicRegion": "Region; Geographic Region; Geography; Région; Regio; Región; Regione",
    "allocationPercentage": """
        Allocation %; Allocation; Allocation Percentage; Weight; Weight %; Portfolio Weight; Weighting;
        % of Portfolio; Percent of Portfolio; % of Account; % of Acct (% of Account); % of Acct;
        Percent of Account; % of Total; % of Holdings; % of Assets; Percent of NAV; PercentOfNAV; % of NAV;
        Portfolio %; Target %; Gewicht; Gewichtung; Gewicht %; Anteil; Anteil %; Depotanteil; Poids; Poids %;
        Pondération; Répartition; Weging; Gewicht in %; Peso; Peso %; Ponderación; Ponderazione; %""",
    "dollarAmount": """
        Value in Base Currency; Base Market Value; Market Value (Base); Value (Base);
        Position Value in Base; Dollar Amount; Current Value; Market Value; Mkt Val (Market Value); Mkt Value;
        Mkt Val; MarketValue; Value in EUR; Wert in EUR; Waarde in EUR; Valeur en EUR; Valor en EUR;
        Valore in EUR; Total Value; Position Value; PositionValue; Total Market Value; Ending Value;
        Current Market Value; Net Value; Value; Equity; Balance; Current Balance; Market Price Value;
        Amount; Total; Marktwert; Kurswert; Aktueller Wert; Gesamtwert; Depotwert; Wert; Betrag;
        Bewertung; Valeur de marché; Valeur boursière; Valorisation; Valeur actuelle; Valeur totale; Montant;
        Marktwaarde; Huidige waarde; Waarde; Bedrag; Valor de mercado; Valor actual; Valor total; Importe;
        Controvalore; Valore di mercato; Valore attuale; Valore; Importo; Valeur; Valor""",
    "shares": """
        Shares; Quantity; Qty (Quantity); Qty; Qty #; Units; No. of Shares; Number of Shares; Share Count;
        Share Balance; Shares Owned; Position; Stück; Stückzahl; Anzahl; Menge; Anteile; Nominal;
        Stück/Nominal; Bestand; Quantité; Qté; Nombre de titres; Nombre de parts; Aantal; Cantidad; Títulos;
        Quantità; Q.tà""",
    "price": """
        Price; Last Price; Current Price; Last Price $; Share Price; Market Price; Mark Price; MarkPrice;
        Close Price; Closing Price; Closing; Close; Last; Last Trade; NAV; Unit Price; Price per Share; Kurs;
        Aktueller Kurs; Letzter Kurs; Schlusskurs; Schlußkurs; Preis; Cours; Dernier cours; Cours actuel;
        Clôture; Prix; Koers; Slotkoers; Huidige koers; Prijs; Precio; Cotización; Último precio; Cierre;
        Prezzo; Prezzo attuale; Ultimo prezzo; Quotazione; Chiusura; Prezzo di mercato""",
    "avgPurchasePrice": """
        Avg Price; Average Price; Avg Purchase Price; Average Purchase Price; Avg. Price; Average Cost Basis;
        Cost Basis/Share; Cost Basis Per Share; Cost/Share; Cost Per Share; Average Cost; Avg Cost;
        Average Cost Per Share; Unit Cost; Price Paid; Price Paid $; Purchase Price; Buy Price; Entry Price;
        Cost Price; CostBasisPrice; Cost Basis Price; Open Price; Einstandskurs; Einstandspreis; Kaufkurs;
        Kaufpreis; Ø Kaufkurs; Durchschnittskurs; PRU; Prix de revient unitaire; Prix de revient;
        Prix d'achat; Prix moyen; Gemiddelde koers; Aankoopkoers; Gem. aankoopprijs; GAK; Precio medio;
        Precio de compra; Coste medio; Prezzo medio; Prezzo medio di carico; Prezzo di carico;
        Prezzo di acquisto""",
    "expenseRatio": """
        Expense Ratio; Expense Ratio %; Net Expense Ratio; Gross Expense Ratio; TER; TER %; Ongoing Charge;
        OCF; Total Expense Ratio; Gesamtkostenquote; Laufende Kosten; Frais courants""",
    "dividendYield": """
        Dividend Yield; Dividend Yield %; Div Yield; Yield; Yield %; Distribution Yield; Dividendenrendite;
        Rendement; Rendement du dividende; Rentabilidad por dividendo""",
    "riskRating": "Risk Rating; Risk; Risk Score; Risk Level; Risiko; Risikoklasse; Risque; SRI",
    "currency": """
        Currency; CurrencyPrimary; Currency Primary; Ccy; Local Value; Curr; Währung; Whg; Lokaler Wert;
        Devise; Valeur locale; Munt; Valuta; Lokale waarde; Divisa; Moneda; Divisa di negoziazione""",
    "account": """
        Account Number; Account; Account Name; Account ID; ClientAccountID; Account Name/Number; Konto;
        Kontonummer; Depot; Depotnummer; Compte; Numéro de compte; Rekening; Cuenta; Conto""",
    "costBasis": """
        Cost Basis Total; Cost Basis; Total Cost; Total Cost Basis; Book Value; Cost; CostBasisMoney;
        Einstandswert; Kaufwert; Prix de revient total; Valor de compra; Controvalore di carico""",
    "level": "LevelOfDetail; Level Of Detail; DataDiscriminator",
}

# A header with one of these lists transactions, not positions.
_TRANSACTIONS = """
    Trade Date; Settlement Date; Settle Date; Transaction Type; Transaction Description; Transaction Date;
    Run Date; Activity Date; Process Date; Trans Code; Action; Activity Type; Buy/Sell; Proceeds;
    Order Type; Date/Time; Buchungstag; Valuta Datum; Handelsdatum; Transaktion; Date d'opération;
    Fecha de operación; Data operazione"""

_CODES = ("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "SEK", "NOK", "DKK", "PLN", "HKD", "SGD", "NZD")
_CURRENCY = re.compile(rf"[(\[]?\b(?:in |en )?({'|'.join(_CODES)})\b[)\]]?$")
_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP"}
_LAST_CHARACTERS = frozenset({")", "]", *_SYMBOLS, *(code[-1] for code in _CODES)})


_LONGEST = 100


def normalised(header: str) -> str:
    """Return a header without case, accents, spaces and punctuation; `%` and `#` count as words.

    Text of more than 100 characters is no header and gives the empty text.
    """
    return _normalised(header) if len(header) <= _LONGEST else ""


@lru_cache(maxsize=4096)
def _normalised(header: str) -> str:
    text = header.replace("%", " percent ").replace("#", " number ")
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if char.isalnum())


def currency_in_header(header: str) -> tuple[str | None, str]:
    """Return the currency that a header ends with, and the header without it."""
    text = header.strip().strip("()[] ") if header.strip().startswith("(") else header.strip()
    if text[-1:] not in _LAST_CHARACTERS:
        return None, text
    match = _CURRENCY.search(text)
    if match:
        return match[1], text[: match.start()].strip()
    for sign, code in _SYMBOLS.items():
        for end in (f"({sign})", sign):
            if text.endswith(end):
                return code, text[: -len(end)].strip()
    return None, text


def _table(names: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """Return, for each normalised name, its field and its rank within the field."""
    table: dict[str, tuple[str, int]] = {}
    for field, text in names.items():
        for rank, name in enumerate(text.split(";")):
            table.setdefault(normalised(name), (field, rank))
    return table


ALIASES: Mapping[str, tuple[str, int]] = _table(_NAMES)
TRANSACTION_WORDS = frozenset(normalised(word) for word in _TRANSACTIONS.split(";"))


def field_of_header(header: str) -> tuple[str, int] | None:
    """Return the field a header names and the rank of that name, lower wins; None if it names none.

    A value in a named currency ("Value in EUR") ranks before the same name without one.
    """
    key = normalised(header)
    if key in ALIASES:
        return ALIASES[key]
    currency, rest = currency_in_header(header)
    found = ALIASES.get(normalised(rest)) if currency else None
    return (found[0], -1) if found else None
