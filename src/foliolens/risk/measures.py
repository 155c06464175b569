"""Every number of the risk report, before it becomes scores and sentences."""

from dataclasses import dataclass

from foliolens.risk import concentration, credit, liquidity, volatility
from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.breakdowns import Breakdown, breakdown, category_key, class_key, region_key, sector_key
from foliolens.risk.diversification import asset_class_hhi, spread_score
from foliolens.risk.geography import REGION_COUNT, RegionExposure, region_exposure
from foliolens.risk.market.conventions import ENOUGH_PRICES
from foliolens.risk.market.metrics import Measurement
from foliolens.risk.market.models import MarketMetrics
from foliolens.risk.positions import Position
from foliolens.risk.scoring import ROUNDING
from foliolens.risk.sectors import SECTOR_COUNT, SectorExposure, sector_exposure

__all__ = ["Measures", "measure"]


@dataclass(frozen=True, slots=True)
class Measures:
    """The metrics of a portfolio; None where nothing applies.

    Attributes:
        positions: By falling weight.
        volatility: Annual, as a fraction, as the score counts it.
        measured: Whether `volatility` comes from prices rather than long-run figures.
        market: What prices say.
        low_credit: Share of fixed income below investment grade or unrated.
        illiquid: Share of the value that does not trade daily.
        sector_spread: Diversification over sectors, 1 to 10; likewise the other spreads.
    """

    positions: tuple[Position, ...]
    volatility: float
    measured: bool
    market: MarketMetrics
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


def measure(positions: tuple[Position, ...], by_prices: Measurement) -> Measures:
    """Compute every metric of merged positions.

    Args:
        positions: By falling weight; their weights sum to 1.
        by_prices: What prices say of them; its volatility counts where prices cover enough of the value.
    """
    weights = [position.weight for position in positions]
    sectors = sector_exposure(positions)
    regions = region_exposure(positions)
    class_hhi = asset_class_hhi(positions)
    covered = by_prices.metrics.prices.coverage
    measured = by_prices.scored_volatility if covered >= ENOUGH_PRICES - ROUNDING else None
    return Measures(
        positions=positions,
        volatility=volatility.portfolio_volatility(positions) if measured is None else measured,
        measured=measured is not None,
        market=by_prices.metrics,
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
