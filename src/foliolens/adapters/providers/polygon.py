"""Polygon: news by ticker.

Source: https://polygon.io/docs/rest/stocks/news. The company is called Massive by now and names its pages
under either host, whichever was asked.
"""

import re
from datetime import datetime
from typing import Self
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

from foliolens.adapters.providers.client import Malformed, ProviderClient
from foliolens.adapters.providers.manners import Manners
from foliolens.adapters.providers.reading import as_type, decoded
from foliolens.adapters.providers.wire import Answer
from foliolens.environment import Secret
from foliolens.ports.clock import REAL_PACE, Clock, Pace
from foliolens.ports.market import CURSOR, Article, NewsPage, NewsQuery, ProviderStatus, QuestionRefused
from foliolens.ports.metrics import NO_METRICS, Metrics
from foliolens.ports.rate_counter import RateCounter

__all__ = ["Polygon"]

_NEWS = "/v2/reference/news"
_OFFICIAL_HOSTS = frozenset({"api.polygon.io", "api.massive.com"})
_CLASS_OF_SHARES = re.compile(r"([A-Z]+)-([A-Z])")
_WEB = re.compile(r"https?://[^/]")
_OK = 200


class _Page(Struct, frozen=True):
    status: str
    results: list[Article] = []
    next_url: str | None = None


class Polygon:
    """See `NewsProvider`.

    Args:
        url: Where its API is. Links to next pages must lead to the same host.
        key: The key.
        manners: How patiently it is asked.
        clock: For quota, breaker and pauses.
        counter: Counts the calls of all processes.
        pace: How seconds pass.
        metrics: Count how it is doing.
    """

    name = "Polygon"

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
            scheme="Bearer",
            key=key,
            manners=manners,
            clock=clock,
            counter=counter,
            pace=pace,
            metrics=metrics,
        )
        host = urlsplit(url).hostname
        self._hosts = _OFFICIAL_HOSTS if host in _OFFICIAL_HOSTS else frozenset({host})

    def __enter__(self) -> Self:
        """Itself; its connections end with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the connections."""
        self._client.close()

    def page(self, query: NewsQuery, within: float) -> NewsPage:
        """See `NewsProvider.page`."""
        return self._client.ask(_NEWS, _params(query), within, self._read)

    def status(self) -> ProviderStatus:
        """See `NewsProvider.status`."""
        return self._client.status()

    def _read(self, answer: Answer) -> NewsPage:
        if answer.status != _OK:
            raise QuestionRefused
        page = as_type(_Page, decoded(answer.body))
        if page.status not in {"OK", "DELAYED"}:
            raise Malformed("the status is not OK")
        for article in page.results:
            _check_time(article.published_utc)
        # Whoever shows an article links to it, so nothing but the web may be behind its URL.
        articles = [article for article in page.results if _WEB.match(article.article_url)]
        return NewsPage(articles, self._cursor(page.next_url))

    def _cursor(self, next_url: str | None) -> str | None:
        """The name of the next page: all that is taken of a URL that the provider chooses."""
        if not next_url:
            return None
        try:
            url = urlsplit(next_url)
            cursor = parse_qs(url.query).get("cursor", [""])[0]
        except ValueError:
            raise Malformed("the link to the next page is no URL") from None
        if url.hostname not in self._hosts or not url.path.endswith(_NEWS) or not CURSOR.fullmatch(cursor):
            raise Malformed("the link to the next page leads elsewhere")
        return cursor


def _params(query: NewsQuery) -> dict[str, str]:
    if query.cursor is not None:
        return {"cursor": query.cursor}
    named = {
        "ticker": None if query.ticker is None else _symbol(query.ticker),
        "published_utc.gte": query.since,
        "published_utc.lte": query.until,
        "limit": None if query.limit is None else str(query.limit),
        "sort": "published_utc",
        "order": "desc",
    }
    return {name: value for name, value in named.items() if value is not None}


def _symbol(ticker: str) -> str:
    """As Polygon writes it: with a full stop before the share class, where Tiingo has a hyphen."""
    return _CLASS_OF_SHARES.sub(r"\1.\2", ticker) if _CLASS_OF_SHARES.fullmatch(ticker) else ticker


def _check_time(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise Malformed("a time of publication is none") from None
