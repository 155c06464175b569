"""How much of a portfolio depends on its home market, the United States."""

from collections.abc import Sequence

from msgspec import Struct

from foliolens.reference.taxonomy import Region
from foliolens.risk.positions import Position

__all__ = [
    "GLOBAL_FUND",
    "HOME",
    "REGION_COUNT",
    "RegionExposure",
    "has_region",
    "home_value",
    "region_exposure",
]

HOME = Region.US

GLOBAL_FUND = {Region.US: 0.60, Region.DEVELOPED_INTERNATIONAL: 0.30, Region.EMERGING_MARKETS: 0.10}
"""What a global fund holds: the world indices' country weights (MSCI ACWI, FTSE Global All Cap), rounded."""

REGION_COUNT = len(GLOBAL_FUND)


class RegionExposure(Struct, frozen=True):
    """The regions of the value whose region is known, global funds looked through.

    Attributes:
        shares: Share of the classified value by region; they sum to 1.
        hhi: Sum of the squared shares.
    """

    shares: dict[Region, float]
    hhi: float

    @property
    def home_share(self) -> float:
        """Share of the classified value in the United States."""
        return self.shares[HOME]


def has_region(position: Position) -> bool:
    """Whether a region means anything for a holding: it does not for cash and commodities."""
    return not (position.is_cash or position.is_commodity)


def home_value(position: Position) -> float:
    """Return the part of the portfolio that a holding puts into the United States."""
    return position.weight * _split(position.region).get(HOME, 0.0)


def region_exposure(positions: Sequence[Position]) -> RegionExposure | None:
    """Return the regions of the classified value, or None if none is classified."""
    values = dict.fromkeys(GLOBAL_FUND, 0.0)
    classified = 0.0
    for position in positions:
        if has_region(position) and position.region is not Region.UNKNOWN:
            classified += position.weight
            for region, share in _split(position.region).items():
                values[region] += position.weight * share
    if not classified:
        return None
    shares = {region: min(1.0, value / classified) for region, value in values.items()}
    return RegionExposure(shares, min(1.0, sum(share * share for share in shares.values())))


def _split(region: Region) -> dict[Region, float]:
    return GLOBAL_FUND if region is Region.GLOBAL else {region: 1.0}
