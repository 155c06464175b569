"""Reading through the shared cache: fresh, else fetched once, else stale, else an error that says why."""

import hashlib
import zlib
from collections.abc import Callable
from typing import Literal, TypeGuard

from msgspec import Struct

from foliolens.market.coalescing import Coalescer
from foliolens.market.lifetimes import UNKNOWN_TICKER, Lifetime
from foliolens.ports.cache import Cache, CacheEntry
from foliolens.ports.clock import REAL_PACE, Clock, Pace
from foliolens.ports.market import ProviderFailed, ProviderUnavailable, UnknownTicker
from foliolens.ports.metrics import NO_METRICS, Metrics

__all__ = ["CacheState", "Reader", "Reading", "digest"]

CacheState = Literal["HIT", "MISS", "STALE"]

_LOOK_AGAIN_SECONDS = 0.05
_CLAIM_GRACE_SECONDS = 5.0
_COMPRESSION = 3  # prices of five years: 240 kB become 60 kB in 4 ms
_UNKNOWN = b""
"""What is kept of a ticker that the provider does not know; no answer is empty."""


class Reading(Struct, frozen=True):
    """What was read, and where from."""

    body: bytes
    state: CacheState


class Reader:
    """Reads by key; safe to use from any thread.

    Args:
        cache: Shared by all processes.
        clock: Tells what is fresh.
        pace: How seconds pass.
        metrics: Count what was there.
    """

    def __init__(
        self, cache: Cache, clock: Clock, pace: Pace = REAL_PACE, metrics: Metrics = NO_METRICS
    ) -> None:
        self._cache = cache
        self._clock = clock
        self._pace = pace
        self._metrics = metrics
        self._coalescer: Coalescer[bytes] = Coalescer()

    def read(
        self,
        key: str,
        fetch: Callable[[float], bytes],
        lifetime: Lifetime,
        within: float,
        *,
        stale_allowed: bool = True,
    ) -> Reading:
        """The value of a key.

        Args:
            key: Names the question; never holds a secret.
            fetch: Asks the provider, given the seconds it may take.
            lifetime: Of what it answers.
            within: Seconds to wait for an answer.
            stale_allowed: Whether an answer past its time is better than none.

        Raises:
            UnknownTicker: The provider does not know it, now or a short while ago.
            ProviderUnavailable: There is no answer, not even a stale one.
        """
        entry = self._cache.get(key)
        if self._is_fresh(entry):
            self._metrics.looked_up("market", "hit")
            return Reading(_plain(entry), "HIT")
        self._metrics.looked_up("market", "miss")
        try:
            body = self._coalescer.run(key, lambda: self._fetched(key, fetch, lifetime, within), within)
        except TimeoutError:
            failure: ProviderUnavailable = ProviderFailed("The provider takes long to answer.", 2)
        except ProviderUnavailable as error:
            failure = error
        else:
            return Reading(body, "MISS")
        if entry is None or not stale_allowed:
            raise failure
        self._metrics.looked_up("market", "stale")
        return Reading(_plain(entry), "STALE")

    def _fetched(self, key: str, fetch: Callable[[float], bytes], lifetime: Lifetime, within: float) -> bytes:
        """Ask the provider, unless another process just does or did."""
        deadline = self._pace.monotonic() + within
        while not self._cache.claim(key, within + _CLAIM_GRACE_SECONDS):
            self._pace.sleep(_LOOK_AGAIN_SECONDS)
            if self._pace.monotonic() >= deadline:
                raise TimeoutError
        try:
            entry = self._cache.get(key)
            if self._is_fresh(entry):
                return _plain(entry)
            return self._asked(key, fetch, lifetime, deadline - self._pace.monotonic())
        finally:
            self._cache.release(key)

    def _asked(self, key: str, fetch: Callable[[float], bytes], lifetime: Lifetime, within: float) -> bytes:
        """Ask the provider and keep what it says, also that it knows nothing."""
        try:
            body = fetch(within)
        except UnknownTicker:
            self._keep(key, _UNKNOWN, UNKNOWN_TICKER)
            raise
        self._keep(key, zlib.compress(body, _COMPRESSION), lifetime)
        return body

    def _keep(self, key: str, value: bytes, lifetime: Lifetime) -> None:
        now = self._clock.now()
        self._cache.put(key, value, fresh_until=now + lifetime.fresh, keep_until=now + lifetime.kept)

    def _is_fresh(self, entry: CacheEntry | None) -> TypeGuard[CacheEntry]:
        return entry is not None and self._clock.now() < entry.fresh_until


def _plain(entry: CacheEntry) -> bytes:
    if entry.value == _UNKNOWN:
        raise UnknownTicker
    return zlib.decompress(entry.value)


def digest(text: str) -> str:
    """A key's part for text of any length and kind."""
    return hashlib.sha256(text.encode()).hexdigest()
