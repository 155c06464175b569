"""Fetching prices that were ordered.

A job that is done twice writes the same prices twice; what of it was fetched since it was ordered is skipped.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from foliolens.market.history import HistorySource, SourceUnavailable, SymbolUnknown
from foliolens.ports.clock import Clock
from foliolens.ports.prices import DailyPrice, PriceStore, SymbolState

__all__ = ["PriceFetching"]

_log = logging.getLogger(__name__)

_OVERLAP = timedelta(days=30)
# A dividend of a cent on a share of 5,000 moves the adjusted closes before it by more.
_TOLERANCE = 1e-6
_FIRST_RETRY, _LAST_RETRY = timedelta(minutes=1), timedelta(hours=1)


class PriceFetching:
    """Does the jobs of `PriceOrders`.

    Args:
        store: Where prices and orders are.
        source: Who is asked.
        clock: Tells the time.
    """

    def __init__(self, store: PriceStore, source: HistorySource, clock: Clock) -> None:
        self._store = store
        self._source = source
        self._clock = clock

    def fetch(self, order: Mapping[str, Any]) -> None:
        """Fetch the symbols of one job, but for those that were fetched since it was ordered."""
        for symbol, state in self._left(order):
            started = self._clock.now()
            try:
                self._fetch(symbol, state)
            except SymbolUnknown:
                retry_at = started + self._source.unknown_for
                self._store.failed(symbol, self._source.name, "UNKNOWN_SYMBOL", started, retry_at)
            except SourceUnavailable as error:
                _log.warning(
                    "no prices", extra={"symbol": symbol, "source": self._source.name, "reason": str(error)}
                )
                self._failed(self._left(order), _pause(error, state))
                return
            else:
                self._store.succeeded(symbol, self._source.name, started)

    def give_up(self, order: Mapping[str, Any]) -> None:
        """Note that a job was tried in vain too often, so that its symbols are ordered again later."""
        self._failed(self._left(order), _LAST_RETRY)

    def _fetch(self, symbol: str, state: SymbolState) -> None:
        source = self._source
        if state.last_day is not None and state.source == source.name:
            start = state.last_day - _OVERLAP
            newer = source.fetch(symbol, start)
            if _agree(self._store.days(symbol, start, state.last_day), newer):
                self._store.write(symbol, newer, source.name)
                return
        # Nothing is stored, or it is of another source, or was adjusted since for a split or a dividend.
        prices = source.fetch(symbol, None)
        if not prices:
            raise SymbolUnknown(symbol)
        self._store.replace(symbol, prices, source.name)

    def _left(self, order: Mapping[str, Any]) -> list[tuple[str, SymbolState]]:
        """What of a job is still to be done."""
        ordered_at = datetime.fromisoformat(order["orderedAt"])
        states = self._store.states(order["symbols"])
        return [
            (symbol, state)
            for symbol in order["symbols"]
            for state in [states.get(symbol, SymbolState())]
            if state.asked_at is None or state.asked_at < ordered_at
        ]

    def _failed(self, left: Iterable[tuple[str, SymbolState]], pause: timedelta) -> None:
        now = self._clock.now()
        for symbol, _ in left:
            self._store.failed(symbol, self._source.name, "PROVIDER_ERROR", now, now + pause)


def _agree(stored: Sequence[DailyPrice], fetched: Sequence[DailyPrice]) -> bool:
    """Whether fetched days continue the stored ones: on days before the last stored one both say the same."""
    known = {price.day: float(price.adjusted_close) for price in stored}
    last = max(known)
    told = {price.day: float(price.adjusted_close) for price in fetched if price.day <= last}
    return known.keys() == told.keys() and all(
        abs(told[day] - adjusted) <= _TOLERANCE * adjusted for day, adjusted in known.items()
    )


def _pause(error: SourceUnavailable, state: SymbolState) -> timedelta:
    """As long as the source said, else 1, 2, 4, ... minutes, at most an hour."""
    if error.retry_after is not None:
        return timedelta(seconds=error.retry_after)
    return min(_LAST_RETRY, _FIRST_RETRY * (1 << min(state.failures, 10)))
