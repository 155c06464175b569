"""What the owner should be told even if the overall score looks calm."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Final

from msgspec import Struct

from foliolens.reference.taxonomy import Region
from foliolens.reference.wording import plain
from foliolens.risk import scoring
from foliolens.risk.credit import is_low_credit
from foliolens.risk.geography import HOME
from foliolens.risk.liquidity import trades_daily
from foliolens.risk.market.conventions import ENOUGH_PRICES
from foliolens.risk.market.models import MarketMetrics
from foliolens.risk.measures import Measures
from foliolens.risk.scoring import Band
from foliolens.risk.wording import listed, percent

__all__ = ["LARGE_HOLDING", "LOW_COVERAGE", "OLD_PRICES_DAYS", "Caution", "CautionCode", "cautions"]

LARGE_HOLDING: Final = 0.20
"""Share of the value above which a single issuer's paper is worth a warning."""

LOW_COVERAGE: Final = 0.80
"""Share of classified value below which the figures of a dimension are worth a warning."""

OLD_PRICES_DAYS: Final = 10
"""Days after which the newest price is worth a warning: more than any holidays take."""

_REGION_NAMES = {
    Region.DEVELOPED_INTERNATIONAL: "developed markets outside the United States",
    Region.EMERGING_MARKETS: "emerging markets",
}


class CautionCode(StrEnum):
    """What a warning is about, for programs."""

    CONCENTRATED_HOLDING = "CONCENTRATED_HOLDING"
    CONCENTRATED_SECTOR = "CONCENTRATED_SECTOR"
    HOME_BIAS = "HOME_BIAS"
    CONCENTRATED_REGION = "CONCENTRATED_REGION"
    SINGLE_ASSET_CLASS = "SINGLE_ASSET_CLASS"
    LOW_CREDIT_QUALITY = "LOW_CREDIT_QUALITY"
    ILLIQUID = "ILLIQUID"
    LOW_COVERAGE = "LOW_COVERAGE"
    LOW_PRICE_COVERAGE = "LOW_PRICE_COVERAGE"
    OLD_PRICES = "OLD_PRICES"


class Caution(Struct, frozen=True):
    """One warning: a code for programs, a sentence for people."""

    code: CautionCode
    message: str


def cautions(measures: Measures, market: MarketMetrics, today: date) -> list[Caution]:
    """Return every warning a portfolio deserves, always in the same order."""
    return [
        *_large_holdings(measures),
        *_sector(measures),
        *_regions(measures),
        *_single_class(measures),
        *_credit(measures),
        *_liquidity(measures),
        *_coverage(measures),
        *_prices(market, today),
    ]


def _large_holdings(measures: Measures) -> Iterator[Caution]:
    for position in measures.positions:
        if position.weight > LARGE_HOLDING + scoring.ROUNDING and position.constituents == 1:
            yield Caution(
                CautionCode.CONCENTRATED_HOLDING,
                f"One holding, {position.symbol}, is {percent(position.weight)} of the portfolio.",
            )


def _sector(measures: Measures) -> Iterator[Caution]:
    exposure = measures.sectors
    if exposure is None or exposure.largest is None:
        return
    if scoring.SECTOR.band(exposure.largest_share) is Band.HIGH:
        yield Caution(
            CautionCode.CONCENTRATED_SECTOR,
            f"One sector, {plain(exposure.largest)}, is {percent(exposure.largest_share)} of the equity of "
            "known sector.",
        )


def _regions(measures: Measures) -> Iterator[Caution]:
    if measures.regions is None:
        return
    for region, share in measures.regions.shares.items():
        if scoring.GEOGRAPHY.band(share) is not Band.HIGH:
            continue
        if region is HOME:
            yield Caution(
                CautionCode.HOME_BIAS,
                f"{percent(share)} of the value of known region is in the United States.",
            )
        else:
            yield Caution(
                CautionCode.CONCENTRATED_REGION,
                f"{percent(share)} of the value of known region is in {_REGION_NAMES[region]}.",
            )


def _single_class(measures: Measures) -> Iterator[Caution]:
    shares = measures.by_class.shares
    if len(shares) == 1 and not measures.by_class.unclassified:
        yield Caution(
            CautionCode.SINGLE_ASSET_CLASS,
            f"Everything is in one asset class, {plain(shares[0][0])}.",
        )


def _credit(measures: Measures) -> Iterator[Caution]:
    if measures.low_credit is not None and scoring.CREDIT.band(measures.low_credit) is Band.HIGH:
        symbols = [position.symbol for position in measures.positions if is_low_credit(position)]
        yield Caution(
            CautionCode.LOW_CREDIT_QUALITY,
            f"{percent(measures.low_credit)} of the fixed income is below investment grade or unrated: "
            f"{listed(symbols)}.",
        )


def _liquidity(measures: Measures) -> Iterator[Caution]:
    if scoring.LIQUIDITY.band(measures.illiquid) is Band.HIGH:
        symbols = [position.symbol for position in measures.positions if not trades_daily(position)]
        yield Caution(
            CautionCode.ILLIQUID,
            f"{percent(measures.illiquid)} of the value may not be sold on any given day: {listed(symbols)}.",
        )


def _coverage(measures: Measures) -> Iterator[Caution]:
    """Warn once per set of unclassified holdings, naming every dimension it is missing from.

    A missing category alone is no reason: a world fund has none, and is well enough understood.
    """
    dimensions = {
        "sector": measures.by_sector,
        "region": measures.by_region,
        "asset class": measures.by_class,
    }
    missing: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, breakdown in dimensions.items():
        if breakdown.covered < LOW_COVERAGE - scoring.ROUNDING:
            missing[breakdown.unclassified].append(name)
    for symbols, names in missing.items():
        share = 1.0 - dimensions[names[0]].covered
        yield Caution(
            CautionCode.LOW_COVERAGE,
            f"{percent(share)} of the value could not be classified by {listed(names)}: {listed(symbols)}.",
        )


def _prices(market: MarketMetrics, today: date) -> Iterator[Caution]:
    basis = market.prices
    if market.reason is not None or basis.last_day is None:
        return
    if basis.coverage < ENOUGH_PRICES - scoring.ROUNDING:
        yield Caution(
            CautionCode.LOW_PRICE_COVERAGE,
            f"Prices cover {percent(basis.coverage)} of the value: figures from prices speak of that part "
            "only, and the score takes the volatility from long-run figures.",
        )
    if (today - basis.last_day).days > OLD_PRICES_DAYS:
        yield Caution(
            CautionCode.OLD_PRICES, f"The figures from prices end on {basis.last_day}, the last common day."
        )
