"""What an update changed, in words a history can show."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from foliolens.holdings.models import Holding
from foliolens.portfolios.schemas import Change
from foliolens.portfolios.store import PortfolioFields

__all__ = ["changes_between"]

_CONTRACT_NAMES = {
    "is_public": "isPublic",
    "risk_profile": "riskProfile",
    "investment_horizon": "investmentHorizon",
    "region": "geographicRegion",
    "allocation": "allocationPercentage",
    "amount": "dollarAmount",
    "avg_price": "avgPurchasePrice",
    "expense_ratio": "expenseRatio",
    "dividend_yield": "dividendYield",
    "risk_rating": "riskRating",
}


def changes_between(
    old_fields: PortfolioFields,
    old_holdings: Sequence[Holding],
    new_fields: PortfolioFields,
    new_holdings: Sequence[Holding],
) -> list[Change]:
    """Every difference: the portfolio's fields first, then holdings by symbol."""
    changes = [
        Change(kind="field", field=field, before=before, after=after)
        for field, before, after in _differences(old_fields, new_fields)
    ]
    old = {holding.symbol: holding for holding in old_holdings}
    new = {holding.symbol: holding for holding in new_holdings}
    for symbol in sorted(old.keys() | new.keys()):
        changes += _holding_changes(symbol, old.get(symbol), new.get(symbol))
    return changes


def _holding_changes(symbol: str, before: Holding | None, after: Holding | None) -> list[Change]:
    if before is None or after is None:
        return [
            Change(
                kind="holding_added" if before is None else "holding_removed",
                symbol=symbol,
                before=_text(before.amount) if before else None,
                after=_text(after.amount) if after else None,
            )
        ]
    return [
        Change(kind="holding_changed", symbol=symbol, field=field, before=old, after=new)
        for field, old, new in _differences(before, after)
    ]


def _differences(
    before: PortfolioFields | Holding, after: PortfolioFields | Holding
) -> Iterator[tuple[str, str | None, str | None]]:
    for name in before.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield _CONTRACT_NAMES.get(name, name), _text(old), _text(new)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return format(value, "f") if isinstance(value, Decimal) else str(value)
