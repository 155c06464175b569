"""The parameters of market data requests, checked before anything is asked of a provider."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Final

from fastapi import Path, Query, Request

from foliolens.errors import FieldProblem, ValidationFailed
from foliolens.ports.market import CURSOR

__all__ = [
    "POLYGON_OPTIONS",
    "TIINGO_OPTIONS",
    "Cursor",
    "EndDate",
    "FirstDay",
    "LastDay",
    "Limit",
    "OptionalTicker",
    "SearchText",
    "StartDate",
    "Supported",
    "TickerInPath",
    "TickerInQuery",
    "Time",
    "days_between",
    "search_text",
    "times_between",
]

_TICKER: Final = r"^[A-Za-z0-9][A-Za-z0-9.-]{0,19}$"
_DAY: Final = r"^\d{4}-\d{1,2}-\d{1,2}$"
_TIME: Final = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?$"

TickerInPath = Annotated[str, Path(pattern=_TICKER, examples=["AAPL"])]
TickerInQuery = Annotated[str, Query(pattern=_TICKER, examples=["AAPL"])]
OptionalTicker = Annotated[str | None, Query(pattern=_TICKER, examples=["AAPL"])]
StartDate = Annotated[
    str | None, Query(alias="startDate", pattern=_DAY, description="First day, `YYYY-MM-DD`.")
]
EndDate = Annotated[str | None, Query(alias="endDate", pattern=_DAY, description="Last day, included.")]
FirstDay = Annotated[str | None, Query(alias="from", pattern=_DAY, description="First day, `YYYY-MM-DD`.")]
LastDay = Annotated[str | None, Query(alias="to", pattern=_DAY, description="Last day, included.")]
SearchText = Annotated[str, Query(pattern=r"^[^\x00-\x1f\x7f]{1,100}$", description="A ticker or a name.")]
Time = Annotated[str | None, Query(pattern=_TIME, description="A day or a point in time, ISO 8601.")]
Limit = Annotated[int | None, Query(ge=1, le=1000, description="Articles on a page.")]
Cursor = Annotated[
    str | None,
    Query(pattern=f"^{CURSOR.pattern}$", description="Of a `next_url`; stands for all other parameters."),
]

TIINGO_OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    "resampleFreq": frozenset({"daily"}),
    "format": frozenset({"json"}),
    "sort": frozenset({"date", "asc"}),
    "columns": frozenset(),
}
"""What Tiingo knows and we do not pass on: the values that ask for what is served anyway."""

POLYGON_OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    "order": frozenset({"desc", "descending"}),
    "sort": frozenset({"published_utc"}),
    **{
        f"{field}{comparison}": frozenset[str]()
        for field, comparisons in {
            "published_utc": ("", ".gt", ".lt"),
            "ticker": (".gt", ".gte", ".lt", ".lte"),
        }.items()
        for comparison in comparisons
    },
}
"""The same of Polygon."""


class Supported:
    """A dependency: refuses a provider's option that would change the answer and is not passed on.

    To leave it out in silence would answer another question than the one asked.

    Args:
        options: For each option the values that change nothing.
    """

    def __init__(self, options: Mapping[str, frozenset[str]]) -> None:
        self._options = options

    async def __call__(self, request: Request) -> None:
        """Look at the query of a request."""
        problems = [
            FieldProblem(
                field=name, code="NOT_SUPPORTED", message="This option is not passed on: leave it out."
            )
            for name, value in request.query_params.multi_items()
            if name in self._options and value.lower() not in self._options[name]
        ]
        if problems:
            raise ValidationFailed("The request has options that are not passed on.", details=problems)


def days_between(
    start: str | None, end: str | None, names: tuple[str, str]
) -> tuple[date | None, date | None]:
    """The days that two parameters name.

    Raises:
        ValidationFailed: One is no day of the calendar, or they are in the wrong order.
    """
    first, last = _day(start, names[0]), _day(end, names[1])
    _check_order(first, last, names)
    return first, last


def times_between(start: str | None, end: str | None, names: tuple[str, str]) -> None:
    """Check two points in time.

    Raises:
        ValidationFailed: One is none, or they are in the wrong order.
    """
    _check_order(_time(start, names[0]), _time(end, names[1]), names)


def search_text(query: str) -> str:
    """The words of a search.

    Raises:
        ValidationFailed: There are none.
    """
    words = " ".join(query.split())
    if not words:
        raise ValidationFailed.of("query", "EMPTY", "Say what to look for: a ticker or a part of a name.")
    return words


def _day(text: str | None, field: str) -> date | None:
    if text is None:
        return None
    try:
        return date(*map(int, text.split("-")))
    except ValueError:
        raise ValidationFailed.of(field, "NO_SUCH_DAY", f"There is no day {text}.") from None


def _time(text: str | None, field: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValidationFailed.of(field, "NO_SUCH_TIME", f"There is no time {text}.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _check_order(first: date | None, last: date | None, names: tuple[str, str]) -> None:
    if first is not None and last is not None and first > last:
        raise ValidationFailed.of(names[0], "AFTER_END", f"{names[0]} is after {names[1]}.")
