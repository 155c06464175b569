"""What makes a portfolio a bet, and the trades that would mend it: information, not advice.

Each finding is looked at alone, so its trades need not fit those of another. Proceeds go to a broad fund that
is held; where none is, a well-known one of the reference table stands as an example.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Final

from msgspec import Struct

from foliolens.holdings.apportionment import from_hundredths
from foliolens.holdings.models import Holding
from foliolens.rebalancing.model_portfolios import WEIGHTS, Model, Sleeve
from foliolens.reference.taxonomy import Region, Sector
from foliolens.reference.wording import plain
from foliolens.risk import scoring
from foliolens.risk.asset_classes import AssetClass
from foliolens.risk.cautions import LARGE_HOLDING
from foliolens.risk.geography import has_region, home_value
from foliolens.risk.measures import Measures, measure
from foliolens.risk.positions import Position, positions_of
from foliolens.risk.wording import listed, percent

__all__ = ["Finding", "RecommendationCode", "Suggestion", "findings", "mended"]

_WORLD, _BONDS, _ABROAD = "VT", "BND", "VXUS"
_BROAD: Final = 20  # effective constituents from which a fund spreads what is put into it
_NEGLIGIBLE = 1e-6
_BROAD_REGIONS = frozenset({Region.US, Region.DEVELOPED_INTERNATIONAL, Region.GLOBAL})


class RecommendationCode(StrEnum):
    """What a recommendation is about."""

    OVER_CONCENTRATED = "OVER_CONCENTRATED"
    MISSING_EQUITY = "MISSING_EQUITY"
    MISSING_BONDS = "MISSING_BONDS"
    ONE_SECTOR = "ONE_SECTOR"
    HOME_BIAS = "HOME_BIAS"


class Suggestion(Struct, frozen=True):
    """A trade that would help; `cents` are negative to sell."""

    symbol: str
    cents: int


class Finding(Struct, frozen=True, eq=False):
    """Something that makes the portfolio more of a bet than it need be.

    Attributes:
        code: What.
        message: What, and what mends it, in one or two sentences.
        symbols: The holdings it is about, the largest first.
        trades: Sales and purchases of the same sum; empty where nothing that may be sold is enough.
        is_less: Whether a portfolio later on has less of what the finding is about. Most findings are of the
            value that is classified, so they also vanish where cash is invested or less is known.
    """

    code: RecommendationCode
    message: str
    symbols: tuple[str, ...]
    trades: tuple[Suggestion, ...]
    is_less: Callable[[Measures], bool]

    @property
    def about(self) -> tuple[str, ...]:
        """What stays the same while it is not mended."""
        is_of_one = self.code is RecommendationCode.OVER_CONCENTRATED
        return (self.code, *self.symbols) if is_of_one else (self.code,)


def findings(
    holdings: Sequence[Holding], *, model: Model | None = None, never_sell: frozenset[str] = frozenset()
) -> list[Finding]:
    """Return what is worth mending, always in the same order.

    Args:
        holdings: With their amounts; at least one above 0.
        model: Says how much of a missing class there should be; without one the least of all models.
        never_sell: Symbols that no suggestion sells.
    """
    found = _Findings(holdings, model, never_sell)
    return [*found.large(), *found.missing(), *found.sector(), *found.home()]


def mended(found: Sequence[Finding], later: Sequence[Holding]) -> list[Finding]:
    """Return the findings that a portfolio later on has no more, and has less of what they are about.

    Args:
        found: In the portfolio before.
        later: What is held then; at least one amount above 0.
    """
    left = {finding.about for finding in findings(later)}
    measures = _measured(later)
    return [finding for finding in found if finding.about not in left and finding.is_less(measures)]


def _measured(holdings: Sequence[Holding]) -> Measures:
    return measure(positions_of(holdings))


class _Findings:
    def __init__(self, holdings: Sequence[Holding], model: Model | None, never_sell: frozenset[str]) -> None:
        self._cents = {holding.symbol: int(holding.amount.scaleb(2)) for holding in holdings}
        self._total = sum(self._cents.values())
        self._measures: Measures = _measured(holdings)
        self._model = model
        self._never_sell = never_sell

    def large(self) -> Iterator[Finding]:
        """Single issuers above a fifth of the value."""
        for position in self._measures.positions:
            if position.constituents == 1 and position.weight > LARGE_HOLDING + scoring.ROUNDING:
                excess = self._cents[position.symbol] - int(LARGE_HOLDING * self._total)
                trades = self._swap(excess, [position], _WORLD, _is_broad_equity)
                yield Finding(
                    RecommendationCode.OVER_CONCENTRATED,
                    f"{position.symbol} alone is {percent(position.weight)} of the portfolio: what happens "
                    f"to one company happens to that much of it. At {percent(LARGE_HOLDING)} it would weigh "
                    f"less{self._how(trades)}.",
                    (position.symbol,),
                    trades,
                    lambda _: True,  # it is of the whole value, so it cannot vanish otherwise
                )

    def missing(self) -> Iterator[Finding]:
        """A class that every model portfolio holds, and this one does not."""
        if self._measures.by_class.unclassified:
            return  # a balanced fund may hold it
        for sleeve, classes, example, code in (
            (
                Sleeve.EQUITY,
                (AssetClass.EQUITY, AssetClass.REAL_ASSETS),
                _WORLD,
                RecommendationCode.MISSING_EQUITY,
            ),
            (Sleeve.BONDS, (AssetClass.FIXED_INCOME,), _BONDS, RecommendationCode.MISSING_BONDS),
        ):
            if _has_any(self._measures, classes):
                continue
            wanted = (
                WEIGHTS[self._model][sleeve]
                if self._model
                else min(weights[sleeve] for weights in WEIGHTS.values())
            )
            whose = (
                f"the {self._model} model holds" if self._model else "every model portfolio holds at least"
            )
            trades = self._swap(
                self._total * wanted // 100, self._measures.positions, example, lambda _: False
            )
            yield Finding(
                code,
                f"There are no {sleeve} holdings: {whose} {wanted}%{self._how(trades)}.",
                (),
                trades,
                partial(_has_any, classes=classes),
            )

    def sector(self) -> Iterator[Finding]:
        """One sector far above the others."""
        exposure = self._measures.sectors
        if exposure is None or exposure.largest is None:
            return
        largest, share = exposure.largest, exposure.largest_share
        if scoring.SECTOR.band(share) is not scoring.Band.HIGH:
            return
        within = _in_sector(self._measures, largest)
        value = _weight(within)
        # Broad equity takes its place, so the equity stays what it is.
        equity = value / share
        excess = int((share - scoring.SECTOR.high_edge) * equity * self._total) + 1
        trades = self._swap(excess, within, _WORLD, _is_broad_equity)
        yield Finding(
            RecommendationCode.ONE_SECTOR,
            f"{percent(share)} of the equity of known sector is {plain(largest)}: "
            f"{percent(scoring.SECTOR.high_edge)} would be less of a bet on it{self._how(trades)}.",
            tuple(position.symbol for position in within),
            trades,
            lambda later: _weight(_in_sector(later, largest)) <= value + scoring.ROUNDING,
        )

    def home(self) -> Iterator[Finding]:
        """Nearly everything at home."""
        regions = self._measures.regions
        if regions is None or scoring.GEOGRAPHY.band(regions.home_share) is not scoring.Band.HIGH:
            return
        value = _at_home(self._measures)
        at_home = [p for p in self._measures.positions if p.region is Region.US and has_region(p)]
        classified = sum(position.weight for position in at_home) / regions.home_share
        excess = int((regions.home_share - scoring.GEOGRAPHY.high_edge) * classified * self._total) + 1
        trades = self._swap(
            excess,
            [position for position in at_home if position.is_equity],
            _ABROAD,
            lambda other: (
                other.is_equity and other.region in (Region.DEVELOPED_INTERNATIONAL, Region.EMERGING_MARKETS)
            ),
        )
        yield Finding(
            RecommendationCode.HOME_BIAS,
            f"{percent(regions.home_share)} of the value of known region is in the United States: "
            f"{percent(scoring.GEOGRAPHY.high_edge)} would depend less on one country{self._how(trades)}.",
            tuple(position.symbol for position in at_home),
            trades,
            lambda later: _at_home(later) <= value + scoring.ROUNDING,
        )

    def _swap(
        self, cents: int, sources: Sequence[Position], example: str, fits: Callable[[Position], bool]
    ) -> tuple[Suggestion, ...]:
        """Return sales of the largest sources, and the purchase of a broad fund, held or the example."""
        broad = [
            position
            for position in self._measures.positions
            if fits(position) and position.is_fund and position.constituents >= _BROAD
        ]
        target = broad[0].symbol if broad else example
        sales, missing = [], cents
        for position in sorted(sources, key=lambda each: (not each.is_cash, -each.weight, each.symbol)):
            if missing <= 0:
                break
            if position.symbol == target or position.symbol in self._never_sell:
                continue
            part = min(missing, self._cents[position.symbol])
            sales.append(Suggestion(position.symbol, -part))
            missing -= part
        if missing > 0 or not sales:
            return ()
        return (*sales, Suggestion(target, cents))

    def _how(self, trades: Sequence[Suggestion]) -> str:
        """Say what the trades are, as the end of a sentence."""
        if not trades:
            return ""
        *sales, purchase = trades
        sold = listed([f"{_money(-sale.cents)} of {sale.symbol}" for sale in sales])
        example = "" if purchase.symbol in self._cents else ", to name an example,"
        return f"; selling {sold} and buying {purchase.symbol}{example} does that"


def _has_any(measures: Measures, classes: Sequence[AssetClass]) -> bool:
    """Tell whether there is anything of some classes."""
    shares = dict(measures.by_class.shares)
    return sum(shares.get(each, 0.0) for each in classes) > _NEGLIGIBLE


def _in_sector(measures: Measures, sector: Sector) -> list[Position]:
    return [position for position in measures.positions if position.is_equity and position.sector is sector]


def _at_home(measures: Measures) -> float:
    """Return the share of the whole portfolio that is known to be in the United States."""
    return sum(home_value(position) for position in measures.positions if has_region(position))


def _weight(positions: Sequence[Position]) -> float:
    return sum(position.weight for position in positions)


def _is_broad_equity(position: Position) -> bool:
    return position.is_equity and position.sector is Sector.DIVERSIFIED and position.region in _BROAD_REGIONS


def _money(cents: int) -> str:
    amount: Decimal = from_hundredths(cents)
    return f"{amount:,.2f}"
