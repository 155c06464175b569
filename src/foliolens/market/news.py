"""News on request: pages as the provider has them, and all of a ticker's articles between two days."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import msgspec
from msgspec import Struct

from foliolens.kit import json
from foliolens.market.lifetimes import ENDED_NEWS, RUNNING, Lifetime
from foliolens.market.reading import CacheState, Reader, digest
from foliolens.market.telling import told
from foliolens.ports.clock import REAL_PACE, Clock, Pace
from foliolens.ports.market import Article, NewsProvider, NewsQuery, ProviderStatus, ProviderUnavailable

__all__ = ["CachedPage", "NewsCollection", "NewsItem", "NewsService", "end_of"]

_LATE = timedelta(days=1)
"""How long after its time of publication an article may still appear."""

_MOST_PAGES = 50
_PAGE_SIZE = 1000  # the provider's largest: the fewest calls


class CachedPage(msgspec.Struct, frozen=True):
    """A page as it is kept.

    Attributes:
        results: The articles, JSON in the provider's shape, no URL twice.
        count: How many.
        cursor: Names the next page.
    """

    results: msgspec.Raw
    count: int
    cursor: str | None


class NewsItem(Struct, frozen=True):
    """An article as we use it ourselves.

    Attributes:
        published: When, in UTC.
        description: The publisher's summary; None where there is none.
        publisher: Its name.
    """

    published: datetime
    title: str
    description: str | None
    url: str
    publisher: str


class NewsCollection(Struct, frozen=True):
    """Articles of several pages.

    Attributes:
        articles: Newest first, no URL twice.
        complete: Whether these are all; the provider may have failed on the way, or have too many.
        stale: Whether some are older than they should be, for the provider could not be asked.
    """

    articles: tuple[NewsItem, ...]
    complete: bool
    stale: bool


class NewsService:
    """Reads news.

    Args:
        provider: Knows news.
        reader: Reads through the cache.
        clock: Tells which days are past.
        seconds: What a request waits for the provider.
        pace: How seconds pass.
    """

    def __init__(
        self,
        provider: NewsProvider,
        reader: Reader,
        clock: Clock,
        *,
        seconds: float,
        pace: Pace = REAL_PACE,
    ) -> None:
        self._provider = provider
        self._reader = reader
        self._clock = clock
        self._seconds = seconds
        self._pace = pace

    def page(self, query: NewsQuery) -> tuple[CachedPage, CacheState]:
        """One page of news.

        Raises:
            ValidationFailed: The provider does not accept the query.
            ProviderError: It did not answer as it should, and nothing is cached.
            ServiceUnavailable: It could not be asked, and nothing is cached.
        """
        with told("this query for news", "ticker" if query.cursor is None else "cursor"):
            return self._page(query, self._seconds)

    def collect(self, ticker: str, since: date, until: date, within: float | None = None) -> NewsCollection:
        """All articles about a ticker, published from `since` to `until`, both days included.

        Args:
            ticker: In upper case, checked.
            since: First day, in UTC.
            until: Last day.
            within: Seconds for all pages together; those of a request by default.

        Raises:
            ProviderError: The provider did not answer as it should, and nothing is cached.
            ServiceUnavailable: It could not be asked, and nothing is cached.
        """
        deadline = self._pace.monotonic() + (self._seconds if within is None else within)
        query = NewsQuery(ticker, since.isoformat(), end_of(until), _PAGE_SIZE)
        articles: list[Article] = []
        asked: set[str] = set()
        stale = False
        while True:
            with told(f"news of {ticker}", "ticker"):
                try:
                    page, state = self._page(query, deadline - self._pace.monotonic())
                except ProviderUnavailable:
                    if not asked:
                        raise
                    return _collection(articles, complete=False, stale=stale)
            stale = stale or state == "STALE"
            articles += _ARTICLES.decode(page.results)
            if page.cursor is None:
                return _collection(articles, complete=True, stale=stale)
            asked.add(query.cursor or "")
            # A page that was seen before would begin a circle.
            if page.cursor in asked or len(asked) >= _MOST_PAGES or self._pace.monotonic() >= deadline:
                return _collection(articles, complete=False, stale=stale)
            query = NewsQuery(cursor=page.cursor)

    def status(self) -> ProviderStatus:
        """How the provider is doing."""
        return self._provider.status()

    def _page(self, query: NewsQuery, within: float) -> tuple[CachedPage, CacheState]:
        def fetch(seconds: float) -> bytes:
            page = self._provider.page(query, seconds)
            articles = list(_without_repeats(page.articles))
            return json.encode(CachedPage(msgspec.Raw(json.encode(articles)), len(articles), page.cursor))

        key = f"news/{digest(repr(query))}"
        reading = self._reader.read(key, fetch, self._lifetime(query), within)
        return _PAGE.decode(reading.body), reading.state

    def _lifetime(self, query: NewsQuery) -> Lifetime:
        """Pages that a cursor names hold what is older than a page before them, so nothing is added."""
        if query.cursor is not None:
            return ENDED_NEWS
        if query.until is None:
            return RUNNING
        until = _time(query.until)
        return ENDED_NEWS if until + _LATE < self._clock.now() else RUNNING


_PAGE = msgspec.json.Decoder(CachedPage)
_ARTICLES = msgspec.json.Decoder(list[Article])


def _without_repeats(articles: Iterable[Article]) -> Iterator[Article]:
    seen: set[bytes] = set()
    for article in articles:
        url = hashlib.md5(article.article_url.encode(), usedforsecurity=False).digest()
        if url not in seen:
            seen.add(url)
            yield article


def _collection(articles: Iterable[Article], *, complete: bool, stale: bool) -> NewsCollection:
    items = [
        NewsItem(
            published=_time(article.published_utc),
            title=article.title,
            description=article.description,
            url=article.article_url,
            publisher=article.publisher.name,
        )
        for article in _without_repeats(articles)
    ]
    return NewsCollection(tuple(items), complete=complete, stale=stale)


def end_of(day: date) -> str:
    """The last moment of a day: as `until` of a query a day alone would be its first."""
    return f"{day.isoformat()}T23:59:59Z"


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
