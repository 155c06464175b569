"""What a portfolio consists of by sector, region, asset class and category, and what nobody classified."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from msgspec import Struct

from foliolens.reference.taxonomy import AssetType, Category, Sector
from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.geography import has_region
from foliolens.risk.positions import Position

__all__ = ["UNKNOWN", "Breakdown", "breakdown", "category_key", "class_key", "region_key", "sector_key"]

UNKNOWN = "unknown"


class Breakdown(Struct, frozen=True):
    """The portfolio's value along one dimension.

    Attributes:
        shares: Keys with their shares of the value, largest first, equal ones by key; they sum to 1
            and include `unknown` where something is.
        covered: Share of the value that is classified.
        unclassified: Symbols of the holdings that are not, largest first.
    """

    shares: tuple[tuple[str, float], ...]
    covered: float
    unclassified: tuple[str, ...]


def breakdown(positions: Sequence[Position], key: Callable[[Position], str]) -> Breakdown:
    """Add up the positions' weights by key."""
    values: defaultdict[str, float] = defaultdict(float)
    unclassified = []
    for position in positions:
        name = key(position)
        values[name] += position.weight
        if name == UNKNOWN:
            unclassified.append(position.symbol)
    shares = sorted(
        ((str(name), share) for name, share in values.items()), key=lambda item: (-item[1], item[0])
    )
    return Breakdown(tuple(shares), _covered(values), tuple(unclassified))


def sector_key(position: Position) -> str:
    """Return the sector, or `cash`, `commodities` or `bonds` for what is no company's paper."""
    apart = _apart(position)
    if apart is not None:
        return apart
    if position.sector is Sector.UNKNOWN and position.asset_class is AssetClass.FIXED_INCOME:
        return Sector.BONDS
    return position.sector


def region_key(position: Position) -> str:
    """Return the region, or `cash` or `commodities` for what has none."""
    return _apart(position) or position.region


def class_key(position: Position) -> str:
    """Return the asset class."""
    return UNKNOWN if position.asset_class is None else position.asset_class


def category_key(position: Position) -> str:
    """Return the category; money needs none to be a cash equivalent."""
    if position.category is not None:
        return position.category
    if position.type is AssetType.CASH:
        return Category.CASH_EQUIVALENTS
    return UNKNOWN


def _apart(position: Position) -> str | None:
    """Return the key of what has neither sector nor region by its nature."""
    if has_region(position):
        return None
    return AssetClass.CASH.value if position.is_cash else Category.COMMODITIES


def _covered(values: dict[str, float]) -> float:
    if UNKNOWN not in values:
        return 1.0
    return min(1.0, sum(share for key, share in values.items() if key != UNKNOWN))
