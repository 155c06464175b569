"""Market data as providers report it: end-of-day prices in Tiingo's shape, news in Polygon's.

A provider is whoever implements `PriceProvider` or `NewsProvider`: an adapter that asks a company's API, or
one that reads files. Numbers are exactly those the provider wrote.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, Protocol

from msgspec import Struct, field

__all__ = [
    "CURSOR",
    "Article",
    "BreakerState",
    "Day",
    "Description",
    "Insight",
    "Match",
    "NewsPage",
    "NewsProvider",
    "NewsQuery",
    "Number",
    "PriceProvider",
    "ProviderFailed",
    "ProviderPaused",
    "ProviderStatus",
    "ProviderUnavailable",
    "Publisher",
    "QuestionRefused",
    "UnknownTicker",
]

CURSOR: Final = re.compile(r"[A-Za-z0-9_=.~+/-]{1,2000}")
"""What names a page of news; opaque, only ever sent as the value of a parameter."""

Number = Decimal | int
"""A JSON number as it was written."""


class Day(Struct, frozen=True, kw_only=True, rename="camel"):
    """One trading day, in Tiingo's shape (`GET /tiingo/daily/{ticker}/prices`).

    Prices are in the currency of the listing. `adj...` are adjusted for splits and dividends after CRSP.
    Whoever does not know a figure leaves it null.

    Attributes:
        date: The trading day as ISO 8601, `2024-05-01T00:00:00.000Z`.
        close: As traded, above 0.
        adj_close: What returns are computed from, above 0.
        volume: Shares.
        div_cash: The dividend whose ex-date the day is, per share.
        split_factor: New shares for an old one, 1 on nearly every day.
    """

    date: str
    close: Number
    high: Number | None = None
    low: Number | None = None
    open: Number | None = None
    volume: Number | None = None
    adj_close: Number
    adj_high: Number | None = None
    adj_low: Number | None = None
    adj_open: Number | None = None
    adj_volume: Number | None = None
    div_cash: Number | None = None
    split_factor: Number | None = None


class Description(Struct, frozen=True, rename="camel"):
    """What a ticker is, in Tiingo's shape (`GET /tiingo/daily/{ticker}`).

    Attributes:
        start_date: First day with a price, `YYYY-MM-DD`; null where there is none.
        end_date: Last day with a price.
    """

    ticker: str
    name: str | None = None
    exchange_code: str | None = None
    description: str | None = None
    start_date: str | None = None
    end_date: str | None = None


class Match(Struct, frozen=True, rename="camel"):
    """One hit of a search, in Tiingo's shape (`GET /tiingo/utilities/search`).

    A ticker may appear once for each country it is listed in.
    """

    ticker: str
    name: str | None = None
    asset_type: str | None = None
    is_active: bool | None = None
    perma_ticker: str | None = None
    open_figi_composite: str | None = field(default=None, name="openFIGIComposite")
    country_code: str | None = None


class Publisher(Struct, frozen=True):
    """Who published an article."""

    name: str
    homepage_url: str | None = None
    logo_url: str | None = None
    favicon_url: str | None = None


class Insight(Struct, frozen=True):
    """What the provider thinks an article says of a ticker."""

    ticker: str
    sentiment: str
    sentiment_reasoning: str | None = None


class Article(Struct, frozen=True, omit_defaults=True):
    """A piece of news, in Polygon's shape (`GET /v2/reference/news`).

    Attributes:
        published_utc: ISO 8601.
        article_url: Where it is; the same URL is the same article.
    """

    id: str
    publisher: Publisher
    title: str
    published_utc: str
    article_url: str
    tickers: list[str]
    author: str | None = None
    amp_url: str | None = None
    image_url: str | None = None
    description: str | None = None
    keywords: list[str] | None = None
    insights: list[Insight] | None = None


class NewsPage(Struct, frozen=True):
    """One page of news.

    Attributes:
        articles: In the provider's order.
        cursor: Names the next page; None on the last.
    """

    articles: Sequence[Article]
    cursor: str | None


class NewsQuery(Struct, frozen=True):
    """What news to list, or with `cursor`, which page of a listing; a cursor stands for all the rest.

    Attributes:
        ticker: In upper case; None lists the news of every ticker.
        since: Published at or after: a day or a point in time, ISO 8601.
        until: Published at or before.
        limit: Articles on a page, 1 to 1000; None leaves it to the provider.
    """

    ticker: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int | None = None
    cursor: str | None = None


class UnknownTicker(Exception):
    """The provider does not know the ticker."""


class QuestionRefused(Exception):
    """The provider does not accept what it was asked: a mistake in the question, not a failure of its."""


class ProviderUnavailable(Exception):
    """There is no answer to be had now.

    Args:
        reason: One sentence for people, without any secret.
        retry_after: Seconds after which asking again makes sense.
    """

    def __init__(self, reason: str, retry_after: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class ProviderFailed(ProviderUnavailable):
    """The provider was asked and did not answer as it should: down, too slow, or not understood."""


class ProviderPaused(ProviderUnavailable):
    """The provider was not asked: no key, quota used up, circuit open, or it told us to wait."""


BreakerState = Literal["closed", "open", "half-open"]


class ProviderStatus(Struct, frozen=True):
    """How a provider is doing, as this process sees it.

    Attributes:
        name: "Tiingo", "Polygon", "files".
        configured: Whether there is a key.
        setting: What sets the key; None where that is not to be told.
        breaker: State of the circuit breaker; None where there is none.
        quota: Calls allowed in a window; None where there is no limit.
        quota_window: Length of the window, in seconds.
        quota_left: Calls left in the present window.
        last_error: Kind of the last failure, for people; None while there was none.
        last_error_at: When it happened.
        last_success_at: When an answer came last.
    """

    name: str
    configured: bool
    setting: str | None = None
    breaker: BreakerState | None = None
    quota: int | None = None
    quota_window: int | None = None
    quota_left: int | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    last_success_at: datetime | None = None


class PriceProvider(Protocol):
    """Knows end-of-day prices.

    Every method may raise `ProviderFailed`, `ProviderPaused` or `QuestionRefused`. Tickers are in upper case,
    checked, and may be written as portfolios write them (BRK.B).

    Attributes:
        name: For people: the source named beside each price.
        cacheable: Whether answers are worth keeping: those of an API are, files are read as they are.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def cacheable(self) -> bool: ...  # noqa: D102

    def prices(self, ticker: str, start: date | None, end: date | None, within: float) -> list[Day]:
        """The days from `start` to `end`, both included, ascending; the latest day where both are None.

        Args:
            ticker: Whose.
            start: First day; without it the provider chooses.
            end: Last day; without it the latest.
            within: Seconds to answer in.

        Raises:
            UnknownTicker: There is no such ticker.
        """
        ...

    def describe(self, ticker: str, within: float) -> Description:
        """What a ticker is.

        Raises:
            UnknownTicker: There is no such ticker.
        """
        ...

    def search(self, query: str, within: float) -> list[Match]:
        """The tickers whose symbol or name matches; none is no error."""
        ...

    def status(self) -> ProviderStatus:
        """How it is doing."""
        ...


class NewsProvider(Protocol):
    """Knows news by ticker; raises `ProviderFailed`, `ProviderPaused` or `QuestionRefused`."""

    @property
    def name(self) -> str: ...  # noqa: D102

    def page(self, query: NewsQuery, within: float) -> NewsPage:
        """One page of news, newest first; no news is an empty page."""
        ...

    def status(self) -> ProviderStatus:
        """How it is doing."""
        ...
