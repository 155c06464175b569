"""The circuit breaker: a provider that is down is left alone, tried at times, and comes back by itself."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from foliolens.errors import ProviderError, ServiceUnavailable, TickerNotFound, ValidationFailed
from foliolens.ports.market import NewsQuery
from tests import providers as fakes
from tests.providers import Behaviour, Reply, Reset

from .conftest import Desk, MakeDesk

FAILURES = 3  # of MANNERS
OPEN_SECONDS = 30


def start(number: int) -> date:
    """A question of its own for each number."""
    return date(2026, 1, 1 + number)


def fail(desk: Desk, times: int) -> None:
    for number in range(times):
        with pytest.raises(ProviderError):
            desk.market.prices("AAPL", start(number), date(2026, 2, 1))


def open_circuit(desk: Desk) -> None:
    desk.tiingo.down = Reply(500)
    fail(desk, FAILURES)
    desk.tiingo.asked.clear()


@pytest.mark.parametrize(
    "fault",
    [Reply(500), Reply(429), Reply(401), Reply(302), Reset(), Reply(body=b"["), fakes.as_json([{}])],
    ids=["500", "429", "401", "302", "reset", "truncated", "wrong types"],
)
def test_it_opens_after_so_many_failures_in_a_row(make_desk: MakeDesk, fault: Behaviour) -> None:
    desk = make_desk(attempts=1)
    desk.tiingo.down = fault
    fail(desk, FAILURES)

    with pytest.raises(ServiceUnavailable, match="left alone") as refused:
        desk.market.describe("AAPL")

    assert int(refused.value.headers["Retry-After"]) == OPEN_SECONDS
    assert len(desk.tiingo.asked) == FAILURES
    assert desk.market.status().breaker == "open"


def test_a_success_in_between_begins_the_count_anew(make_desk: MakeDesk) -> None:
    desk = make_desk(attempts=1)
    for number in range(3):
        desk.tiingo.script(Reply(500), Reply(500))
        for _ in range(2):
            with pytest.raises(ProviderError):
                desk.market.describe("AAPL")
        desk.market.prices("AAPL", start(number), None)

    assert desk.market.status().breaker == "closed"


def test_answers_about_the_question_are_no_failures(desk: Desk) -> None:
    for number in range(2 * FAILURES):
        with pytest.raises(TickerNotFound):
            desk.market.describe(f"NOPE{number}")
        desk.tiingo.script(fakes.as_json({"detail": "no"}, 400))
        with pytest.raises(ValidationFailed):
            desk.market.prices("AAPL", start(number), None)

    assert desk.market.status().breaker == "closed"


def test_while_it_is_open_stale_answers_are_served_and_nothing_is_asked(desk: Desk) -> None:
    desk.market.describe("AAPL")
    desk.clock.advance(days=8)
    open_circuit(desk)

    assert [desk.market.describe("AAPL").state for _ in range(5)] == ["STALE"] * 5
    assert desk.tiingo.asked == []


def test_it_lets_one_call_try_after_a_while_and_closes_when_that_succeeds(desk: Desk) -> None:
    open_circuit(desk)
    desk.tiingo.down = None
    desk.clock.advance(seconds=OPEN_SECONDS - 1)
    with pytest.raises(ServiceUnavailable):
        desk.market.describe("AAPL")
    assert desk.market.status().breaker == "open"
    desk.clock.advance(seconds=1)
    assert desk.market.status().breaker == "half-open"

    assert desk.market.describe("AAPL").state == "MISS"
    assert desk.market.status().breaker == "closed"
    assert desk.market.prices("AAPL", None, None).state == "MISS"


def test_it_opens_again_when_the_trial_fails(make_desk: MakeDesk) -> None:
    desk = make_desk(attempts=1)
    open_circuit(desk)
    for _ in range(3):
        desk.clock.advance(seconds=OPEN_SECONDS)
        with pytest.raises(ProviderError):
            desk.market.describe("AAPL")
        with pytest.raises(ServiceUnavailable):
            desk.market.describe("AAPL")

    assert len(desk.tiingo.asked) == 3  # one trial each time


def test_others_are_turned_away_while_one_tries(desk: Desk) -> None:
    open_circuit(desk)
    desk.tiingo.down = None
    desk.clock.advance(seconds=OPEN_SECONDS)

    with ThreadPoolExecutor(1) as threads:
        with desk.tiingo.held():
            trial = threads.submit(desk.market.describe, "AAPL")
            desk.tiingo.await_asked(1)
            with pytest.raises(ServiceUnavailable) as turned_away:
                desk.market.prices("AAPL", None, None)
        assert trial.result().state == "MISS"

    assert int(turned_away.value.headers["Retry-After"]) == 1
    assert desk.market.prices("AAPL", None, None).state == "MISS"


def test_calls_run_beside_each_other(desk: Desk) -> None:
    """A slow answer to one question holds up no other."""
    with ThreadPoolExecutor(4) as threads, desk.tiingo.held():
        running = [threads.submit(desk.market.prices, "AAPL", start(n), None) for n in range(4)]
        desk.tiingo.await_asked(4)
        assert not any(one.done() for one in running)


def test_each_provider_has_its_own(desk: Desk) -> None:
    open_circuit(desk)

    page, state = desk.news.page(NewsQuery(ticker="AAPL"))

    assert (page.count, state) == (3, "MISS")
    assert (desk.market.status().breaker, desk.news.status().breaker) == ("open", "closed")


def test_failures_of_calls_at_the_same_time_are_all_counted(make_desk: MakeDesk) -> None:
    desk = make_desk(attempts=1, breaker_failures=4)
    desk.tiingo.down = Reply(500)
    together = threading.Barrier(4)

    def ask(number: int) -> None:
        together.wait()
        with pytest.raises(ProviderError):
            desk.market.prices("AAPL", start(number), None)

    with ThreadPoolExecutor(4) as threads, desk.tiingo.held():
        asking = [threads.submit(ask, number) for number in range(4)]
        desk.tiingo.await_asked(4)
    for one in asking:
        one.result()

    assert desk.market.status().breaker == "open"


def test_the_status_tells_how_the_provider_is_doing(make_desk: MakeDesk) -> None:
    desk = make_desk(attempts=1, quota=10)
    desk.market.describe("AAPL")
    succeeded = desk.clock.now()
    desk.clock.advance(seconds=60)
    desk.tiingo.script(Reply(503))
    with pytest.raises(ProviderError):
        desk.market.prices("AAPL", None, None)

    status = desk.market.status()

    assert (status.name, status.configured, status.breaker) == ("Tiingo", True, "closed")
    assert (status.quota, status.quota_window, status.quota_left) == (10, 3600, 8)
    assert (status.last_error, status.last_error_at) == ("status 503", desk.clock.now())
    assert status.last_success_at == succeeded
