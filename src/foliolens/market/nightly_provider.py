"""What is known of a provider of end-of-day prices without asking it."""

from datetime import datetime

from foliolens.market.history import last_publication

__all__ = ["NightlyProvider"]


class NightlyProvider:
    """See `PriceSource`.

    Args:
        name: Of the provider, for people.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def offers(self, symbol: str) -> bool:  # noqa: ARG002
        """Any symbol may be known there."""
        return True

    def newest(self, symbol: str, now: datetime) -> datetime:  # noqa: ARG002
        """When the closes of the last trading day came out."""
        return last_publication(now)
