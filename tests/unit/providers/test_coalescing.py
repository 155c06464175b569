"""One call upstream for a question, however many ask it at the same time, in whatever process."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date

import pytest

from foliolens.errors import ProviderError, TickerNotFound
from foliolens.market.coalescing import Coalescer
from foliolens.market.reading import Reading
from foliolens.ports.clock import Pace
from tests.providers import Reply

from .conftest import Desk, MakeDesk, SleepingClock

CALLERS = 12


def ask_together(desk: Desk, threads: ThreadPoolExecutor) -> list[Future[Reading]]:
    """Have all ask before the provider answers."""
    inside = threading.Semaphore(0)
    reading = desk.market.describe

    def ask() -> Reading:
        inside.release()
        return reading("AAPL")

    with desk.tiingo.held():
        asking = [threads.submit(ask) for _ in range(CALLERS)]
        for _ in range(CALLERS):
            inside.acquire()
        desk.tiingo.await_asked(1)
    return asking


def test_threads_share_one_call(desk: Desk) -> None:
    with ThreadPoolExecutor(CALLERS) as threads:
        readings = [one.result() for one in ask_together(desk, threads)]

    assert len({reading.body for reading in readings}) == 1
    assert len(desk.tiingo.asked) == 1


def test_threads_share_one_failure(make_desk: MakeDesk) -> None:
    desk = make_desk(attempts=1)
    desk.tiingo.script(Reply(500))

    with ThreadPoolExecutor(CALLERS) as threads:
        outcomes = [one.exception() for one in ask_together(desk, threads)]

    # Whoever came when the failure was known already asked once more, and others with him.
    assert any(isinstance(outcome, ProviderError) for outcome in outcomes)
    assert len(desk.tiingo.asked) <= 2


def test_threads_learn_together_that_there_is_no_such_ticker(desk: Desk) -> None:
    desk.tiingo.script(Reply(404))

    with ThreadPoolExecutor(CALLERS) as threads:
        outcomes = [one.exception() for one in ask_together(desk, threads)]

    assert all(isinstance(outcome, TickerNotFound) for outcome in outcomes)
    assert len(desk.tiingo.asked) == 1


def test_different_questions_do_not_wait_for_each_other(desk: Desk) -> None:
    with ThreadPoolExecutor(2) as threads, desk.tiingo.held():
        threads.submit(desk.market.describe, "AAPL")
        threads.submit(desk.market.prices, "AAPL", date(2026, 1, 1), None)
        desk.tiingo.await_asked(2)


class TestProcesses:
    """Two services with the database in common stand for two processes."""

    def test_share_one_call(self, make_desk: MakeDesk, clock: SleepingClock) -> None:
        looked, answered = threading.Event(), threading.Event()

        def look_again(_: float) -> None:
            looked.set()
            answered.wait()

        one, other = make_desk(), make_desk(pace=Pace(clock.monotonic, look_again))
        with ThreadPoolExecutor(2) as threads:
            with one.tiingo.held():
                first = threads.submit(one.market.describe, "AAPL")
                one.tiingo.await_asked(1)
                second = threads.submit(other.market.describe, "AAPL")
                looked.wait()
            body = first.result().body
            answered.set()

            assert second.result().body == body
        assert len(one.tiingo.asked) == 1

    def test_go_on_when_another_failed(self, make_desk: MakeDesk, clock: SleepingClock) -> None:
        looked, failed = threading.Event(), threading.Event()

        def look_again(_: float) -> None:
            looked.set()
            failed.wait()

        one, other = make_desk(attempts=1), make_desk(pace=Pace(clock.monotonic, look_again))
        one.tiingo.script(Reply(500))
        with ThreadPoolExecutor(2) as threads:
            with one.tiingo.held():
                first = threads.submit(one.market.describe, "AAPL")
                one.tiingo.await_asked(1)
                second = threads.submit(other.market.describe, "AAPL")
                looked.wait()
            assert isinstance(first.exception(), ProviderError)
            failed.set()

            assert second.result().state == "MISS"

    def test_do_not_wait_longer_than_for_the_provider(
        self, make_desk: MakeDesk, clock: SleepingClock
    ) -> None:
        claimant, waiting = make_desk(), make_desk(seconds=1)
        with ThreadPoolExecutor(1) as threads, claimant.tiingo.held():
            threads.submit(claimant.market.describe, "AAPL")
            claimant.tiingo.await_asked(1)
            started = clock.monotonic()

            with pytest.raises(ProviderError):
                waiting.market.describe("AAPL")

            assert clock.monotonic() - started == pytest.approx(1, abs=0.06)

    def test_take_over_from_one_that_died(self, make_desk: MakeDesk, clock: SleepingClock) -> None:
        desk = make_desk()
        with desk.database.system() as transaction:
            transaction.execute("INSERT INTO cache_claims VALUES ('description/AAPL', %s)", (clock.now(),))

        assert desk.market.describe("AAPL").state == "MISS"


class TestCoalescer:
    def test_the_next_computes_anew(self) -> None:
        coalescer, counted = Coalescer[int](), iter(range(9))

        assert [coalescer.run("a", lambda: next(counted), 1) for _ in range(3)] == [0, 1, 2]

    def test_what_was_raised_is_raised_and_forgotten(self) -> None:
        coalescer = Coalescer[int]()

        with pytest.raises(ZeroDivisionError):
            coalescer.run("a", lambda: 1 // 0, 1)
        assert coalescer.run("a", lambda: 7, 1) == 7

    def test_who_waits_loses_patience(self) -> None:
        coalescer = Coalescer[int]()
        computing, done = threading.Event(), threading.Event()

        def compute() -> int:
            computing.set()
            done.wait()
            return 7

        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(coalescer.run, "a", compute, 1)
            computing.wait()
            with pytest.raises(TimeoutError):
                coalescer.run("a", compute, 0.01)
            done.set()

            assert first.result() == 7
