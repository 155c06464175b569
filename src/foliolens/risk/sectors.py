"""How much of the equity is a bet on a single sector."""

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

from foliolens.reference.taxonomy import Sector
from foliolens.risk.positions import Position

__all__ = ["SECTOR_COUNT", "SectorExposure", "sector_exposure"]

SECTOR_COUNT = 11
"""Sectors of the Global Industry Classification Standard."""

_NO_BET = frozenset({Sector.DIVERSIFIED, Sector.BONDS})


class SectorExposure(Struct, frozen=True):
    """The sectors of the equity whose sector is known.

    Attributes:
        shares: Share of the classified equity by GICS sector; what is missing to 1 is diversified.
        largest: The sector with the largest share, the first by name among equals; None without any.
        hhi: Sum of the squared shares; 0 if all is diversified.
    """

    shares: dict[Sector, float]
    largest: Sector | None
    hhi: float

    @property
    def largest_share(self) -> float:
        """Share of the largest sector; 0 if all is diversified."""
        return 0.0 if self.largest is None else self.shares[self.largest]


def sector_exposure(positions: Sequence[Position]) -> SectorExposure | None:
    """Return the sectors of the classified equity, or None if no equity is classified.

    Listed real estate is equity here: real estate is one of the eleven sectors. Diversified funds
    belong to the classified equity without being a bet on any sector, so they dilute the others; balanced
    funds among them, as if they held shares only, since leaving them out would exaggerate the rest more.
    """
    classified = 0.0
    values: defaultdict[Sector, float] = defaultdict(float)
    for position in positions:
        if _has_known_sector(position):
            classified += position.weight
            if position.sector not in _NO_BET:
                values[position.sector] += position.weight
    if not classified:
        return None
    shares = {sector: value / classified for sector, value in values.items()}
    largest = min(shares, key=lambda sector: (-shares[sector], sector), default=None)
    return SectorExposure(shares, largest, min(1.0, sum(share * share for share in shares.values())))


def _has_known_sector(position: Position) -> bool:
    if position.is_equity:
        return position.sector is not Sector.UNKNOWN
    return position.asset_class is None and position.sector is Sector.DIVERSIFIED
