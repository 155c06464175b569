"""Tiingo and Polygon on loopback: they answer as the documentation says, and fail as told.

Both are spoken to over real HTTP. A fault is queued with `script` and used up by one request; without one the
fake behaves.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TIINGO_KEY = "tiingo-secret-5b1d7c02f9"
POLYGON_KEY = "polygon-secret-93ae6f10d4"

_DRIP_SECONDS = 0.02


@dataclass(frozen=True)
class Asked:
    """A request that arrived."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer, whole or cut off."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    sent: int | None = None
    """How many bytes of the body are sent before the connection is closed; None sends all."""

    def give(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        handler.send_response(self.status)
        for name, value in {"Content-Type": "application/json", **self.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(self.body)))
        handler.end_headers()
        handler.wfile.write(self.body[: self.sent])
        handler.close_connection = handler.close_connection or self.sent is not None


class Hang:
    """Takes the request and says nothing."""

    def give(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        ended.wait()
        handler.close_connection = True


class Reset:
    """Breaks the connection."""

    def give(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
        handler.close_connection = True


@dataclass(frozen=True)
class Drip:
    """Sends a byte now and then for ever: of the headers, or of the body."""

    of: str

    def give(self, handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        if self.of == "body":
            handler.send_response(200)
            handler.send_header("Content-Length", "100000")
            handler.end_headers()
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not ended.wait(_DRIP_SECONDS):
            try:
                handler.wfile.write(b" ")
            except OSError:
                break
        handler.close_connection = True


Behaviour = Reply | Hang | Reset | Drip
Answering = Callable[[Asked], Behaviour]


class Fake:
    """A provider's server.

    Attributes:
        asked: Requests, in order of arrival.
        down: What every request gets while it is set.
    """

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self.down: Behaviour | None = None
        self._script: deque[Behaviour] = deque()
        self._arrival = threading.Condition()
        self._ended = threading.Event()
        self._gate = threading.Event()
        self._gate.set()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are sent apart: 40 ms an answer otherwise

            def do_GET(self) -> None:
                fake.serve(self)

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # clients that hang up are the point of some tests

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def script(self, *behaviours: Behaviour) -> None:
        """What the next requests get, in this order."""
        self._script.extend(behaviours)

    def recover(self) -> None:
        """Behave again."""
        self.down = None
        self._script.clear()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Requests that arrive meanwhile are answered when the block ends."""
        self._gate.clear()
        try:
            yield
        finally:
            self._gate.set()

    def await_asked(self, count: int) -> None:
        """Wait until so many requests have arrived."""
        with self._arrival:
            assert self._arrival.wait_for(lambda: len(self.asked) >= count, timeout=30), self.asked

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        asked = Asked(
            url.path, dict(parse_qsl(url.query)), {k.lower(): v for k, v in handler.headers.items()}
        )
        with self._arrival:
            self.asked.append(asked)
            self._arrival.notify_all()
        self._gate.wait()
        behaviour = self._script.popleft() if self._script else self.down or self.answer(asked)
        behaviour.give(handler, self._ended)

    def close(self) -> None:
        self._ended.set()
        self._gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def running(answer: Answering) -> Iterator[Fake]:
    fake = Fake(answer)
    try:
        yield fake
    finally:
        fake.close()


@contextmanager
def running_both(priced: Callable[[date], Answering] | None = None) -> Iterator[tuple[Fake, Fake]]:
    """Tiingo, or what answers in its place, and Polygon with three pages of news, as they are today."""
    with (
        running((priced or tiingo)(datetime.now(UTC).date())) as prices,
        running(lambda _: Reply(500)) as news,
    ):
        news.answer = polygon(pages=3)(news)
        yield prices, news


@contextmanager
def settings(quota: int = 500) -> Iterator[dict[str, str]]:
    """The settings of a server that asks fakes, which run while the block lasts."""
    with running_both() as (prices, news):
        yield settings_for(prices, news, quota)


def settings_for(prices: Fake, news: Fake, quota: int = 1_000_000) -> dict[str, str]:
    """The settings of a server that asks these fakes."""
    return {
        "tiingo_url": prices.url,
        "tiingo_api_key": TIINGO_KEY,
        "tiingo_quota_per_hour": str(quota),
        "polygon_url": news.url,
        "polygon_api_key": POLYGON_KEY,
        "polygon_quota_per_minute": str(quota),
    }


def as_json(value: object, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(value).encode(), headers)


# --- Tiingo -------------------------------------------------------------------------------------------

DESCRIPTION = {
    "name": "Apple Inc",
    "description": "Designs phones.",
    "ticker": "AAPL",
    "exchangeCode": "NASDAQ",
    "startDate": "1980-12-12",
    "endDate": "2026-02-27",
}
MATCHES = [
    {
        "name": "Apple Inc",
        "ticker": "AAPL",
        "permaTicker": "US000000000038",
        "openFIGIComposite": "BBG000B9XRY4",
        "assetType": "Stock",
        "isActive": True,
        "countryCode": "US",
    },
    {
        "name": "Apple Inc CDR",
        "ticker": "AAPL",
        "permaTicker": "CA000000137372",
        "openFIGIComposite": None,
        "assetType": "Stock",
        "isActive": True,
        "countryCode": "CA",
    },
]


def day(when: date, close: float = 190.5, **more: object) -> dict[str, object]:
    """A row of `GET /tiingo/daily/{ticker}/prices`."""
    return {
        "date": f"{when}T00:00:00.000Z",
        "close": close,
        "high": close + 1,
        "low": close - 1,
        "open": close - 0.25,
        "volume": 7255394,
        "adjClose": close / 2,
        "adjHigh": (close + 1) / 2,
        "adjLow": (close - 1) / 2,
        "adjOpen": (close - 0.25) / 2,
        "adjVolume": 14510788,
        "divCash": 0.0,
        "splitFactor": 1.0,
        **more,
    }


def weekdays(first: date, last: date) -> list[date]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [when for when in days if when.weekday() < 5]


def tiingo(today: date) -> Answering:
    """Tiingo as documented; it knows AAPL and BRK-B."""

    def answer(asked: Asked) -> Behaviour:
        if asked.headers.get("authorization") != f"Token {TIINGO_KEY}":
            return as_json({"detail": "Please supply a token"}, 401)
        match asked.path.removeprefix("/tiingo").split("/")[1:]:
            case ["daily", "AAPL" | "BRK-B", "prices"]:
                last = min(date.fromisoformat(asked.query.get("endDate", f"{today}")), today)
                first = date.fromisoformat(asked.query.get("startDate", f"{last}"))
                return as_json([day(when) for when in weekdays(first, last)])
            case ["daily", "AAPL" | "BRK-B" as ticker]:
                return as_json(DESCRIPTION | {"ticker": ticker})
            case ["daily", ticker, *_]:
                return as_json({"detail": f"Error: Ticker '{ticker}' not found"}, 404)
            case ["utilities", "search"]:
                return as_json([m for m in MATCHES if asked.query["query"] in str(m["name"]).lower()])
        return as_json({"detail": "Not found."}, 404)

    return answer


def walking(today: date) -> Answering:
    """Tiingo for figures that are worth computing: every ticker it knows goes its own way each day.

    It knows no ticker that begins with NO.
    """

    @cache
    def closes(ticker: str) -> dict[date, float]:
        steps, close = random.Random(ticker), 100.0
        found = {}
        for when in weekdays(today - timedelta(days=7 * 366), today):
            close *= 1 + steps.gauss(0.0003, 0.012)
            found[when] = round(close, 2)
        return found

    constant = tiingo(today)

    def answer(asked: Asked) -> Behaviour:
        told = constant(asked)
        match asked.path.removeprefix("/tiingo").split("/")[1:]:
            case ["daily", ticker, "prices"] if not ticker.startswith("NO"):
                last = date.fromisoformat(asked.query.get("endDate", f"{today}"))
                first = date.fromisoformat(asked.query.get("startDate", f"{last}"))
                days = closes(ticker).items()
                return as_json([day(when, close) for when, close in days if first <= when <= last])
        return told

    return answer


# --- Polygon ------------------------------------------------------------------------------------------


def article(number: int, **more: object) -> dict[str, object]:
    """A result of `GET /v2/reference/news`."""
    return {
        "id": f"{number:064x}",
        "publisher": {
            "name": "The Wire",
            "homepage_url": "https://wire.example/",
            "logo_url": "https://wire.example/logo.png",
            "favicon_url": "https://wire.example/favicon.ico",
        },
        "title": f"Headline {number}",
        "author": "Ada Lovelace",
        "published_utc": f"2026-02-{28 - number % 28:02d}T12:00:00Z",
        "article_url": f"https://wire.example/articles/{number}",
        "tickers": ["AAPL"],
        "image_url": f"https://wire.example/{number}.jpg",
        "description": "What happened.",
        "keywords": ["phones"],
        "insights": [{"ticker": "AAPL", "sentiment": "positive", "sentiment_reasoning": "Sold well."}],
        **more,
    }


def news_page(
    url: str, articles: list[dict[str, object]], cursor: str | None = None, **more: object
) -> dict[str, object]:
    """A body of `GET /v2/reference/news`, `next_url` on the host that was asked."""
    page: dict[str, object] = {
        "results": articles,
        "status": "OK",
        "request_id": "831afdb0b8078549fed053476984947a",
        "count": len(articles),
        **more,
    }
    return page if cursor is None else {**page, "next_url": f"{url}/v2/reference/news?cursor={cursor}"}


def polygon(pages: int = 1, size: int = 3) -> Callable[[Fake], Answering]:
    """Polygon as documented, with so many pages of news about every ticker."""

    def of(fake: Fake) -> Answering:
        def answer(asked: Asked) -> Behaviour:
            if asked.headers.get("authorization") != f"Bearer {POLYGON_KEY}":
                return as_json({"status": "ERROR", "request_id": "1", "error": "Unknown API Key"}, 401)
            if asked.path != "/v2/reference/news":
                return as_json({"status": "NOT_FOUND", "request_id": "1", "message": "Not found."}, 404)
            cursor = asked.query.get("cursor", "page0")
            if not cursor.startswith("page"):
                return as_json({"status": "ERROR", "request_id": "1", "error": "invalid cursor"}, 400)
            number = int(cursor.removeprefix("page"))
            articles = [article(number * size + n) for n in range(size)]
            following = f"page{number + 1}" if number + 1 < pages else None
            return as_json(news_page(fake.url, articles, following))

        return answer

    return of
