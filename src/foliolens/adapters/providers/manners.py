"""How patiently a provider is asked."""

from typing import Self

from msgspec import Struct

from foliolens.settings import MarketSettings

__all__ = ["Manners"]


class Manners(Struct, frozen=True):
    """How patiently a provider is asked.

    Attributes:
        quota: Calls in a window that its plan allows.
        quota_window: Length of the window, in seconds.
        attempts: Calls for one answer, the first included.
        backoff: Seconds that the first pause between them may take; it doubles, and is drawn at random below.
        breaker_failures: Failures in a row after which it is left alone.
        breaker_seconds: How long.
        connect_seconds: The part of an answer's time that connecting may take.
    """

    quota: int
    quota_window: int
    attempts: int
    backoff: float
    breaker_failures: int
    breaker_seconds: float
    connect_seconds: float

    @classmethod
    def stated(cls, market: MarketSettings, quota: int, quota_window: int) -> Self:
        """The patience that the settings ask for.

        Args:
            market: The settings.
            quota: See the attributes, as for the next.
            quota_window: In seconds.
        """
        return cls(
            quota=quota,
            quota_window=quota_window,
            attempts=market.provider_attempts,
            backoff=market.provider_backoff,
            breaker_failures=market.provider_breaker_failures,
            breaker_seconds=market.provider_breaker_seconds,
            connect_seconds=market.provider_connect_seconds,
        )
