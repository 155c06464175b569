"""Fetching prices in the background: on demand, and every night for what is held.

A read orders what it misses: the store notes the order, so that the next hundred reads order nothing, and a
job waits in the queue. Whoever dies in between loses an order for ten minutes; a job that is done twice
writes the same prices twice.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from foliolens.kit.logging import request_id
from foliolens.market.history import (
    HistorySource,
    SourceUnavailable,
    SymbolUnknown,
    last_publication,
)
from foliolens.market.symbols import is_priced, stored_spelling
from foliolens.ports.clock import Clock
from foliolens.ports.job_queue import JobQueue
from foliolens.ports.prices import DailyPrice, PriceStore, SymbolState

__all__ = ["FETCH_PRICES", "PriceFetching"]

_log = logging.getLogger(__name__)

FETCH_PRICES = "FETCH_PRICES"
"""The kind of job that fetches the prices of some symbols."""

_LEASE = timedelta(minutes=10)
_SYMBOLS_A_JOB = 10
_OVERLAP = timedelta(days=30)
# A dividend of a cent on a share of 5,000 moves the adjusted closes before it by more.
_TOLERANCE = 1e-6
_UNWANTED_AFTER = timedelta(days=60)
_FIRST_RETRY, _LAST_RETRY = timedelta(minutes=1), timedelta(hours=1)


class PriceFetching:
    """Orders prices, fetches what was ordered, and orders what is held once a night.

    Args:
        store: Where prices and orders are.
        source: Who is asked; None where nobody can be.
        queue: Where jobs wait.
        clock: Tells the time.
        held_symbols: The symbols of all holdings, in any spelling; may take seconds.
        refreshed_a_round: Most symbols that one round of `refresh` orders.
    """

    def __init__(
        self,
        store: PriceStore,
        source: HistorySource | None,
        queue: JobQueue,
        clock: Clock,
        *,
        held_symbols: Callable[[], Iterable[str]],
        refreshed_a_round: int,
    ) -> None:
        self._store = store
        self._source = source
        self._queue = queue
        self._clock = clock
        self._held_symbols = held_symbols
        self._refreshed_a_round = refreshed_a_round

    def request(self, symbols: Sequence[str]) -> int:
        """Have the prices of symbols fetched, unless that is under way; returns how many are ordered."""
        now = self._clock.now()
        claimed = self._store.claim(symbols, now, _LEASE)
        for part in _parts(claimed):
            self._queue.send(FETCH_PRICES, {"symbols": part, "orderedAt": now.isoformat()}, request_id.get())
        return len(claimed)

    def fetch(self, order: Mapping[str, Any]) -> None:
        """Fetch the symbols of one job, but for those that were fetched since it was ordered."""
        if self._source is None:
            return
        for symbol, state in self._left(order):
            started = self._clock.now()
            try:
                self._fetch(self._source, symbol, state)
            except SymbolUnknown:
                retry_at = started + self._source.unknown_for
                self._store.failed(symbol, self._source.name, "UNKNOWN_SYMBOL", started, retry_at)
            except SourceUnavailable as error:
                _log.warning(
                    "no prices", extra={"symbol": symbol, "source": self._source.name, "reason": str(error)}
                )
                self._failed(self._source, self._left(order), _pause(error, state))
                return
            else:
                self._store.succeeded(symbol, self._source.name, started)

    def give_up(self, order: Mapping[str, Any]) -> None:
        """Note that a job was tried in vain too often, so that its symbols are ordered again later."""
        if self._source is not None:
            self._failed(self._source, self._left(order), _LAST_RETRY)

    def refresh(self) -> int:
        """One round of the nightly refresh: order a few of the held symbols whose last day came out since."""
        if self._source is None:
            return 0
        now = self._clock.now()
        published = last_publication(now)
        listed_at = self._store.listed_at()
        if listed_at is None or listed_at < published:
            held = {stored_spelling(symbol) for symbol in self._held_symbols()}
            offered = sorted(symbol for symbol in held if is_priced(symbol) and self._source.offers(symbol))
            if offered:
                self._store.list_held(offered, now)
        due = self._store.due(published, now, _LEASE, self._refreshed_a_round)
        return self.request(due) if due else 0

    def forget(self) -> int:
        """Remove prices that nobody holds or has looked at for long; who looks at them has them asked for."""
        return self._store.forget(self._clock.now() - _UNWANTED_AFTER)

    def _fetch(self, source: HistorySource, symbol: str, state: SymbolState) -> None:
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

    def _failed(
        self, source: HistorySource, left: Iterable[tuple[str, SymbolState]], pause: timedelta
    ) -> None:
        now = self._clock.now()
        for symbol, _ in left:
            self._store.failed(symbol, source.name, "PROVIDER_ERROR", now, now + pause)


def _parts(symbols: Sequence[str]) -> list[list[str]]:
    return [list(symbols[first : first + _SYMBOLS_A_JOB]) for first in range(0, len(symbols), _SYMBOLS_A_JOB)]


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
