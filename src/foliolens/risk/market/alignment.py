"""Which holdings' prices are compared, and on which days.

Every figure rests on days for which all compared holdings have a price. One holding whose prices begin late,
ended long ago or are full of holes would shorten that history for all others, so such a holding is left out
and counted as not covered, by these rules in this order:

1. Fewer than 60 days of prices say nothing, nor do prices that change more than ten-thousandfold in a day.
2. A holding whose prices end more than 30 days before those of half of the value do was delisted or renamed.
3. Figures look back five years from the last day of that half, unless the days were chosen.
4. Prices on fewer than half of the calendar days are not daily (funds that are priced once a week), and
   their returns must not be taken for daily ones. A market without a holiday has five of seven.
5. A holding with less than half of the history that the others share is left out, where that costs no
   portfolio more than 10% of its value or brings prices below 80% of it. Beyond that it shortens the history
   for all, since figures without it would speak of another portfolio.
6. If the common days of the rest are fewer than half of the calendar days, holdings with the most missing
   days go, one by one.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from foliolens.ports.prices import PriceSeries
from foliolens.risk.market.conventions import ENOUGH_PRICES, LEAST_DAYS, ExclusionReason
from foliolens.risk.market.returns import FloatArray, plausible

__all__ = ["CommonPrices", "Exclusion", "align"]

_ENDED_DAYS: Final = 30
_DAILY: Final = 0.5
_SHORT: Final = 0.5
_SPARED: Final = 0.10
_ROUNDING: Final = 1e-9
_EPOCH: Final = date(1970, 1, 1)

_DayNumbers = NDArray[np.int64]


class Exclusion(Struct, frozen=True):
    """Why the prices of a symbol were left out.

    Attributes:
        first: Its first day with a price, within what was looked at.
        last: Its last one.
        days: How many there are.
    """

    reason: ExclusionReason
    first: date
    last: date
    days: int


class CommonPrices(Struct, frozen=True, eq=False):
    """Prices on the days that all symbols have.

    Attributes:
        symbols: Those compared, in the order they were given in.
        days: Strictly increasing, shape (n,), dtype datetime64[D]; n may be 0.
        prices: Adjusted closes, shape (n, symbols).
        excluded: Why others were left out, by symbol.
    """

    symbols: tuple[str, ...]
    days: NDArray[np.datetime64]
    prices: FloatArray
    excluded: Mapping[str, Exclusion]

    @property
    def first_day(self) -> date | None:
        """The first common day."""
        return _date(self.days[0]) if len(self.days) else None

    @property
    def last_day(self) -> date | None:
        """The last common day."""
        return _date(self.days[-1]) if len(self.days) else None

    @property
    def enough(self) -> bool:
        """Whether there are days enough to measure anything."""
        return len(self.days) >= LEAST_DAYS


class _Candidate(Struct, frozen=True, eq=False):
    """A series while it is in: its days as numbers since 1970, and its share of each portfolio."""

    symbol: str
    days: _DayNumbers
    adjusted: FloatArray
    shares: FloatArray

    @property
    def first(self) -> int:
        return int(self.days[0])

    @property
    def last(self) -> int:
        return int(self.days[-1])

    @property
    def density(self) -> float:
        """Days with a price among the calendar days from the first to the last."""
        return len(self.days) / (self.last - self.first + 1)

    def rows(self, start: int, end: int) -> slice:
        """Where the days from `start` to `end` are, both included."""
        if start <= self.first and self.last <= end:
            return slice(None)
        return slice(*self.days.searchsorted((start, end + 1)))


def align(
    series: Sequence[PriceSeries], shares: FloatArray, settled: FloatArray, lookback: int | None
) -> CommonPrices:
    """Choose symbols and days by the rules above.

    Args:
        series: Of different symbols.
        shares: What each series is of each portfolio's value, shape (portfolios, series).
        settled: What needs no prices of each portfolio's value (cash), shape (portfolios,).
        lookback: Calendar days before the last one that are looked at; None for all there are.
    """
    excluded: dict[str, Exclusion] = {}
    kept = [
        _Candidate(each.symbol, each.days.astype(np.int64), each.adjusted, shares[:, column])
        for column, each in enumerate(series)
    ]
    kept = _without(kept, [len(each.days) < LEAST_DAYS for each in kept], "SHORT_HISTORY", excluded)
    kept = _without(kept, [not plausible(each.adjusted) for each in kept], "IMPLAUSIBLE", excluded)
    if kept:
        end = _last_day(kept)
        kept = _without(kept, [each.last < end - _ENDED_DAYS for each in kept], "ENDED", excluded)
        start = min(each.first for each in kept) if lookback is None else end - lookback
        kept = _cut(kept, start, end, excluded)
        kept = _without(kept, [each.density < _DAILY for each in kept], "GAPS", excluded)
    if kept:
        latest = _latest_start(kept, settled, end)
        kept = _without(kept, [each.first > latest for each in kept], "SHORT_HISTORY", excluded)
    return _common(kept, excluded)


def _without(
    candidates: list[_Candidate],
    unfit: Sequence[bool],
    reason: ExclusionReason,
    excluded: dict[str, Exclusion],
) -> list[_Candidate]:
    for candidate, drop in zip(candidates, unfit, strict=True):
        if drop:
            excluded[candidate.symbol] = Exclusion(
                reason, _date(candidate.days[0]), _date(candidate.days[-1]), len(candidate.days)
            )
    return [candidate for candidate, drop in zip(candidates, unfit, strict=True) if not drop]


def _cut(
    candidates: list[_Candidate], start: int, end: int, excluded: dict[str, Exclusion]
) -> list[_Candidate]:
    """Keep the days that count, and those who have enough of them."""
    rows = [each.rows(start, end) for each in candidates]
    cut = [
        _Candidate(each.symbol, each.days[wanted], each.adjusted[wanted], each.shares)
        for each, wanted in zip(candidates, rows, strict=True)
    ]
    short = [len(each.days) < LEAST_DAYS for each in cut]
    _without(candidates, short, "SHORT_HISTORY", excluded)  # told with all of their days: they may have none
    return [each for each, drop in zip(cut, short, strict=True) if not drop]


def _last_day(candidates: Sequence[_Candidate]) -> int:
    """The latest day that prices of half of the value reach."""
    last = np.array([each.last for each in candidates])
    latest_first = np.argsort(-last, kind="stable")
    reached = np.cumsum(np.array([each.shares for each in candidates]).sum(axis=1)[latest_first])
    half = int(np.argmax(reached >= reached[-1] / 2 - _ROUNDING))
    return int(last[latest_first[half]])


def _latest_start(candidates: Sequence[_Candidate], settled: FloatArray, end: int) -> int:
    """The day by which a history must begin, rule 5."""
    shares = np.array([each.shares for each in candidates])
    first = np.array([each.first for each in candidates])
    priced = settled + shares.sum(axis=0)
    least = np.where(priced < ENOUGH_PRICES, priced - _SPARED, np.maximum(ENOUGH_PRICES, priced - _SPARED))
    start = next(
        int(day)
        for day in np.unique(first)
        if np.all(settled + shares[first <= day].sum(axis=0) >= least - _ROUNDING)
    )
    return end - int(_SHORT * (end - start))


def _common(kept: list[_Candidate], excluded: dict[str, Exclusion]) -> CommonPrices:
    """The days that all of the rest have, after rule 6."""
    while kept:
        start, end = max(each.first for each in kept), min(each.last for each in kept)
        days, prices = _shared(kept, start, end)
        if len(kept) == 1 or len(days) >= _DAILY * (end - start + 1):
            symbols = tuple(each.symbol for each in kept)
            return CommonPrices(symbols, days.astype("datetime64[D]"), prices, excluded)
        sparsest = min(kept, key=lambda each: (each.density, each.symbol))
        kept = _without(kept, [each is sparsest for each in kept], "GAPS", excluded)
    return CommonPrices((), np.empty(0, "datetime64[D]"), np.empty((0, 0)), excluded)


def _shared(kept: Sequence[_Candidate], start: int, end: int) -> tuple[_DayNumbers, FloatArray]:
    """The days from `start` to `end` on which each has a price, and the prices by day and candidate."""
    rows = [each.rows(start, end) for each in kept]
    days = kept[0].days[rows[0]]
    if all(np.array_equal(days, each.days[wanted]) for each, wanted in zip(kept, rows, strict=True)):
        return days, np.column_stack([each.adjusted[wanted] for each, wanted in zip(kept, rows, strict=True)])
    prices = np.full((max(0, end - start + 1), len(kept)), np.nan)
    for column, (candidate, wanted) in enumerate(zip(kept, rows, strict=True)):
        prices[candidate.days[wanted] - start, column] = candidate.adjusted[wanted]
    complete = np.flatnonzero(~np.isnan(prices).any(axis=1))
    return start + complete, prices[complete]


def _date(day: np.int64 | np.datetime64) -> date:
    return _EPOCH + timedelta(days=int(day.astype(np.int64)))
