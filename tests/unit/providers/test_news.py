"""News: pages as Polygon has them, no article twice, and all of a ticker's articles between two days."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from foliolens.errors import ProviderError, ServiceUnavailable, ValidationFailed
from foliolens.market.news import CachedPage
from foliolens.ports.market import NewsQuery
from tests import providers as fakes
from tests.providers import Reply, article, as_json, news_page

from .conftest import Desk, MakeDesk

AAPL = NewsQuery(ticker="AAPL")
FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))


def articles(page: CachedPage) -> list[dict[str, Any]]:
    decoded: list[dict[str, Any]] = json.loads(bytes(page.results))
    return decoded


class TestPages:
    def test_articles_are_polygons(self, desk: Desk) -> None:
        page, state = desk.news.page(AAPL)

        assert articles(page) == [article(n) for n in range(3)]
        assert (page.count, page.cursor, state) == (3, None, "MISS")

    def test_the_query_is_passed_on_newest_first(self, desk: Desk) -> None:
        desk.news.page(NewsQuery("AAPL", "2026-02-01", "2026-02-28T12:00:00Z", 7))

        (asked,) = desk.polygon.asked
        assert asked.path == "/v2/reference/news"
        assert asked.query == {
            "ticker": "AAPL",
            "published_utc.gte": "2026-02-01",
            "published_utc.lte": "2026-02-28T12:00:00Z",
            "limit": "7",
            "sort": "published_utc",
            "order": "desc",
        }
        assert asked.headers["authorization"] == f"Bearer {fakes.POLYGON_KEY}"

    def test_a_cursor_stands_for_everything_else(self, desk: Desk) -> None:
        desk.news.page(NewsQuery(cursor="page0"))

        assert desk.polygon.asked[0].query == {"cursor": "page0"}

    @pytest.mark.parametrize("ticker", ["BRK-B", "BRK.B"])
    def test_share_classes_are_asked_for_in_polygons_spelling(self, desk: Desk, ticker: str) -> None:
        desk.news.page(NewsQuery(ticker=ticker))

        assert desk.polygon.asked[0].query["ticker"] == "BRK.B"

    def test_an_article_comes_once_whatever_its_id(self, desk: Desk) -> None:
        again = {**article(0), "id": "another", "title": "The same"}
        desk.polygon.script(as_json(news_page(desk.polygon.url, [article(0), again, article(1)])))

        page, _ = desk.news.page(AAPL)

        assert articles(page) == [article(0), article(1)]
        assert page.count == 2

    def test_an_article_that_is_not_on_the_web_is_left_out(self, desk: Desk) -> None:
        hostile = [
            article(n, article_url=url) for n, url in enumerate(["javascript:alert(1)", "data:,x", "//x", ""])
        ]
        desk.polygon.script(as_json(news_page(desk.polygon.url, [*hostile, article(9)])))

        assert articles(desk.news.page(AAPL)[0]) == [article(9)]

    def test_what_an_article_lacks_is_left_out(self, desk: Desk) -> None:
        needed = {"id", "publisher", "title", "published_utc", "article_url", "tickers"}
        short = {name: value for name, value in article(1).items() if name in needed}
        desk.polygon.script(as_json(news_page(desk.polygon.url, [short])))

        assert articles(desk.news.page(AAPL)[0]) == [short]

    def test_no_news_is_an_empty_page(self, desk: Desk) -> None:
        desk.polygon.script(as_json(news_page(desk.polygon.url, [])))

        assert articles(desk.news.page(AAPL)[0]) == []

    def test_a_cursor_that_is_not_accepted_is_the_clients_mistake(self, desk: Desk) -> None:
        with pytest.raises(ValidationFailed) as refused:
            desk.news.page(NewsQuery(cursor="invented"))

        assert refused.value.details == [
            {
                "field": "cursor",
                "code": "NOT_ACCEPTED",
                "message": "The provider does not accept this query for news.",
            }
        ]


class TestLifetimes:
    @pytest.mark.parametrize("until", [None, "2026-03-02", "2026-03-02T17:00:00Z", "2027-01-01"])
    def test_news_up_to_now_are_fresh_for_five_minutes(self, desk: Desk, until: str | None) -> None:
        query = NewsQuery("AAPL", "2026-02-01", until)
        states = [desk.news.page(query)[1]]
        for seconds in (299, 1):
            desk.clock.advance(seconds=seconds)
            states.append(desk.news.page(query)[1])

        assert states == ["MISS", "HIT", "MISS"]

    @pytest.mark.parametrize(
        "query",
        [NewsQuery("AAPL", "2026-02-01", "2026-02-28"), NewsQuery(cursor="page0")],
        ids=["past days", "a later page"],
    )
    def test_what_does_not_change_is_fresh_for_thirty_days(self, desk: Desk, query: NewsQuery) -> None:
        states = [desk.news.page(query)[1]]
        for time in ({"days": 30, "seconds": -1}, {"seconds": 1}):
            desk.clock.advance(**time)
            states.append(desk.news.page(query)[1])

        assert states == ["MISS", "HIT", "MISS"]

    def test_stale_pages_are_served_when_the_provider_is_down(self, desk: Desk) -> None:
        fresh, _ = desk.news.page(AAPL)
        desk.clock.advance(days=29)
        desk.polygon.down = Reply(500)

        stale, state = desk.news.page(AAPL)

        assert (articles(stale), state) == (articles(fresh), "STALE")


class TestLinksToTheNextPage:
    def test_only_their_cursor_is_taken(self, desk: Desk) -> None:
        url = f"{desk.polygon.url}/v2/reference/news?apiKey=leak&cursor=page1&limit=5"
        desk.polygon.script(as_json(news_page("", [article(0)], next_url=url)))

        page, _ = desk.news.page(AAPL)

        assert page.cursor == "page1"
        assert b"leak" not in bytes(page.results)

    @pytest.mark.parametrize(
        "url",
        [
            "http://169.254.169.254/v2/reference/news?cursor=page1",
            "https://evil.example/v2/reference/news?cursor=page1",
            "https://api.polygon.io/v2/reference/news?cursor=page1",  # not who is asked here
            "http://127.0.0.1/v2/reference/tickers?cursor=page1",
            "http://127.0.0.1/v2/reference/news",
            "http://127.0.0.1/v2/reference/news?cursor=",
            "http://127.0.0.1/v2/reference/news?cursor=%0d%0aHost:%20evil",
            "http://127.0.0.1/v2/reference/news?cursor=" + "a" * 2001,
            "http://127.0.0.1@evil.example/v2/reference/news?cursor=page1",
            "http://[::1/v2/reference/news?cursor=page1",
            "/v2/reference/news?cursor=page1",
            "page1",
        ],
    )
    def test_that_lead_elsewhere_are_the_providers_error(self, desk: Desk, url: str) -> None:
        desk.polygon.script(as_json(news_page("", [article(0)], next_url=url)))

        with pytest.raises(ProviderError, match="not understood"):
            desk.news.page(AAPL)
        assert desk.kept() == {}


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"status": "ERROR", "error": "You've exceeded the maximum requests per minute."},
        {"status": "OK", "results": {}},
        {"status": "OK", "results": [None]},
        {"status": "OK", "results": [{}]},
        {"status": "OK", "results": [{**article(1), "title": None}]},
        {"status": "OK", "results": [{**article(1), "title": 7}]},
        {"status": "OK", "results": [{**article(1), "article_url": None}]},
        {"status": "OK", "results": [{**article(1), "published_utc": "today"}]},
        {"status": "OK", "results": [{**article(1), "published_utc": 1772000000}]},
        {"status": "OK", "results": [{**article(1), "publisher": "The Wire"}]},
        {"status": "OK", "results": [{**article(1), "tickers": "AAPL"}]},
        {"status": "OK", "results": [{**article(1), "insights": [{"ticker": "AAPL"}]}]},
        {"status": "OK", "results": [], "next_url": 7},
        {"status": ["OK"], "results": []},
    ],
    ids=lambda body: json.dumps(body)[-60:],
)
def test_wrong_types_are_the_providers_error(desk: Desk, body: object) -> None:
    desk.polygon.script(as_json(body))

    with pytest.raises(ProviderError, match="not understood"):
        desk.news.page(AAPL)
    assert desk.kept() == {}


class TestCollections:
    @pytest.fixture
    def desk(self, make_desk: MakeDesk) -> Desk:
        return make_desk(quota=1000)

    def serve_pages(self, desk: Desk, pages: int) -> None:
        desk.polygon.answer = fakes.polygon(pages=pages)(desk.polygon)

    def test_all_articles_of_all_pages(self, desk: Desk) -> None:
        self.serve_pages(desk, 4)

        found = desk.news.collect("AAPL", *FEBRUARY)

        assert [item.url for item in found.articles] == [article(n)["article_url"] for n in range(12)]
        assert (found.complete, found.stale) == (True, False)
        first = found.articles[0]
        assert first.published == datetime(2026, 2, 28, 12, tzinfo=UTC)
        assert (first.title, first.description, first.publisher) == (
            "Headline 0",
            "What happened.",
            "The Wire",
        )

    def test_both_days_are_included(self, desk: Desk) -> None:
        desk.news.collect("AAPL", *FEBRUARY)

        asked = desk.polygon.asked[0].query
        assert asked["published_utc.gte"] == "2026-02-01"
        assert asked["published_utc.lte"] == "2026-02-28T23:59:59Z"
        assert asked["limit"] == "1000"

    def test_fifty_pages_are_read(self, desk: Desk) -> None:
        self.serve_pages(desk, 50)

        found = desk.news.collect("AAPL", *FEBRUARY)

        assert (len(found.articles), found.complete) == (150, True)
        assert len(desk.polygon.asked) == 50

    def test_more_than_fifty_pages_are_not(self, desk: Desk) -> None:
        self.serve_pages(desk, 51)

        found = desk.news.collect("AAPL", *FEBRUARY)

        assert (len(found.articles), found.complete) == (150, False)
        assert len(desk.polygon.asked) == 50

    @pytest.mark.parametrize("back_to", [0, 1, 2])
    def test_a_circle_of_pages_ends(self, desk: Desk, back_to: int) -> None:
        def answer(asked: fakes.Asked) -> Reply:
            number = int(asked.query.get("cursor", "page0").removeprefix("page"))
            following = number + 1 if number < 2 else back_to
            return as_json(news_page(desk.polygon.url, [article(number)], f"page{following}"))

        desk.polygon.answer = answer

        found = desk.news.collect("AAPL", *FEBRUARY)

        assert not found.complete
        assert [item.title for item in found.articles] == ["Headline 0", "Headline 1", "Headline 2"]

    def test_an_article_on_two_pages_comes_once(self, desk: Desk) -> None:
        url = desk.polygon.url
        desk.polygon.script(
            as_json(news_page(url, [article(1), article(2)], "page1")),
            as_json(news_page(url, [article(2), article(3)])),
        )

        found = desk.news.collect("AAPL", *FEBRUARY)

        assert [item.title for item in found.articles] == ["Headline 1", "Headline 2", "Headline 3"]

    def test_what_was_read_before_a_failure_is_told_to_be_a_part(self, desk: Desk) -> None:
        self.serve_pages(desk, 5)
        page = as_json(news_page(desk.polygon.url, [article(0)], "page1"))
        desk.polygon.script(page, *[Reply(500)] * 3)

        found = desk.news.collect("AAPL", *FEBRUARY)

        assert (len(found.articles), found.complete) == (1, False)

    def test_nothing_before_a_failure_is_that_failure(self, desk: Desk) -> None:
        desk.polygon.down = Reply(500)

        with pytest.raises(ProviderError):
            desk.news.collect("AAPL", *FEBRUARY)

    def test_a_used_up_quota_is_said(self, make_desk: MakeDesk) -> None:
        with pytest.raises(ServiceUnavailable, match="quota"):
            make_desk(quota=0).news.collect("AAPL", *FEBRUARY)

    def test_stale_pages_make_a_stale_collection(self, desk: Desk) -> None:
        self.serve_pages(desk, 2)
        desk.news.collect("AAPL", *FEBRUARY)
        desk.clock.advance(days=31)
        desk.polygon.down = Reply(500)

        found = desk.news.collect("AAPL", *FEBRUARY)

        assert (len(found.articles), found.complete, found.stale) == (6, True, True)

    def test_pages_end_when_the_time_is_over(self, desk: Desk) -> None:
        def slow(asked: fakes.Asked) -> Reply:
            desk.clock.advance(seconds=2)
            number = int(asked.query.get("cursor", "page0").removeprefix("page"))
            return as_json(news_page(desk.polygon.url, [article(number)], f"page{number + 1}"))

        desk.polygon.answer = slow

        found = desk.news.collect("AAPL", *FEBRUARY, within=5)

        assert (len(found.articles), found.complete) == (3, False)
