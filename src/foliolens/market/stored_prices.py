"""Reading stored prices: the answer is what is there; what is missing is fetched in the background."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from math import ceil

from msgspec.structs import replace

from foliolens.errors import ServiceUnavailable
from foliolens.market.history import PriceSource, wants_fetch
from foliolens.market.price_orders import is_ordered
from foliolens.market.series_cache import SeriesCache
from foliolens.market.symbols import is_priced, stored_spelling
from foliolens.ports.clock import Clock
from foliolens.ports.metrics import NO_METRICS, Metrics
from foliolens.ports.prices import (
    MissingReason,
    PriceHistory,
    PriceSeries,
    PriceStore,
    SymbolState,
)

__all__ = ["StoredPrices"]

_log = logging.getLogger(__name__)

_SOONEST, _LATEST = 2, 60  # seconds until asking again makes sense, while fetches wait in the queue
_SECONDS_A_FETCH = 0.5


class StoredPrices:
    """Reads stored prices; one query where the series are held already.

    Args:
        store: Where prices are.
        source: Who can be asked for more; None where nobody can.
        order: Has the prices of symbols fetched in the background, unless that is under way.
        clock: Says what is old.
        cache: Of this process.
        metrics: Count what it held.
    """

    def __init__(
        self,
        store: PriceStore,
        source: PriceSource | None,
        order: Callable[[Sequence[str]], object],
        clock: Clock,
        cache: SeriesCache,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self._store = store
        self._source = source
        self._order = order
        self._clock = clock
        self._cache = cache
        self._metrics = metrics

    def read(self, symbols: Sequence[str], start: date, end: date) -> PriceHistory:
        """The days from `start` to `end`, both included, of each symbol; never waits for a provider.

        While the store does not answer, there are no prices for a while: better a report without than none.
        """
        try:
            return self._read(symbols, start, end)
        except ServiceUnavailable:
            _log.warning("stored prices do not answer")
            return PriceHistory({}, dict.fromkeys(symbols, "PROVIDER_ERROR"), _LATEST)

    def _read(self, symbols: Sequence[str], start: date, end: date) -> PriceHistory:
        now = self._clock.now()
        spellings = {symbol: stored_spelling(symbol) for symbol in symbols}
        priced = sorted({spelling for spelling in spellings.values() if is_priced(spelling)})
        states = {symbol: SymbolState() for symbol in priced}
        if priced:
            states |= self._store.states(priced)
        wanted = [symbol for symbol in priced if self._is_wanted(symbol, states[symbol], now)]
        new = [symbol for symbol in wanted if not is_ordered(states[symbol], now)]
        if new:
            self._order(new)
        held = self._series(states, end)
        series: dict[str, PriceSeries] = {}
        missing: dict[str, MissingReason] = {}
        for symbol, spelling in spellings.items():
            found = _since(held[spelling], start) if spelling in held else None
            if found is not None:
                series[symbol] = found if symbol == spelling else replace(found, symbol=symbol)
            else:
                missing[symbol] = self._reason(states.get(spelling), pending=spelling in wanted)
        return PriceHistory(series, missing, self._retry_after(states, wanted, now))

    def _is_wanted(self, symbol: str, state: SymbolState, now: datetime) -> bool:
        return self._source is not None and wants_fetch(self._source, symbol, state, now)

    def _series(self, states: Mapping[str, SymbolState], end: date) -> dict[str, PriceSeries]:
        """The whole histories up to `end`, from memory where they are of the present version."""
        found: dict[str, PriceSeries] = {}
        to_read: dict[date | None, list[str]] = {}
        for symbol, state in states.items():
            if state.last_day is None:
                continue
            upto = None if state.last_day <= end else end
            held = self._cache.find(symbol, upto, state.version)
            if held is None:
                to_read.setdefault(upto, []).append(symbol)
            else:
                found[symbol] = held
        self._metrics.looked_up("prices", "hit", len(found))
        self._metrics.looked_up("prices", "miss", sum(map(len, to_read.values())))
        for upto, symbols in to_read.items():
            read = self._store.read(symbols, date.min, upto or date.max)
            for series in read.values():
                self._cache.keep(upto, series)
            found |= read
        return found

    def _reason(self, state: SymbolState | None, *, pending: bool) -> MissingReason:
        if state is None:
            return "NOT_PRICED"
        if state.version:
            return "OUT_OF_RANGE"
        if pending:
            return "PENDING"
        if self._source is not None and state.asked_of == self._source.name and state.failure is not None:
            return state.failure
        return "NO_PROVIDER"

    def _retry_after(
        self, states: Mapping[str, SymbolState], wanted: Sequence[str], now: datetime
    ) -> int | None:
        waits = []
        if wanted:
            waits.append(max(_SOONEST, min(_LATEST, ceil(len(wanted) * _SECONDS_A_FETCH))))
        waits += [
            max(1, ceil((state.retry_at - now).total_seconds()))
            for symbol, state in states.items()
            if state.retry_at is not None and state.failure == "PROVIDER_ERROR" and symbol not in wanted
        ]
        return min(waits, default=None)


def _since(series: PriceSeries, start: date) -> PriceSeries | None:
    """The days from `start` on, as views; None where there is none."""
    import numpy as np  # noqa: PLC0415 - costs a cold start 0.1 s, and most requests read no prices

    first = int(series.days.searchsorted(np.datetime64(start)))
    if first == 0:
        return series
    if first == len(series.days):
        return None
    return replace(series, days=series.days[first:], adjusted=series.adjusted[first:])
