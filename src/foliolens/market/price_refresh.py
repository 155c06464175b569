"""What keeps prices fresh and few: each night what is held is ordered, and what nobody wants is removed."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from foliolens.market.history import PriceSource, last_publication
from foliolens.market.price_orders import LEASE, PriceOrders
from foliolens.market.symbols import is_priced, stored_spelling
from foliolens.ports.clock import Clock
from foliolens.ports.prices import PriceStore

__all__ = ["PriceRefresh"]

_UNWANTED_AFTER = timedelta(days=60)


class PriceRefresh:
    """Orders what is held once a night, a few symbols a round, and forgets what nobody wants.

    Args:
        store: Where prices are.
        source: Who reports them.
        orders: Has them fetched.
        clock: Tells the time.
        held_symbols: The symbols of all holdings, in any spelling; may take seconds.
        ordered_a_round: Most symbols that one round orders.
    """

    def __init__(
        self,
        store: PriceStore,
        source: PriceSource,
        orders: PriceOrders,
        clock: Clock,
        *,
        held_symbols: Callable[[], Iterable[str]],
        ordered_a_round: int,
    ) -> None:
        self._store = store
        self._source = source
        self._orders = orders
        self._clock = clock
        self._held_symbols = held_symbols
        self._ordered_a_round = ordered_a_round

    def refresh(self) -> int:
        """One round: order a few of the held symbols whose last day came out since they were asked for."""
        now = self._clock.now()
        published = last_publication(now)
        listed_at = self._store.listed_at()
        if listed_at is None or listed_at < published:
            held = {stored_spelling(symbol) for symbol in self._held_symbols()}
            offered = sorted(symbol for symbol in held if is_priced(symbol) and self._source.offers(symbol))
            if offered:
                self._store.list_held(offered, now)
        due = self._store.due(published, now, LEASE, self._ordered_a_round)
        return self._orders.request(due) if due else 0

    def forget(self, rounds: int = 1) -> int:
        """Remove prices that nobody holds or has looked at for long; who looks at them has them asked for.

        Args:
            rounds: Of a hundred symbols, at most; the last one is that which finds none.
        """
        asked_before = self._clock.now() - _UNWANTED_AFTER
        forgotten = 0
        for _ in range(rounds):
            found = self._store.forget(asked_before)
            forgotten += found
            if not found:
                break
        return forgotten
