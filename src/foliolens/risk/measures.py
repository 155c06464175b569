"""Every number of the risk report, before it becomes scores and sentences."""

from msgspec import Struct

from foliolens.risk import concentration, credit, liquidity, volatility
from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.breakdowns import Breakdown, breakdown, category_key, class_key, region_key, sector_key
from foliolens.risk.diversification import asset_class_hhi, composite, spread_score
from foliolens.risk.geography import REGION_COUNT, RegionExposure, region_exposure
from foliolens.risk.positions import Position
from foliolens.risk.sectors import SECTOR_COUNT, SectorExposure, sector_exposure

__all__ = ["Measures", "measure"]


class Measures(Struct, frozen=True):
    """The metrics of a portfolio; None where nothing applies.

    Attributes:
        positions: By falling weight.
        volatility: Annual, as a fraction, as the score counts it.
        measured: Whether `volatility` comes from prices rather than long-run figures.
        low_credit: Share of fixed income below investment grade or unrated.
        illiquid: Share of the value that does not trade daily.
        sector_spread: Diversification over sectors, 1 to 10; likewise the other spreads.
    """

    positions: tuple[Position, ...]
    volatility: float
    measured: bool
    hhi: float
    hhi_look_through: float
    sectors: SectorExposure | None
    regions: RegionExposure | None
    low_credit: float | None
    illiquid: float
    sector_spread: float | None
    region_spread: float | None
    class_spread: float | None
    by_sector: Breakdown
    by_region: Breakdown
    by_class: Breakdown
    by_category: Breakdown

    @property
    def spread(self) -> float | None:
        """Diversification over all, 1 to 10: the mean of the spreads that are known."""
        return composite((self.sector_spread, self.region_spread, self.class_spread))


def measure(positions: tuple[Position, ...], measured: float | None = None) -> Measures:
    """Compute every metric of merged positions.

    Args:
        positions: By falling weight; their weights sum to 1.
        measured: Their annual volatility by prices, as a fraction; without it long-run figures count.
    """
    weights = [position.weight for position in positions]
    sectors = sector_exposure(positions)
    regions = region_exposure(positions)
    class_hhi = asset_class_hhi(positions)
    return Measures(
        positions=positions,
        volatility=volatility.portfolio_volatility(positions) if measured is None else measured,
        measured=measured is not None,
        hhi=concentration.hhi(weights),
        hhi_look_through=concentration.look_through_hhi(weights, [p.constituents for p in positions]),
        sectors=sectors,
        regions=regions,
        low_credit=credit.low_credit_share(positions),
        illiquid=liquidity.illiquid_share(positions),
        sector_spread=None if sectors is None else spread_score(sectors.hhi, SECTOR_COUNT),
        region_spread=None if regions is None else spread_score(regions.hhi, REGION_COUNT),
        class_spread=None if class_hhi is None else spread_score(class_hhi, len(AssetClass)),
        by_sector=breakdown(positions, sector_key),
        by_region=breakdown(positions, region_key),
        by_class=breakdown(positions, class_key),
        by_category=breakdown(positions, category_key),
    )
