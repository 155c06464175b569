"""What a portfolio was before an upload, as JSON data, so that the upload can be undone."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import asdict

from foliolens.holdings.models import Holding
from foliolens.portfolios.store import PortfolioFields
from foliolens.portfolios.stored import StoredPortfolio
from foliolens.reference.taxonomy import AssetType, Category, Region, Sector

__all__ = ["restore_snapshot", "take_snapshot"]


def take_snapshot(portfolio: StoredPortfolio) -> dict[str, Any]:
    """Everything an upload may change."""
    return {
        "fields": asdict(portfolio.fields),
        "holdings": [asdict(holding) for holding in portfolio.holdings],
    }


def restore_snapshot(snapshot: Mapping[str, Any]) -> tuple[PortfolioFields, list[Holding]]:
    """The fields and holdings of a snapshot; numbers were kept as decimals."""
    return PortfolioFields(**snapshot["fields"]), [_holding(item) for item in snapshot["holdings"]]


def _holding(item: Mapping[str, Any]) -> Holding:
    return Holding(
        **{
            **item,
            "type": AssetType(item["type"]),
            "category": Category(item["category"]) if item["category"] else None,
            "sector": Sector(item["sector"]),
            "region": Region(item["region"]),
        }
    )
