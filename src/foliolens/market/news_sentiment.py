"""The news of a ticker, judged in the background: each day's figures, and the newest headlines.

A month of news about a large company is hundreds of articles, which take seconds to judge: too long for a
request. So a request reads what was judged before, and orders it anew where that is old.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

import msgspec
from msgspec import Struct

from foliolens.errors import FolioLensError
from foliolens.kit.logging import request_id
from foliolens.market.missing import MissingPart
from foliolens.market.news import NewsItem, NewsService
from foliolens.ports.cache import Cache, CacheEntry
from foliolens.ports.clock import Clock
from foliolens.ports.job_queue import JobSender
from foliolens.sentiment.daily import ArticleSentiment, DailySentiment, DayClass, daily_sentiment
from foliolens.sentiment.sentences import split_sentences
from foliolens.sentiment.service import SentimentService

__all__ = ["JUDGE_NEWS", "DayLabel", "JudgedDay", "JudgedHeadline", "JudgedNews", "NewsSentiment"]

_log = logging.getLogger(__name__)

JUDGE_NEWS = "JUDGE_NEWS"
"""The kind of job that judges the news of a ticker."""

_DAYS = timedelta(days=30)
_MOST_ARTICLES = 500
_SENTENCES_A_PART = 20  # half a second with FinBERT, the longest that another request waits for a turn
_LONGEST_SUMMARY, _LONGEST_SENTENCE = 10_000, 1000  # characters
_HEADLINES = 20
_FRESH, _KEPT = timedelta(minutes=30), timedelta(days=30)
_ORDER_SECONDS = 120.0
_COLLECT_SECONDS = 30.0
_RETRY_SECONDS = 3
_GIVEN_UP = timedelta(minutes=10)


DayLabel = Literal["none", "positive", "neutral", "negative"]
_DAY_LABELS: dict[DayClass, DayLabel] = {
    DayClass.NONE: "none",
    DayClass.POSITIVE: "positive",
    DayClass.NEUTRAL: "neutral",
    DayClass.NEGATIVE: "negative",
}


class JudgedDay(Struct, frozen=True):
    """The news of one day in UTC: articles, sentences of each label, and the class of the day."""

    day: date
    articles: int
    positive: int
    neutral: int
    negative: int
    label: DayLabel


class JudgedHeadline(Struct, frozen=True):
    """One article; without a sentence it has no label."""

    published: datetime
    title: str
    url: str
    publisher: str
    label: Literal["positive", "neutral", "negative"] | None


class JudgedNews(Struct, frozen=True):
    """What was made of a ticker's news.

    Attributes:
        source: Who reported it.
        model: Which model judged; None where there was nothing to judge.
        judged_at: When.
        first: First day asked for; earlier news is not known.
        last: Last day asked for.
        complete: Whether these are all articles of those days.
        days: Days with news, newest first.
        headlines: Newest first.
    """

    source: str
    model: str | None
    judged_at: datetime
    first: date
    last: date
    complete: bool
    days: tuple[JudgedDay, ...]
    headlines: tuple[JudgedHeadline, ...]


class NewsSentiment:
    """Has a ticker's news judged, and tells what came of it.

    Args:
        news: Knows news.
        sentiment: Judges sentences.
        cache: Keeps what was made of them, for every process.
        jobs: Where orders wait; not the one of other work, for judging takes seconds.
        clock: Tells the time.
    """

    def __init__(
        self,
        news: NewsService,
        sentiment: SentimentService,
        cache: Cache,
        jobs: JobSender,
        clock: Clock,
    ) -> None:
        self._news = news
        self._sentiment = sentiment
        self._cache = cache
        self._jobs = jobs
        self._clock = clock

    def read(self, ticker: str) -> JudgedNews | MissingPart:
        """What was made of the news of a ticker; ordered anew where it is old, and never waited for.

        Args:
            ticker: In upper case, checked.
        """
        provider = self._news.status()
        if not provider.configured:
            return MissingPart("NO_PROVIDER", f"There is no provider of news: set {provider.setting}.")
        entry = self._cache.get(_key(ticker))
        if not self._is_fresh(entry):
            failure = self._cache.get(_failure_key(ticker))
            if failure is None:
                self._order(ticker)
            elif entry is None:
                left = (failure.fresh_until - self._clock.now()).total_seconds()
                return MissingPart("PROVIDER_ERROR", failure.value.decode(), max(1, round(left)))
        if entry is None:
            return MissingPart("PENDING", "Its news are being read and judged.", _RETRY_SECONDS)
        return _JUDGED.decode(entry.value)

    def judge(self, order: Mapping[str, Any]) -> None:
        """Read and judge the news that a job is about, unless that was done meanwhile.

        Raises:
            ServiceUnavailable: Too much else is being judged; the job is to be tried again.
        """
        ticker: str = order["ticker"]
        if self._is_fresh(self._cache.get(_key(ticker))):
            return
        now = self._clock.now()
        first, last = (now - _DAYS).date(), now.date()
        try:
            collection = self._news.collect(ticker, first, last, _COLLECT_SECONDS)
        except FolioLensError as error:
            _log.warning("no news", extra={"ticker": ticker, "reason": error.message})
            pause = int(error.headers.get("Retry-After", _GIVEN_UP.total_seconds()))
            self._note_failure(ticker, error.message, timedelta(seconds=pause))
            return
        articles = collection.articles[:_MOST_ARTICLES]
        model, judged = asyncio.run(self._judged(ticker, articles))
        made = JudgedNews(
            source=self._news.status().name,
            model=model,
            judged_at=now,
            first=first,
            last=last,
            complete=collection.complete and len(articles) == len(collection.articles),
            days=tuple(map(_day, daily_sentiment(judged))),
            headlines=tuple(map(_headline, articles[:_HEADLINES], judged)),
        )
        self._cache.put(
            _key(ticker), msgspec.json.encode(made), fresh_until=now + _FRESH, keep_until=now + _KEPT
        )
        self._cache.release(_order_key(ticker))

    def give_up(self, order: Mapping[str, Any]) -> None:
        """Note that a job was tried in vain too often, so that it is ordered again later."""
        self._note_failure(order["ticker"], "The news could not be judged.", _GIVEN_UP)

    def _order(self, ticker: str) -> None:
        if self._cache.claim(_order_key(ticker), _ORDER_SECONDS):
            self._jobs.send(JUDGE_NEWS, {"ticker": ticker}, request_id.get())

    def _note_failure(self, ticker: str, reason: str, pause: timedelta) -> None:
        until = self._clock.now() + pause
        self._cache.put(_failure_key(ticker), reason.encode(), fresh_until=until, keep_until=until)
        self._cache.release(_order_key(ticker))

    def _is_fresh(self, entry: CacheEntry | None) -> bool:
        return entry is not None and self._clock.now() < entry.fresh_until

    async def _judged(
        self, ticker: str, articles: Sequence[NewsItem]
    ) -> tuple[str | None, list[ArticleSentiment]]:
        """The model that judged, and each article's sentiment; a few at a time, for others wait as well."""
        judged: list[ArticleSentiment] = []
        model = None
        for part in _parts(articles):
            answer = await self._sentiment.judge([sentences for _, sentences in part])
            model = answer.model.identity.name
            for (article, _), sentences in zip(part, answer.articles, strict=True):
                judgements = [judgement for _, judgement in sentences]
                judged.append(ArticleSentiment.of([ticker], article.published, judgements))
        return model, judged


