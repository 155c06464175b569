"""A portfolio's holdings as the risk calculations see them: merged, weighed, looked through."""

import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from foliolens.holdings.models import Holding
from foliolens.reference.classification import is_diversified_fund
from foliolens.reference.table import ReferenceEntry, lookup
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector
from foliolens.risk.asset_classes import AssetClass, asset_class

__all__ = ["UNKNOWN_FUND_CONSTITUENTS", "Position", "positions_of"]

UNKNOWN_FUND_CONSTITUENTS = 100
"""Effective constituents of a diversified fund that the reference table does not know."""

_FUND_TYPES = frozenset({AssetType.ETF, AssetType.MUTUAL_FUND})
_FUND_SECTORS = frozenset({Sector.DIVERSIFIED, Sector.BONDS})
_FUND_NAME = re.compile(r"\b(?:fund|etf|index|ucits)\b", re.IGNORECASE)


class Position(Struct, frozen=True):
    """Everything held of one symbol.

    Attributes:
        weight: Share of the portfolio's value, above 0 and at most 1.
        asset_class: None where nothing known about the holding tells.
        is_fund: Whether it is a fund rather than the paper of a single issuer.
        constituents: Effective number of issuers its value is spread over; 1 for a single issuer.
        is_cash: Whether it is money or its equivalent.
        is_commodity: Whether it is raw material, which no company issues and no country is home to.
        is_equity: Whether it is a claim on companies: equity, and real estate held through listed companies.
    """

    symbol: str
    name: str
    type: AssetType
    category: Category | None
    sector: Sector
    region: Region
    weight: float
    asset_class: AssetClass | None
    is_fund: bool
    constituents: int
    is_cash: bool
    is_commodity: bool
    is_equity: bool


def positions_of(holdings: Sequence[Holding]) -> tuple[Position, ...]:
    """Merge rows of one symbol, and weigh each symbol by its share of the total amount.

    Where rows of one symbol describe it differently, the description with the most value counts, so
    neither the order of rows nor the splitting of a row matters. Rows without value do not count.

    Returns:
        Positions by falling weight, equal ones by symbol. The weights sum to 1.

    Raises:
        ValueError: No holding has value, or an amount is negative.
    """
    rows: defaultdict[str, list[Holding]] = defaultdict(list)
    for holding in holdings:
        if holding.amount < 0:
            raise ValueError(f"{holding.symbol} has the amount {holding.amount}: it must be 0 or more.")
        if holding.amount:
            rows[holding.symbol].append(holding)
    amounts = {symbol: sum((row.amount for row in same), Decimal()) for symbol, same in rows.items()}
    total = float(sum(amounts.values(), Decimal()))
    if not total:
        raise ValueError("No holding has a value: state an amount above 0 for at least one.")
    order = sorted(amounts, key=lambda symbol: (-amounts[symbol], symbol))
    return tuple(_position(_main_row(rows[symbol]), float(amounts[symbol]) / total) for symbol in order)


def _main_row(rows: list[Holding]) -> Holding:
    """Return a row with the description that has the most value among rows of one symbol."""
    if len(rows) == 1:
        return rows[0]
    amounts: defaultdict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        amounts[_description(row)] += row.amount
    winner = max(amounts, key=lambda description: (amounts[description], description))
    return next(row for row in rows if _description(row) == winner)


def _description(row: Holding) -> tuple[str, ...]:
    """Return what a row says about its symbol, in a form that can be put in order."""
    return (row.name, row.type, row.category or "", row.sector, row.region)


def _position(holding: Holding, weight: float) -> Position:
    entry = lookup(holding.symbol)
    type_ = _type(holding)
    class_ = asset_class(type_, holding.category, holding.sector, holding.name)
    is_fund = _is_fund(type_, holding.name, entry)
    is_real = class_ is AssetClass.REAL_ASSETS
    is_commodity = is_real and (type_ is AssetType.COMMODITY or holding.category is Category.COMMODITIES)
    return Position(
        symbol=holding.symbol,
        name=holding.name,
        type=type_,
        category=holding.category,
        sector=holding.sector,
        region=holding.region,
        weight=weight,
        asset_class=class_,
        is_fund=is_fund,
        constituents=1
        if type_ is AssetType.STOCK
        else _constituents(holding, entry, class_, is_fund=is_fund),
        is_cash=class_ is AssetClass.CASH,
        is_commodity=is_commodity,
        is_equity=class_ is AssetClass.EQUITY or (is_real and not is_commodity),
    )


def _type(holding: Holding) -> AssetType:
    """Return the type, where "stock" of no company's sector is a fund that a broker's file calls stock."""
    is_mislabelled = holding.type is AssetType.STOCK and holding.sector in _FUND_SECTORS
    return AssetType.ETF if is_mislabelled else holding.type


def _is_fund(type_: AssetType, name: str, entry: ReferenceEntry | None) -> bool:
    """Tell a fund from a single issuer's paper, also for the types that may be either.

    Brokers' files call both a bond and a bond fund "bond", a REIT and a fund of them "REIT". There the
    reference table decides, then the name. What is stated to be a company's stock is one.
    """
    if type_ in _FUND_TYPES:
        return True
    if type_ is AssetType.STOCK:
        return False
    return (entry is not None and entry.type in _FUND_TYPES) or _FUND_NAME.search(name) is not None


def _constituents(
    holding: Holding, entry: ReferenceEntry | None, class_: AssetClass | None, *, is_fund: bool
) -> int:
    """Return the effective number of issuers behind a holding: table, then 100 if diversified, else 1.

    Cash counts as diversified: money funds and sweep accounts spread it, and deposits are insured, so a
    single cash position is no bet on one issuer.
    """
    if entry is not None and entry.effective_constituents:
        return entry.effective_constituents
    is_diversified = is_fund and is_diversified_fund(AssetType.MUTUAL_FUND, holding.sector, holding.category)
    return UNKNOWN_FUND_CONSTITUENTS if class_ is AssetClass.CASH or is_diversified else 1
