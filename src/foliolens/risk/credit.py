"""How much of the fixed income may not be paid back."""

from collections.abc import Sequence

from foliolens.reference.taxonomy import Category
from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.positions import Position

__all__ = ["has_known_credit", "is_low_credit", "low_credit_share"]

_INVESTMENT_GRADE = frozenset(
    {
        Category.GOVERNMENT_BONDS,
        Category.CORPORATE_BONDS,
        Category.INTERNATIONAL_BONDS,
        Category.INFLATION_PROTECTED,
    }
)


def has_known_credit(position: Position) -> bool:
    """Whether a holding is fixed income whose credit quality can be told.

    It cannot for a bond fund without a category: it holds rated bonds, only nobody said which.
    """
    if position.asset_class is not AssetClass.FIXED_INCOME:
        return False
    return position.category is not None or not position.is_fund


def is_low_credit(position: Position) -> bool:
    """Whether a holding is fixed income below investment grade or unrated.

    Only the category tells. High-yield bonds are below investment grade by definition; nothing vouches
    for an individual bond without a bond category, so it counts as unrated.
    """
    return has_known_credit(position) and position.category not in _INVESTMENT_GRADE


def low_credit_share(positions: Sequence[Position]) -> float | None:
    """Return the share of fixed income below investment grade or unrated, of what can be told.

    None without fixed income, or if its credit quality is not known at all.
    """
    known = sum(position.weight for position in positions if has_known_credit(position))
    if not known:
        return None
    return min(1.0, sum(position.weight for position in positions if is_low_credit(position)) / known)