_JUDGED = msgspec.json.Decoder(JudgedNews)


def _key(ticker: str) -> str:
    return f"sentiment/{ticker}"


def _failure_key(ticker: str) -> str:
    return f"sentiment/{ticker}/failure"


def _order_key(ticker: str) -> str:
    return f"sentiment/{ticker}/order"


def _parts(articles: Sequence[NewsItem]) -> Iterator[list[tuple[NewsItem, list[str]]]]:
    """The articles with their sentences, in parts that take half a second at most."""
    part: list[tuple[NewsItem, list[str]]] = []
    sentences = 0
    for article in articles:
        told = _sentences(article)
        if part and sentences + len(told) > _SENTENCES_A_PART:
            yield part
            part, sentences = [], 0
        part.append((article, told))
        sentences += len(told)
    if part:
        yield part


def _sentences(article: NewsItem) -> list[str]:
    """Headline and summary; what is too long to be either is cut."""
    summary = split_sentences((article.description or "")[:_LONGEST_SUMMARY])
    return [sentence[:_LONGEST_SENTENCE] for sentence in (article.title, *summary)][:_SENTENCES_A_PART]


def _day(day: DailySentiment) -> JudgedDay:
    return JudgedDay(
        day=day.day,
        articles=day.articles,
        positive=day.positive,
        neutral=day.neutral,
        negative=day.negative,
        label=_DAY_LABELS[day.day_class],
    )


def _headline(article: NewsItem, sentiment: ArticleSentiment) -> JudgedHeadline:
    label = sentiment.label
    return JudgedHeadline(
        published=article.published,
        title=article.title,
        url=article.url,
        publisher=article.publisher,
        label=None if label is None else label.value,
    )
