"""The keys are in the header of a request and nowhere else, whatever goes wrong."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from foliolens.errors import FolioLensError
from foliolens.kit import json
from foliolens.kit.logging import _JsonLines
from foliolens.ports.market import NewsQuery
from foliolens.settings import MarketSettings
from tests import providers as fakes
from tests.providers import Behaviour, Drip, Hang, Reply, Reset, as_json

from .conftest import Desk, MakeDesk

SECRETS = (fakes.TIINGO_KEY, fakes.POLYGON_KEY)
PAST = (date(2026, 2, 23), date(2026, 2, 27))

FAULTS: dict[str, Callable[[str], Behaviour | None]] = {
    "none": lambda _: None,
    "500": lambda key: Reply(500, f"token {key}".encode()),
    "429": lambda _: Reply(429, headers={"Retry-After": "60"}),
    "401 that repeats the key": lambda key: as_json({"detail": f"bad token {key}"}, 401),
    "404 that repeats the key": lambda key: as_json({"detail": f"bad token {key}"}, 404),
    "400 that repeats the key": lambda key: as_json({"error": f"bad key {key}"}, 400),
    "redirect that repeats the key": lambda key: Reply(302, key.encode(), {"Location": "/"}),
    "a field with the key": lambda key: as_json([fakes.day(PAST[0], date=key)]),
    "a link with the key": lambda key: as_json(
        fakes.news_page("http://127.0.0.1", [fakes.article(1)], f"page1&apiKey={key}")
    ),
    "truncated": lambda key: Reply(body=b'[{"' + key.encode()),
    "cut off": lambda key: Reply(body=key.encode() * 10, sent=50),
    "reset": lambda _: Reset(),
    "hang": lambda _: Hang(),
    "slow headers": lambda _: Drip("headers"),
}
"""What a provider answers whose key it is."""


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Every line of every logger, at its most talkative, as the log would have it."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(_JsonLines(user_key=None).format(record) + repr(record.__dict__))

    handler, root = Keep(), logging.getLogger()
    names = ("", "httpx", "httpcore", "anyio", "asyncio", "tenacity", "pybreaker", "psycopg")
    before = {name: logging.getLogger(name).level for name in names}
    root.addHandler(handler)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def everything_said(error: BaseException | None, seen: frozenset[int] = frozenset()) -> Iterator[str]:
    """An exception, all that it holds, and all that is chained to it."""
    if error is None or id(error) in seen:
        return
    seen |= {id(error)}
    yield "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    yield repr(error) + str(error) + repr(vars(error)) + repr(error.args)
    yield from everything_said(error.__cause__, seen)
    yield from everything_said(error.__context__, seen)


def ask_everything(desk: Desk) -> Iterator[str]:
    questions: list[Callable[[], object]] = [
        lambda: desk.market.prices("AAPL", *PAST),
        lambda: desk.market.describe("AAPL"),
        lambda: desk.market.search("apple"),
        lambda: desk.market.daily_prices("AAPL", *PAST),
        lambda: desk.news.page(NewsQuery(ticker="AAPL")),
        lambda: desk.news.collect("AAPL", *PAST),
    ]
    for question in questions:
        try:
            yield repr(question())
        except FolioLensError as error:
            yield from everything_said(error)
            yield repr(error.details) + repr(error.headers)


@pytest.mark.parametrize("name", FAULTS)
def test_no_key_is_told_kept_or_logged(
    make_desk: MakeDesk, log: list[str], name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    desk = make_desk(seconds=0.2, background_seconds=0.2, attempts=2, breaker_failures=20)
    desk.tiingo.down, desk.polygon.down = map(FAULTS[name], SECRETS)

    said = list(ask_everything(desk))
    kept = repr(desk.kept())
    status = repr((desk.market.status(), desk.news.status()))
    printed = "".join(capfd.readouterr())

    asked = [*desk.tiingo.asked, *desk.polygon.asked]
    places = [*said, *log, kept, status, printed, *(one.path + repr(one.query) for one in asked)]
    assert len(log) > len(said)
    assert not [place for place in places if any(secret in place for secret in SECRETS)]


def test_the_keys_did_arrive(desk: Desk, log: list[str]) -> None:
    """Otherwise the test above would find nothing anywhere."""
    said = list(ask_everything(desk))

    assert said
    assert {asked.headers["authorization"] for asked in desk.tiingo.asked} == {f"Token {SECRETS[0]}"}
    assert {asked.headers["authorization"] for asked in desk.polygon.asked} == {f"Bearer {SECRETS[1]}"}
    assert any("httpcore" in line for line in log)


class TestSettings:
    def test_are_shown_without_the_keys(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FOLIOLENS_TIINGO_API_KEY", SECRETS[0])
        settings = MarketSettings.read()

        assert settings.tiingo_api_key is not None
        assert settings.tiingo_api_key.reveal() == SECRETS[0]
        assert SECRETS[0] not in repr(settings) + str(settings)
        with pytest.raises(TypeError, match="Secret is unsupported"):
            json.encode(settings)

    @pytest.mark.parametrize("key", ["", "   "])
    def test_an_empty_key_is_none(self, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
        monkeypatch.setenv("FOLIOLENS_TIINGO_API_KEY", key)

        assert MarketSettings.read().tiingo_api_key is None

    @pytest.mark.parametrize("key", [f"{SECRETS[0]} x", f"{SECRETS[0]}\nHost: evil", f"{SECRETS[0]}é"])
    def test_a_key_that_no_header_can_hold_is_refused_unseen(
        self, monkeypatch: pytest.MonkeyPatch, key: str
    ) -> None:
        monkeypatch.setenv("FOLIOLENS_TIINGO_API_KEY", key)

        with pytest.raises(ValueError, match="FOLIOLENS_TIINGO_API_KEY must be") as refused:
            MarketSettings.read()
        assert SECRETS[0] not in str(refused.value)
