"""Where daily prices come from, and when asking there makes sense."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from foliolens.ports.prices import DailyPrice, SymbolState

__all__ = [
    "HistorySource",
    "PriceSource",
    "SourceUnavailable",
    "SymbolUnknown",
    "last_publication",
    "wants_fetch",
]

_PUBLISHED_AT = time(1, 30, tzinfo=UTC)
"""Half past eight in the evening in New York, in winter: closes are out, corrected, and adjusted."""


class SymbolUnknown(Exception):
    """The source does not have this symbol; asking again soon gives the same answer."""


class SourceUnavailable(Exception):
    """The source gave no answer that can be used.

    Args:
        reason: What happened, for the log; without a key.
        retry_after: Seconds after which the source wants to be asked again; None where it did not say.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(reason)


class PriceSource(Protocol):
    """What whoever orders prices knows of their source without asking it."""

    @property
    def name(self) -> str:
        """Who reports the prices, for people."""
        ...

    def offers(self, symbol: str) -> bool:
        """Whether asking for a symbol may help; answers at once, without asking."""
        ...

    def newest(self, symbol: str, now: datetime) -> datetime:
        """Since when there may be prices that were not there before; answers at once, without asking."""
        ...


class HistorySource(PriceSource, Protocol):
    """A provider's history, or the files of a folder."""

    @property
    def unknown_for(self) -> timedelta:
        """How long it is remembered that a symbol is unknown here."""
        ...

    def fetch(self, symbol: str, start: date | None) -> Sequence[DailyPrice]:
        """The days of a symbol from `start` on (None: its whole history), in any order; may be none.

        Raises:
            SymbolUnknown: There is no such symbol.
            SourceUnavailable: There is no answer that can be used.
        """
        ...


def last_publication(now: datetime) -> datetime:
    """When the closes of the last trading day came out: in the night after each working day.

    Holidays are not known here: on those the source is asked once for nothing.
    """
    published = datetime.combine(now.astimezone(UTC).date(), _PUBLISHED_AT)
    while published > now or published.weekday() in {6, 0}:  # Sunday's and Monday's nights follow no trading
        published -= timedelta(days=1)
    return published


def wants_fetch(source: PriceSource, symbol: str, state: SymbolState, now: datetime) -> bool:
    """Whether the source should be asked for a symbol, unless that is under way.

    What another source said before does not count: the file may be there now, or the key.
    """
    if not source.offers(symbol):
        return False
    if state.asked_of != source.name or state.asked_at is None:
        return True
    if state.retry_at is not None:
        return state.retry_at <= now
    return state.asked_at < source.newest(symbol, now)
