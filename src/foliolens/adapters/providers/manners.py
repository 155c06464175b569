"""How patiently a provider is asked."""

from dataclasses import dataclass

__all__ = ["Manners"]


@dataclass(frozen=True, slots=True)
class Manners:
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
