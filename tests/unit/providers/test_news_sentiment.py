"""The news of a ticker, judged in the background: ordered once, whole, and never waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from foliolens.adapters.inference.thread import ThreadInference
from foliolens.adapters.local.postgres_cache import PostgresCache
from foliolens.adapters.local.postgres_queue import PostgresJobQueue
from foliolens.errors import ServiceUnavailable
from foliolens.kit.capacity import Capacity
from foliolens.kit.jobs import Handler, Worker
from foliolens.market.missing import MissingPart
from foliolens.market.news_sentiment import JUDGE_NEWS, JudgedDay, JudgedNews, NewsSentiment
from foliolens.sentiment.cache import JudgementCache
from foliolens.sentiment.choice import EngineChoice
from foliolens.sentiment.service import SentimentService
from foliolens.settings import SentimentSettings
from tests import providers as fakes

from .conftest import NOON, TODAY, Desk

GOOD = "Profit rose sharply and beat all expectations."
BAD = "Profit plunged and the company warned of heavy losses."


def article(number: int, title: str, day: date = TODAY, **more: object) -> dict[str, object]:
    told = {"title": title, "description": "", "published_utc": f"{day}T09:00:00Z", **more}
    return fakes.article(number, **told)


class Newsroom:
    """News of one desk, judged by a worker that works when it is told to."""

    def __init__(self, desk: Desk, judge: Callable[[object], object]) -> None:
        self.desk = desk
        self.queue = PostgresJobQueue(desk.database, timedelta(minutes=5), "news")
        service = SentimentService(
            ThreadInference(judge),
            JudgementCache(1000),
            Capacity("sentiments", concurrent=1, waiting=1, patience=1.0),
        )
        self.news = NewsSentiment(
            desk.news, service, PostgresCache(desk.database, desk.clock), self.queue, desk.clock
        )
        handler = Handler(self.news.judge, self.news.give_up)
        self.worker = Worker(self.queue, {JUDGE_NEWS: handler}, max_attempts=1)

    def publish(self, *articles: dict[str, object]) -> None:
        polygon = self.desk.polygon
        polygon.answer = lambda _: fakes.as_json(fakes.news_page(polygon.url, list(articles)))

    def work(self) -> int:
        jobs = 0
        while self.worker.run_once(timedelta(0)):
            jobs += 1
        return jobs

    def judged(self) -> JudgedNews:
        """What is there once an order was dealt with."""
        self.news.read("AAPL")
        self.work()
        told = self.news.read("AAPL")
        assert isinstance(told, JudgedNews), told
        return told

    def missing(self) -> MissingPart:
        told = self.news.read("AAPL")
        assert isinstance(told, MissingPart), told
        return told


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> EngineChoice:
    return EngineChoice(SentimentSettings(sentiment_model="embedded"), tmp_path_factory.mktemp("models"))


@pytest.fixture
def room(desk: Desk, model: EngineChoice) -> Iterator[Newsroom]:
    room = Newsroom(desk, model.judge)  # type: ignore[arg-type]  # asked for sentences only
    yield room
    room.queue.close()


def test_the_first_read_asks_nobody_and_says_when_to_come_back(room: Newsroom) -> None:
    told = room.missing()

    assert (told.reason, told.retry_after) == ("PENDING", 3)
    assert room.desk.polygon.asked == []


def test_articles_are_counted_by_day_and_label(room: Newsroom) -> None:
    room.publish(
        article(1, GOOD),
        article(2, BAD, TODAY - timedelta(days=2), description=GOOD),
        article(3, BAD, TODAY - timedelta(days=2)),
    )

    news = room.judged()

    assert news.days == (
        JudgedDay(TODAY, 1, positive=1, neutral=0, negative=0, label="positive"),
        JudgedDay(TODAY - timedelta(days=2), 2, positive=1, neutral=0, negative=2, label="negative"),
    )
    assert [headline.label for headline in news.headlines] == ["positive", "negative", "negative"]
    assert news.headlines[0].title == GOOD
    assert (news.source, news.model, news.judged_at, news.complete) == ("Polygon", "embedded", NOON, True)
    assert (news.first, news.last) == (TODAY - timedelta(days=30), TODAY)


def test_a_month_without_news_is_an_answer(room: Newsroom) -> None:
    room.publish()

    news = room.judged()

    assert (news.days, news.headlines, news.model, news.complete) == ((), (), None, True)


def test_many_reads_are_one_order(room: Newsroom) -> None:
    for _ in range(20):
        room.news.read("AAPL")

    assert room.work() == 1


def test_judged_news_are_fresh_for_half_an_hour_then_shown_until_there_are_newer(room: Newsroom) -> None:
    room.publish(article(1, GOOD))
    first = room.judged()
    room.desk.clock.advance(minutes=29)
    assert room.judged() == first
    assert room.work() == 0

    room.desk.clock.advance(minutes=1)
    room.publish(article(2, BAD))
    assert room.news.read("AAPL") == first
    assert [headline.label for headline in room.judged().headlines] == ["negative"]


def test_a_job_delivered_twice_asks_once(room: Newsroom) -> None:
    room.publish(article(1, GOOD))
    room.judged()
    asked = len(room.desk.polygon.asked)

    room.news.judge({"ticker": "AAPL"})

    assert len(room.desk.polygon.asked) == asked


def test_an_article_as_long_as_a_book_is_cut_not_refused(room: Newsroom) -> None:
    room.publish(article(1, "€" * 5000), article(2, GOOD, description="Ünprofitable words. " * 5000))

    assert len(room.judged().headlines) == 2


def test_of_more_articles_than_are_judged_it_is_said_so(room: Newsroom) -> None:
    room.publish(*(article(number, GOOD) for number in range(501)))

    news = room.judged()

    assert not news.complete
    assert news.days[0].articles == 500
    assert len(news.headlines) == 20


class TestFailures:
    def test_of_the_provider_are_told_with_the_time_to_come_back(self, room: Newsroom) -> None:
        room.desk.polygon.down = fakes.Reply(500)
        room.news.read("AAPL")
        room.work()

        told = room.missing()
        assert told.reason == "PROVIDER_ERROR"
        assert told.retry_after is not None
        assert room.work() == 0

        room.desk.polygon.down = None
        room.publish(article(1, GOOD))
        room.desk.clock.advance(minutes=10)
        assert room.judged().headlines

    def test_keep_what_was_judged_before(self, room: Newsroom) -> None:
        room.publish(article(1, GOOD))
        first = room.judged()
        room.desk.clock.advance(hours=5)
        room.desk.polygon.down = fakes.Reply(500)

        later = room.judged()
        assert (later.headlines, later.days) == (first.headlines, first.days)

    def test_to_judge_are_given_up_and_ordered_again_later(self, desk: Desk, model: EngineChoice) -> None:
        faults = [ServiceUnavailable("The model ended midway.")]

        def judge(sentences: object) -> object:
            if faults:
                raise faults.pop()
            return model.judge(sentences)  # type: ignore[arg-type]

        room = Newsroom(desk, judge)
        room.publish(article(1, GOOD))
        room.news.read("AAPL")
        room.work()

        told = room.missing()
        assert (told.reason, told.retry_after) == ("PROVIDER_ERROR", 600)
        desk.clock.advance(minutes=10)
        assert room.judged().headlines
        room.queue.close()
