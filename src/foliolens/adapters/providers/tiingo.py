"""Tiingo: end-of-day prices, descriptions and search.

Source: https://www.tiingo.com/documentation/end-of-day and .../utilities/search. What the documentation does
not say and the API does: the search's `openFIGI` is called `openFIGIComposite` and there is a `countryCode`;
an unknown ticker and a used-up plan are told in plain text, at times under status 200.
"""

import re
from datetime import date
from operator import attrgetter
from typing import Any, Self
from urllib.parse import quote

from foliolens.adapters.providers.client import Malformed, ProviderClient
from foliolens.adapters.providers.manners import Manners
from foliolens.adapters.providers.reading import as_type, decoded
from foliolens.adapters.providers.wire import Answer
from foliolens.environment import Secret
from foliolens.ports.clock import REAL_PACE, Clock, Pace
from foliolens.ports.market import Day, Description, Match, ProviderStatus, QuestionRefused, UnknownTicker
from foliolens.ports.metrics import NO_METRICS, Metrics
from foliolens.ports.rate_counter import RateCounter

__all__ = ["Tiingo"]

_figures = attrgetter("open", "high", "low", "volume", "adj_open", "adj_high", "adj_low", "adj_volume")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T00:00:00(?:\.0+)?(?:Z|\+00:00)?)?")
_UNKNOWN = re.compile(rb"not\s*found", re.IGNORECASE)
_LONGEST_MESSAGE = 1000
_NOT_FOUND = 404
_OK = 200


class Tiingo:
    """See `PriceProvider`.

    Args:
        url: Where its API is.
        key: The key.
        manners: How patiently it is asked.
        clock: For quota, breaker and pauses.
        counter: Counts the calls of all processes.
        pace: How seconds pass.
        metrics: Count how it is doing.
    """

    name = "Tiingo"
    cacheable = True

    def __init__(
        self,
        url: str,
        key: Secret,
        manners: Manners,
        clock: Clock,
        counter: RateCounter,
        pace: Pace = REAL_PACE,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self._client = ProviderClient(
            name=self.name,
            base_url=url,
            scheme="Token",
            key=key,
            manners=manners,
            clock=clock,
            counter=counter,
            pace=pace,
            metrics=metrics,
        )

    def __enter__(self) -> Self:
        """Itself; its connections end with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the connections."""
        self._client.close()

    def prices(self, ticker: str, start: date | None, end: date | None, within: float) -> list[Day]:
        """See `PriceProvider.prices`."""
        params: dict[str, str] = {}
        if start is not None:
            params["startDate"] = start.isoformat()
        if end is not None:
            params["endDate"] = end.isoformat()
        return self._client.ask(f"/tiingo/daily/{_symbol(ticker)}/prices", params, within, _read_days)

    def describe(self, ticker: str, within: float) -> Description:
        """See `PriceProvider.describe`."""
        return self._client.ask(f"/tiingo/daily/{_symbol(ticker)}", {}, within, _read_description)

    def search(self, query: str, within: float) -> list[Match]:
        """See `PriceProvider.search`."""
        return self._client.ask("/tiingo/utilities/search", {"query": query}, within, _read_matches)

    def status(self) -> ProviderStatus:
        """See `PriceProvider.status`."""
        return self._client.status()


def _symbol(ticker: str) -> str:
    """As Tiingo writes it: with a hyphen before the share class, where others have a full stop."""
    return quote(ticker.replace(".", "-"), safe="")


def _read_days(answer: Answer) -> list[Day]:
    days = as_type(list[Day], _found(answer))
    previous = None
    for day in days:
        trading_day = _trading_day(day.date)
        if previous is not None and trading_day <= previous:
            raise Malformed("days are not in ascending order")
        previous = trading_day
        if day.close <= 0 or day.adj_close <= 0:
            raise Malformed("a close is not above 0")
        if any(figure is not None and figure < 0 for figure in _figures(day)):
            raise Malformed("a figure is below 0")
    return days


def _trading_day(text: str) -> date:
    written = _DATE.fullmatch(text)
    try:
        return date.fromisoformat(written[1] if written else "")
    except ValueError:
        raise Malformed("a date is none") from None


def _read_description(answer: Answer) -> Description:
    return as_type(Description, _found(answer))


def _read_matches(answer: Answer) -> list[Match]:
    if answer.status != _OK:
        raise QuestionRefused
    return as_type(list[Match], decoded(answer.body))


def _found(answer: Answer) -> Any:
    """The decoded body of an answer about a ticker."""
    if answer.status == _NOT_FOUND:
        raise UnknownTicker
    if answer.status != _OK:
        raise QuestionRefused
    if answer.body[:_LONGEST_MESSAGE].lstrip().startswith(b"Error") and _UNKNOWN.search(answer.body):
        raise UnknownTicker
    return decoded(answer.body)
