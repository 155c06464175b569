"""Merging a file into a portfolio: holdings of one symbol are added up, then all is validated again."""

from collections.abc import Sequence
from decimal import Decimal

from foliolens.holdings.models import Holding, HoldingDraft, Validation
from foliolens.holdings.rules import Rules
from foliolens.holdings.validation import validate

__all__ = ["merge"]


def merge(existing: Sequence[Holding], added: Sequence[Holding], rules: Rules) -> Validation:
    """Add the holdings of a file to those of a portfolio.

    Args:
        existing: What the portfolio holds.
        added: What the file holds, validated by itself.
        rules: What the sum must satisfy; `sum_duplicates` adds up what both hold.

    Returns:
        The merged holdings, or every reason why they cannot be merged.
    """
    drafts = [_draft(holding) for holding in (*existing, *added)]
    return validate(drafts, total=None, rules=rules)


def _draft(holding: Holding) -> HoldingDraft:
    # Amounts were checked when they came in: the implied price keeps them from being compared with cost.
    return HoldingDraft(
        symbol=holding.symbol,
        name=holding.name,
        type=holding.type,
        category=holding.category,
        sector=holding.sector,
        region=holding.region,
        amount=holding.amount,
        shares=holding.shares,
        price=_implied_price(holding),
        avg_price=holding.avg_price,
        expense_ratio=holding.expense_ratio,
        dividend_yield=holding.dividend_yield,
        risk_rating=holding.risk_rating,
    )


def _implied_price(holding: Holding) -> Decimal | None:
    return holding.amount / holding.shares if holding.shares else None
