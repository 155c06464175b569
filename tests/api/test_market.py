"""The market data routes over real HTTP on both sides: our server, and stand-ins of the providers."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import httpx
import psycopg
import pytest

from foliolens.adapters.local.postgres import running_url
from foliolens.entrypoints.application import api_document
from foliolens.entrypoints.open_routes import OPEN_ROUTES
from tests import providers
from tests.providers import (
    POLYGON_KEY,
    TIINGO_KEY,
    Fake,
    Reply,
    article,
    as_json,
    news_page,
)

from .conftest import Server, running_server, signed_up
from .exchanges import assert_error, create_portfolio, holding, portfolio, problems

API_KEY = "program-7f3a91c05e2d"
WITH_KEY = {"X-Api-Key": API_KEY}
PAST = {"startDate": "2026-02-23", "endDate": "2026-02-27"}
DAYS = [providers.day(when) for when in providers.weekdays(date(2026, 2, 23), date(2026, 2, 27))]


@dataclass(frozen=True)
class Market:
    """A server with both keys, and the providers it asks."""

    server: Server
    client: httpx.Client
    tiingo: Fake
    polygon: Fake


@pytest.fixture(scope="module")
def world() -> Iterator[Market]:
    with (
        providers.running_both() as (tiingo, polygon),
        running_server(
            **providers.settings_for(tiingo, polygon),
            auto_confirm="true",
            market_seconds="20",
            provider_breaker_failures="1000",
            rate_limits="on",
            rate_anonymous_per_minute="1000",
            rate_user_per_hour="7",
            api_keys=f"another-key-of-16,{API_KEY}",
            cors_origins="https://app.example.com",
        ) as server,
        httpx.Client(base_url=f"{server.url}/v1", timeout=30) as client,
    ):
        yield Market(server, client, tiingo, polygon)


@pytest.fixture
def market(world: Market) -> Iterator[Market]:
    """The same for every test, each of which asks for other tickers, dates or words."""
    yield world
    world.tiingo.recover()
    world.polygon.recover()


def grow_old(server: Server) -> None:
    """Let the time of everything in the cache be over."""
    url = running_url(server.data / "postgres")
    assert url is not None
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE cache_entries SET fresh_until = now() - interval '1 second'")


class TestTiingosPaths:
    def test_prices(self, market: Market) -> None:
        answer = market.client.get("/tiingo/daily/AAPL/prices", params={**PAST, "token": "of-the-client"})

        assert (answer.status_code, answer.json()) == (200, DAYS)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-cache"] == "MISS"
        assert "warning" not in answer.headers
        assert market.client.get("/tiingo/daily/AAPL/prices", params=PAST).headers["x-cache"] == "HIT"

    def test_a_description(self, market: Market) -> None:
        assert market.client.get("/tiingo/daily/aapl").json() == providers.DESCRIPTION

    def test_a_search(self, market: Market) -> None:
        assert market.client.get("/tiingo/utilities/search?query=Apple").json() == providers.MATCHES

    def test_days_may_be_written_as_tiingos_documentation_writes_them(self, market: Market) -> None:
        answer = market.client.get("/tiingo/daily/AAPL/prices?startDate=2026-2-2&endDate=2026-2-03")

        assert [day["date"][:10] for day in answer.json()] == ["2026-02-02", "2026-02-03"]

    def test_an_unknown_ticker_is_not_found(self, market: Market) -> None:
        for path in ("/tiingo/daily/NOPE", "/tiingo/daily/NOPE/prices", "/stocks?ticker=NOPE"):
            body = assert_error(market.client.get(path), 404, "TICKER_NOT_FOUND")
            assert "NOPE" in body["message"]

    @pytest.mark.parametrize("name", ["token", "apiKey", "apikey", "api_key"])
    def test_the_clients_key_is_not_passed_on(self, market: Market, name: str) -> None:
        market.tiingo.asked.clear()

        words = f"without {name.encode().hex()}"
        answer = market.client.get("/tiingo/utilities/search", params={"query": words, name: "of-the-client"})

        assert answer.status_code == 200
        (asked,) = market.tiingo.asked
        assert "of-the-client" not in repr(asked)
        assert asked.headers["authorization"] == f"Token {TIINGO_KEY}"

    def test_the_clients_headers_are_not_passed_on(self, market: Market) -> None:
        market.tiingo.asked.clear()
        mine = {"Authorization": "Token of-the-client", "Cookie": "a=b", "X-Forwarded-For": "10.0.0.1"}

        market.client.get("/tiingo/utilities/search?query=headers", headers=mine)

        (asked,) = market.tiingo.asked
        assert asked.headers.keys() == {
            "host",
            "connection",
            "accept",
            "accept-encoding",
            "user-agent",
            "authorization",
        }
        assert asked.headers["authorization"] == f"Token {TIINGO_KEY}"


class TestPolygonsPath:
    PATH = "/v2/reference/news"

    def test_news(self, market: Market) -> None:
        params = {
            "ticker": "AAPL",
            "published_utc.gte": "2026-02-01",
            "limit": "3",
            "apiKey": "of-the-client",
        }

        answer = market.client.get(self.PATH, params=params)

        body = answer.json()
        assert body["results"] == [article(n) for n in range(3)]
        assert (body["status"], body["count"]) == ("OK", 3)
        assert body["request_id"] == answer.headers["x-request-id"]
        asked = market.polygon.asked[-1]
        assert "of-the-client" not in repr(asked)
        assert asked.headers["authorization"] == f"Bearer {POLYGON_KEY}"

    def test_the_next_page_is_on_this_server_and_holds_no_key(self, market: Market) -> None:
        urls, titles = [f"{market.server.url}/v1{self.PATH}?ticker=AAPL&limit=3"], []
        while urls[-1]:
            body = httpx.get(urls[-1]).json()
            titles += [one["title"] for one in body["results"]]
            urls.append(body.get("next_url"))

        assert titles == [f"Headline {n}" for n in range(9)]
        assert urls[1:] == [f"{market.server.url}/v1{self.PATH}?cursor=page{n}" for n in (1, 2)] + [None]

    def test_the_next_page_is_at_the_address_that_was_asked(self, market: Market) -> None:
        answer = market.client.get(
            self.PATH, params={"ticker": "MSFT"}, headers={"Host": "stocks.example:8443"}
        )

        assert answer.json()["next_url"] == f"http://stocks.example:8443/v1{self.PATH}?cursor=page1"

    def test_a_cursor_of_strange_letters_survives(self, market: Market) -> None:
        cursor = "YXA9MjAyMg==.~+/-_"
        url = market.polygon.url
        market.polygon.script(
            as_json(news_page(url, [article(1)], httpx.QueryParams(c=cursor)["c"].replace("+", "%2B")))
        )
        following = market.client.get(self.PATH, params={"ticker": "STRANGE"}).json()["next_url"]
        market.polygon.script(as_json(news_page(url, [article(2)])))

        assert httpx.get(following).status_code == 200
        assert market.polygon.asked[-1].query == {"cursor": cursor}

    def test_a_cursor_that_the_provider_does_not_accept(self, market: Market) -> None:
        body = assert_error(market.client.get(self.PATH, params={"cursor": "bad"}), 400, "VALIDATION_ERROR")

        assert problems(body) == {("cursor", "NOT_ACCEPTED")}


class TestFriendlyPaths:
    def test_stocks_are_the_same_prices(self, market: Market) -> None:
        assert market.client.get("/stocks", params={"ticker": "AAPL", **PAST}).json() == DAYS

    def test_stocks_are_the_same_description(self, market: Market) -> None:
        answer = market.client.get("/stocks?ticker=AAPL&type=metadata")

        assert answer.json() == providers.DESCRIPTION

    def test_search_is_the_same(self, market: Market) -> None:
        assert market.client.get("/search?query=apple").json() == providers.MATCHES

    def test_news_of_whole_days(self, market: Market) -> None:
        answer = market.client.get("/news?ticker=aapl&from=2026-02-03&to=2026-02-04")

        assert answer.json()["results"] == [article(n) for n in range(3)]
        asked = market.polygon.asked[-1].query
        assert (asked["ticker"], asked["published_utc.gte"], asked["published_utc.lte"], asked["limit"]) == (
            "AAPL",
            "2026-02-03",
            "2026-02-04T23:59:59Z",
            "50",
        )

    def test_both_paths_share_an_answer(self, market: Market) -> None:
        dates = {"startDate": "2026-01-05", "endDate": "2026-01-09"}
        market.client.get("/stocks", params={"ticker": "AAPL", **dates})

        assert market.client.get("/tiingo/daily/aapl/prices", params=dates).headers["x-cache"] == "HIT"


class TestWhatIsRefused:
    """Before anything is asked of a provider."""

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/stocks", ("ticker", "MISSING_REQUIRED_FIELD")),
            ("/stocks?ticker=", ("ticker", "INVALID_VALUE")),
            ("/stocks?ticker=AA PL", ("ticker", "INVALID_VALUE")),
            ("/stocks?ticker=../../etc", ("ticker", "INVALID_VALUE")),
            ("/stocks?ticker=AAPL%3Ftoken%3Dx", ("ticker", "INVALID_VALUE")),
            ("/stocks?ticker=AAPL%0d%0aHost:evil", ("ticker", "INVALID_VALUE")),
            ("/stocks?ticker=" + "A" * 21, ("ticker", "INVALID_VALUE")),
            ("/stocks?ticker=AAPL&type=options", ("type", "INVALID_VALUE")),
            ("/stocks?ticker=AAPL&startDate=2026-02-30", ("startDate", "NO_SUCH_DAY")),
            ("/stocks?ticker=AAPL&startDate=yesterday", ("startDate", "INVALID_VALUE")),
            ("/stocks?ticker=AAPL&startDate=2026-02-02&endDate=2026-02-01", ("startDate", "AFTER_END")),
            ("/tiingo/daily/-AAPL", ("ticker", "INVALID_VALUE")),
            ("/tiingo/daily/AAPL@evil.example", ("ticker", "INVALID_VALUE")),
            ("/tiingo/daily/AAPL/prices?resampleFreq=weekly", ("resampleFreq", "NOT_SUPPORTED")),
            ("/tiingo/daily/AAPL/prices?format=csv", ("format", "NOT_SUPPORTED")),
            ("/tiingo/daily/AAPL/prices?columns=close", ("columns", "NOT_SUPPORTED")),
            ("/tiingo/daily/AAPL/prices?sort=-date", ("sort", "NOT_SUPPORTED")),
            ("/search?query=", ("query", "INVALID_VALUE")),
            ("/search?query=%20%20", ("query", "EMPTY")),
            ("/search?query=a%0ab", ("query", "INVALID_VALUE")),
            ("/search?query=" + "a" * 101, ("query", "INVALID_VALUE")),
            ("/v2/reference/news?limit=0", ("limit", "INVALID_VALUE")),
            ("/v2/reference/news?limit=1001", ("limit", "INVALID_VALUE")),
            ("/v2/reference/news?published_utc.gte=today", ("published_utc.gte", "INVALID_VALUE")),
            ("/v2/reference/news?published_utc.gte=2026-02-30", ("published_utc.gte", "NO_SUCH_TIME")),
            ("/v2/reference/news?published_utc.gt=2026-02-01", ("published_utc.gt", "NOT_SUPPORTED")),
            ("/v2/reference/news?order=asc", ("order", "NOT_SUPPORTED")),
            ("/v2/reference/news?cursor=https%3A%2F%2Fevil.example", ("cursor", "INVALID_VALUE")),
            ("/v2/reference/news?cursor=a%26apiKey", ("cursor", "INVALID_VALUE")),
            ("/news?from=2026-02-01", ("ticker", "MISSING_REQUIRED_FIELD")),
            ("/news?ticker=AAPL&from=2026-02-02&to=2026-02-01", ("from", "AFTER_END")),
        ],
    )
    def test_says_what_and_where(self, market: Market, path: str, expected: tuple[str, str]) -> None:
        before = len(market.tiingo.asked) + len(market.polygon.asked)

        body = assert_error(market.client.get(path), 400, "VALIDATION_ERROR")

        assert expected in problems(body)
        assert len(market.tiingo.asked) + len(market.polygon.asked) == before

    @pytest.mark.parametrize(
        "path",
        [
            "/tiingo/daily/AAPL/prices?resampleFreq=daily&format=json&startDate=2026-02-02",
            "/v2/reference/news?ticker=AAPL&order=desc&sort=published_utc&unknown=1",
        ],
    )
    def test_options_that_ask_for_what_is_served_are_no_mistake(self, market: Market, path: str) -> None:
        assert market.client.get(path).status_code == 200


class TestAProviderThatIsDown:
    @pytest.mark.parametrize("fault", [Reply(500), Reply(body=b"[{")], ids=["500", "truncated"])
    def test_is_a_bad_gateway_where_nothing_is_known(self, market: Market, fault: Reply) -> None:
        market.tiingo.down = fault

        answer = market.client.get("/search", params={"query": f"nothing known {fault.status}"})

        assert_error(answer, 502, "PROVIDER_ERROR")
        assert int(answer.headers["retry-after"]) >= 1
        assert market.client.get("/ready").status_code == 200

    def test_holds_up_no_other_route(self, market: Market) -> None:
        """More requests wait for the provider than the server has threads for everything else."""
        waiting = 50
        with signed_up(market.server) as user, ThreadPoolExecutor(waiting) as threads, market.tiingo.held():
            before = len(market.tiingo.asked)
            asking = [
                threads.submit(httpx.get, f"{market.server.url}/v1/search?query=held+{n}", timeout=60)
                for n in range(waiting)
            ]
            market.tiingo.await_asked(before + 1)
            create_portfolio(user.client)
            listed = user.client.get("/portfolios")

            assert listed.json()["pagination"]["total"] == 1
        for one in asking:
            assert one.result().status_code == 200

    def test_holds_up_no_report(self, market: Market) -> None:
        """The report is there before the provider answers, says what is missing, and when to ask again."""
        held = portfolio("Held", holding("HELDUP", 6000), holding("HELDDOWN", 4000))
        with signed_up(market.server) as user, market.tiingo.held():
            identifier = create_portfolio(user.client, **held)["id"]
            told = user.client.get(f"/portfolios/{identifier}/risk").json()["market"]

        assert told["reason"] == "No holding has prices: the prices are being fetched."
        (missing,) = told["prices"]["missing"]
        assert set(missing["symbols"]) == {"HELDUP", "HELDDOWN"}
        assert told["prices"]["retryAfter"] >= 1


def test_many_who_ask_for_the_same_cost_one_call(market: Market) -> None:
    url = f"{market.server.url}/v1/stocks?ticker=AAPL&startDate=2025-01-01&endDate=2025-06-30"
    with ThreadPoolExecutor(32) as threads:
        market.tiingo.asked.clear()
        answers = list(threads.map(lambda _: httpx.get(url, timeout=30), range(64)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    # Others' prices may be fetched in the background meanwhile.
    assert [asked.path for asked in market.tiingo.asked if "AAPL" in asked.path] == [
        "/tiingo/daily/AAPL/prices"
    ]


def test_what_was_known_is_served_and_marked_as_stale(market: Market) -> None:
    known = market.client.get("/stocks?ticker=AAPL&startDate=2026-01-12")
    headlines = market.client.get("/news?ticker=OLD")
    grow_old(market.server)
    market.tiingo.down = market.polygon.down = Reply(500)

    prices = market.client.get("/stocks?ticker=AAPL&startDate=2026-01-12")
    news = market.client.get("/news?ticker=OLD")

    assert (prices.content, news.json()["results"]) == (known.content, headlines.json()["results"])
    for answer in (prices, news):
        assert (answer.status_code, answer.headers["x-cache"]) == (200, "STALE")
        assert answer.headers["warning"] == '110 - "Response is Stale"'


class TestCallers:
    def test_a_page_of_a_named_origin_may_read_the_state(self, market: Market) -> None:
        answer = market.client.get("/search?query=apple", headers={"Origin": "https://app.example.com"})

        exposed = answer.headers["access-control-expose-headers"]
        assert {"X-Cache", "Warning"} <= set(exposed.split(", "))

    def test_an_api_key_has_a_limit_of_its_own(self, market: Market) -> None:
        for n in range(2):
            answer = market.client.get("/search?query=apple", headers=WITH_KEY)
            assert answer.headers["x-ratelimit-limit"] == "7"
            assert answer.headers["x-ratelimit-remaining"] == str(6 - n)

        wrong = market.client.get("/search?query=apple", headers={"X-Api-Key": API_KEY + "x"})
        assert wrong.headers["x-ratelimit-limit"] == "1000"

    def test_anonymous_callers_have_theirs(self, market: Market) -> None:
        assert market.client.get("/search?query=apple").headers["x-ratelimit-limit"] == "1000"


@pytest.fixture(scope="module")
def closed() -> Iterator[Market]:
    """A server that demands credentials, behind a proxy, without a key for Tiingo, soon tired of Polygon."""
    with (
        providers.running_both() as (tiingo, polygon),
        running_server(
            **providers.settings_for(tiingo, polygon) | {"tiingo_api_key": ""},
            auto_confirm="true",
            anonymous_access="off",
            api_keys=API_KEY,
            public_url="https://api.example.com",
            provider_attempts="1",
            provider_breaker_failures="2",
            provider_breaker_seconds="0.5",
        ) as server,
        httpx.Client(base_url=f"{server.url}/v1", timeout=30) as client,
    ):
        yield Market(server, client, tiingo, polygon)


class TestAccess:
    OPEN_OTHERWISE = (
        ("GET", "/stocks?ticker=AAPL"),
        ("GET", "/search?query=apple"),
        ("GET", "/news?ticker=AAPL"),
        ("GET", "/tiingo/daily/AAPL"),
        ("GET", "/tiingo/daily/AAPL/prices"),
        ("GET", "/tiingo/utilities/search?query=apple"),
        ("GET", "/v2/reference/news"),
        ("POST", "/sentiment"),
        ("POST", "/sentiment/batch"),
        ("POST", "/predict"),
    )

    @pytest.mark.parametrize(("method", "path"), OPEN_OTHERWISE)
    def test_can_be_demanded(self, closed: Market, method: str, path: str) -> None:
        nothing = closed.client.request(method, path)
        wrong_key = closed.client.request(method, path, headers={"X-Api-Key": "a-wrong-key-of-16"})
        wrong_token = closed.client.request(method, path, headers={"Authorization": "Bearer a.b.c"})

        assert_error(nothing, 401, "AUTHENTICATION_REQUIRED")
        assert_error(wrong_key, 401, "AUTHENTICATION_FAILED")
        assert_error(wrong_token, 401, "AUTHENTICATION_FAILED")

    def test_by_an_api_key(self, closed: Market) -> None:
        answer = closed.client.get("/news?ticker=AAPL", headers=WITH_KEY)

        assert answer.status_code == 200

    def test_by_a_bearer_token(self, closed: Market) -> None:
        with signed_up(closed.server) as user:
            assert user.client.get("/news?ticker=AAPL").status_code == 200

    def test_an_api_key_opens_no_private_route(self, closed: Market) -> None:
        answer = closed.client.get("/portfolios", headers=WITH_KEY)

        assert_error(answer, 401, "AUTHENTICATION_REQUIRED")

    def test_every_other_route_is_as_before(self, closed: Market) -> None:
        assert closed.client.get("/health").status_code == 200
        assert httpx.get(f"{closed.server.url}/openapi.json").status_code == 200

    def test_the_routes_that_are_closed_are_those_of_the_three_features(self) -> None:
        paths = {
            path
            for path, methods in api_document()["paths"].items()
            for operation in methods.values()
            if set(operation["tags"]) & {"market", "sentiment", "prediction"}
        }

        assert paths == {path for path in api_document()["paths"] if path.startswith(OPEN_ROUTES)}


class TestWithoutAKey:
    @pytest.mark.parametrize("path", ["/stocks?ticker=AAPL", "/tiingo/daily/AAPL"])
    def test_the_reason_is_told(self, closed: Market, path: str) -> None:
        body = assert_error(closed.client.get(path, headers=WITH_KEY), 503, "SERVICE_UNAVAILABLE")

        assert "FOLIOLENS_TIINGO_API_KEY" in body["message"]
        assert closed.tiingo.asked == []
        assert closed.client.get("/ready").status_code == 200


class TestBehindAProxy:
    def test_the_next_page_is_at_the_public_address(self, closed: Market) -> None:
        answer = closed.client.get("/news?ticker=AAPL", headers=WITH_KEY)

        assert answer.json()["next_url"] == "https://api.example.com/v1/v2/reference/news?cursor=page1"


class TestRecovery:
    """One after the other, with the server running all the time."""

    def news(self, closed: Market, ticker: str) -> httpx.Response:
        return closed.client.get(f"/news?ticker={ticker}", headers=WITH_KEY)

    def test_needs_no_restart(self, closed: Market) -> None:
        self.news(closed, "KNOWN").raise_for_status()
        grow_old(closed.server)
        closed.polygon.down = Reply(500)
        failing = [self.news(closed, f"NEW{n}") for n in range(2)]
        left_alone = self.news(closed, "NEW3")
        stale = self.news(closed, "KNOWN")
        closed.polygon.recover()

        deadline = time.monotonic() + 30
        while (back := self.news(closed, "NEW4")).status_code == 503 and time.monotonic() < deadline:
            pass

        assert [answer.status_code for answer in failing] == [502, 502]
        assert_error(left_alone, 503, "SERVICE_UNAVAILABLE")
        assert stale.headers["x-cache"] == "STALE"
        assert (back.status_code, back.headers["x-cache"]) == (200, "MISS")

    def test_a_pause_that_the_provider_asks_for_is_told(self, closed: Market) -> None:
        closed.polygon.script(Reply(429, headers={"Retry-After": "30"}))

        answers = [self.news(closed, f"PAUSE{n}") for n in range(2)]

        assert_error(answers[0], 502, "PROVIDER_ERROR")
        assert_error(answers[1], 503, "SERVICE_UNAVAILABLE")
        assert answers[0].headers["retry-after"] == "30"
        assert 1 <= int(answers[1].headers["retry-after"]) <= 30


def test_no_key_is_in_the_logs_or_the_database(market: Market, closed: Market) -> None:
    for world in (market, closed):
        log = world.server.log.read_text()
        url = running_url(world.server.data / "postgres")
        assert url is not None
        with psycopg.connect(url) as connection:
            rows = connection.execute("SELECT key, value FROM cache_entries").fetchall()
        kept = repr([(key, zlib.decompress(value)) for key, value in rows if value])

        assert "GET /v1/" in log
        assert "wire.example" in kept
        assert not [key for key in (TIINGO_KEY, POLYGON_KEY, API_KEY) if key in log or key in kept]
