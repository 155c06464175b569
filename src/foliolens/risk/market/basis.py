"""Which prices the figures rest on, which are missing, and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from foliolens.ports.prices import PriceHistory
from foliolens.risk.market.conventions import LEAST_DAYS
from foliolens.risk.market.models import MissingPrices, NoPriceReason, PriceBasis
from foliolens.risk.positions import Position
from foliolens.risk.wording import listed, opening

if TYPE_CHECKING:
    from foliolens.risk.market.alignment import CommonPrices, Exclusion

__all__ = ["TOO_LARGE", "no_figures_reason", "price_basis", "too_few_days", "why_missing"]

TOO_LARGE: Final = "The value grows beyond any number."

_WHY: Final[Mapping[NoPriceReason, str]] = {
    "PENDING": "the prices are being fetched",
    "UNKNOWN_SYMBOL": "no source of prices knows the symbol",
    "NO_PROVIDER": "there is no source of prices",
    "PROVIDER_ERROR": "the source of prices did not answer",
    "NOT_PRICED": "no daily price exists",
    "OUT_OF_RANGE": "there are no prices between the days asked for",
    "SHORT_HISTORY": f"there are fewer than {LEAST_DAYS} days of prices, or too few beside the others'",
    "IMPLAUSIBLE": "the prices change more than ten-thousandfold from one day to the next",
    "ENDED": "the prices end long before the others'",
    "GAPS": "too many days have no price",
}


def why_missing(reason: NoPriceReason) -> str:
    """Why there are no prices to use, as a clause."""
    return _WHY[reason]


def price_basis(
    positions: Sequence[Position], history: PriceHistory, common: "CommonPrices | None" = None
) -> PriceBasis:
    """Say which prices the figures of a portfolio rest on.

    Args:
        positions: By falling weight; cash needs no prices.
        history: What is known of all others.
        common: The prices that are used; None where there are none.
    """
    covered = set() if common is None else set(common.symbols)
    used = [position for position in positions if position.symbol in covered and not position.is_cash]
    missing = _missing(positions, history, {} if common is None else common.excluded)
    waits = any(group.reason in {"PENDING", "PROVIDER_ERROR"} for group in missing)
    return PriceBasis(
        first_day=None if common is None else common.first_day,
        last_day=None if common is None else common.last_day,
        days=0 if common is None else len(common.days),
        coverage=min(1.0, sum(each.weight for each in positions if each.is_cash or each.symbol in covered)),
        missing=missing,
        retry_after=history.retry_after if waits else None,
        sources=tuple(sorted({history.series[position.symbol].source for position in used})),
    )


def _missing(
    positions: Sequence[Position], history: PriceHistory, excluded: Mapping[str, "Exclusion"]
) -> tuple[MissingPrices, ...]:
    """Group the positions that are not covered by the reason, the one with the most value first."""
    groups: defaultdict[NoPriceReason, list[Position]] = defaultdict(list)
    for position in positions:
        if position.is_cash:
            continue
        if position.symbol in history.missing:
            groups[history.missing[position.symbol]].append(position)
        elif position.symbol in excluded:
            groups[excluded[position.symbol].reason].append(position)
    told = [_group(reason, group, excluded) for reason, group in groups.items()]
    return tuple(sorted(told, key=lambda group: (-group.share, group.reason)))


def no_figures_reason(missing: Sequence[MissingPrices]) -> str:
    """One sentence on why no holding has prices that can be used."""
    if not missing:
        return "Everything is cash, which has no daily prices."
    if len(missing) == 1:
        return f"No holding has prices: {why_missing(missing[0].reason)}."
    reasons = listed([why_missing(group.reason) for group in missing])
    return f"No holding has prices that can be used: {reasons}."


def too_few_days(days: int) -> str:
    """One sentence on why the days with prices are not enough."""
    return f"{days} days have prices of all holdings; {LEAST_DAYS} are needed."


def _group(
    reason: NoPriceReason, positions: Sequence[Position], excluded: Mapping[str, "Exclusion"]
) -> MissingPrices:
    spans = [_span(position.symbol, excluded) for position in positions if position.symbol in excluded]
    detail = f": {listed(spans)}" if spans else ""
    return MissingPrices(
        reason=reason,
        symbols=tuple(position.symbol for position in positions),
        share=min(1.0, sum(position.weight for position in positions)),
        message=f"{opening(why_missing(reason))}{detail}.",
    )


def _span(symbol: str, excluded: Mapping[str, "Exclusion"]) -> str:
    found = excluded[symbol]
    days = "1 day" if found.days == 1 else f"{found.days} days"
    return f"{symbol} has {days} from {found.first} to {found.last}"
