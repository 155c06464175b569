"""Why a part of an answer is missing, for programs and for people."""

from typing import Literal

from msgspec import Struct

from foliolens.ports.prices import MissingReason

__all__ = ["MissingPart", "PartReason", "without_prices"]

PartReason = Literal[MissingReason, "NOT_PREDICTABLE", "BUSY"]

_WORDS: dict[MissingReason, str] = {
    "PENDING": "Its prices are being fetched.",
    "UNKNOWN_SYMBOL": "The provider knows no such ticker.",
    "NO_PROVIDER": "There are no prices of it here and nobody to ask: set FOLIOLENS_TIINGO_API_KEY, or put a"
    " price file into prices/ of the data folder.",
    "PROVIDER_ERROR": "The provider of prices did not answer as it should.",
    "NOT_PRICED": "It has no daily price.",
    "OUT_OF_RANGE": "There are prices of it, and none of these days.",
}


class MissingPart(Struct, frozen=True):
    """A part that is not there.

    Attributes:
        reason: For programs.
        message: For people.
        retry_after: Seconds after which asking again makes sense; None where it would change nothing.
    """

    reason: PartReason
    message: str
    retry_after: int | None = None


def without_prices(reason: MissingReason, retry_after: int | None) -> MissingPart:
    """Why there are no prices."""
    return MissingPart(reason, _WORDS[reason], retry_after)
