"""From the JSON of a request to drafts: words are looked up, and every unknown one is reported."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from foliolens.errors import FieldProblem
from foliolens.holdings.models import HoldingDraft, IssueCode
from foliolens.portfolios.schemas import HoldingInput
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

__all__ = ["drafts_of"]

_Word = TypeVar("_Word", bound=StrEnum)


class _Words:
    """Looks words up, and remembers the ones that do not exist."""

    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []
        self.faulty: list[tuple[int, str]] = []

    def find(self, vocabulary: type[_Word], word: str | None, row: int, field: str) -> _Word | None:
        if word is None:
            return None
        try:
            return vocabulary(word)
        except ValueError:
            code = IssueCode.UNSUPPORTED_ASSET_TYPE if field == "type" else IssueCode.OUT_OF_RANGE
            known = ", ".join(member.value for member in vocabulary)
            self.problems.append(
                FieldProblem(
                    field=f"assets.{row}.{field}",
                    code=code.value,
                    message=f"There is no {field} {word!r}. Use one of {known}.",
                )
            )
            self.faulty.append((row, field))
            return None


def drafts_of(
    assets: Sequence[HoldingInput],
) -> tuple[list[HoldingDraft], list[FieldProblem], list[tuple[int, str]]]:
    """Turn stated holdings into drafts.

    Returns:
        The drafts in order, the problems found on the way, and `(row, field)` of each for validation.
    """
    words = _Words()
    drafts = [
        HoldingDraft(
            symbol=asset.symbol,
            name=asset.name,
            type=words.find(AssetType, asset.type, row, "type"),
            category=words.find(Category, asset.category, row, "category"),
            sector=words.find(Sector, asset.sector, row, "sector"),
            region=words.find(Region, asset.geographic_region, row, "geographicRegion"),
            allocation=asset.allocation_percentage,
            amount=asset.dollar_amount,
            shares=asset.shares,
            price=asset.current_price,
            avg_price=asset.avg_purchase_price,
            expense_ratio=asset.expense_ratio,
            dividend_yield=asset.dividend_yield,
            risk_rating=asset.risk_rating,
        )
        for row, asset in enumerate(assets)
    ]
    return drafts, words.problems, words.faulty
