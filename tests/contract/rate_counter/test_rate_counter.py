"""The contract of rate counters."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from foliolens.adapters.aws.dynamodb_rate_counter import DynamoDbRateCounter
from foliolens.adapters.local.postgres_rate_counter import PostgresRateCounter
from foliolens.adapters.local.shared_rate_counter import SharedRateCounter
from foliolens.ports.rate_counter import RateCounter
from tests.aws import create_table
from tests.clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=["shared", "postgres", "dynamodb"])
def counter(request: pytest.FixtureRequest, clock: SetClock, tmp_path: Path) -> Iterator[RateCounter]:
    if request.param == "shared":
        with closing(SharedRateCounter(tmp_path / "windows", clock)) as shared:
            yield shared
    elif request.param == "postgres":
        yield PostgresRateCounter(request.getfixturevalue("database"), clock)
    else:
        request.getfixturevalue("aws")
        yield DynamoDbRateCounter(create_table(), clock)


def test_hits_are_counted_by_key(counter: RateCounter) -> None:
    counts = [counter.hit(key, 60).count for key in ("ada", "eve", "ada", "ada")]

    assert counts == [1, 1, 2, 3]


def test_a_new_window_begins_at_one(counter: RateCounter, clock: SetClock) -> None:
    counter.hit("ada", 60)
    counter.hit("ada", 60)
    clock.advance(seconds=60)

    assert counter.hit("ada", 60).count == 1


def test_the_window_tells_when_it_ends(counter: RateCounter, clock: SetClock) -> None:
    remaining = counter.hit("ada", 60).resets_in
    assert 1 <= remaining <= 60
    clock.advance(seconds=remaining)

    assert counter.hit("ada", 60).count == 1


def test_windows_of_different_length_are_counted_apart(counter: RateCounter) -> None:
    counter.hit("ada", 60)

    assert counter.hit("ada", 3600).count == 1


# DynamoDB adds atomically, its stand-in does not: two threads now and then got the same count from it.
@pytest.mark.parametrize("counter", ["shared", "postgres"], indirect=True)
def test_no_hit_is_lost_among_threads(counter: RateCounter) -> None:
    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda _: counter.hit("ada", 60).count, range(400)))

    assert sorted(counts) == list(range(1, 401))


def test_looking_counts_nothing(counter: RateCounter, clock: SetClock) -> None:
    before = counter.peek("ada", 60)
    counter.hit("ada", 60)
    remaining = counter.hit("ada", 60).resets_in
    looks = [
        counter.peek(key, seconds) for key, seconds in (("ada", 60), ("ada", 60), ("ada", 30), ("eve", 60))
    ]
    clock.advance(seconds=remaining)

    assert before == 0
    assert looks == [2, 2, 0, 0]
    assert counter.peek("ada", 60) == 0


_COUNTING = """
import sys
from pathlib import Path
from foliolens.adapters.local.shared_rate_counter import SharedRateCounter
from foliolens.ports.clock import SystemClock

counter = SharedRateCounter(Path(sys.argv[1]), SystemClock())
print(*(counter.hit("ada", 3600).count for _ in range(2000)))
"""

_DYING = """
import os, signal, sys
from pathlib import Path
from foliolens.adapters.local.shared_rate_counter import SharedRateCounter


class LastClock:
    def now(self):
        os.kill(os.getpid(), signal.SIGKILL)


SharedRateCounter(Path(sys.argv[1]), LastClock()).hit("ada", 60)
"""


class TestShared:
    """What is true of the table in a file alone."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / "windows"

    @pytest.fixture
    def small(self, file: Path, clock: SetClock) -> Iterator[SharedRateCounter]:
        """A table of one bucket: whatever is counted meets in it."""
        with closing(SharedRateCounter(file, clock, buckets=1)) as opened:
            yield opened

    def test_no_hit_is_lost_among_processes(self, file: Path) -> None:
        running = [
            subprocess.Popen([sys.executable, "-c", _COUNTING, str(file)], stdout=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        counts = [int(count) for process in running for count in process.communicate()[0].split()]

        assert sorted(counts) == list(range(1, 6001))

    def test_a_process_that_dies_while_it_counts_holds_nobody_up(self, file: Path, clock: SetClock) -> None:
        died = subprocess.run([sys.executable, "-c", _DYING, str(file)], check=False, timeout=60)

        assert died.returncode == -9
        with closing(SharedRateCounter(file, clock)) as counter:
            assert counter.hit("ada", 60).count == 1

    def test_counts_outlive_the_process(self, file: Path, clock: SetClock) -> None:
        for expected in (1, 2):
            with closing(SharedRateCounter(file, clock)) as counter:
                assert counter.hit("ada", 60).count == expected

    def test_the_file_is_private_and_never_grows(self, small: SharedRateCounter, file: Path) -> None:
        before = file.stat().st_size
        for number in range(1000):
            small.hit(f"stranger {number}", 60)

        assert before == file.stat().st_size == 512
        assert file.stat().st_mode & 0o777 == 0o600

    def test_strangers_do_not_wash_out_the_busiest(self, small: SharedRateCounter) -> None:
        small.hit("ada", 60)
        small.hit("ada", 60)
        for number in range(1000):
            small.hit(f"stranger {number}", 60)

        assert small.hit("ada", 60).count == 3

    def test_an_ended_window_makes_room_before_a_running_one(
        self, small: SharedRateCounter, clock: SetClock
    ) -> None:
        for _ in range(5):
            small.hit("ended", 60)
        for number in range(15):
            small.hit(f"running {number}", 3600)
        clock.advance(seconds=60)
        small.hit("new", 60)

        assert [small.peek(f"running {number}", 3600) for number in range(15)] == [1] * 15

    def test_a_clock_set_back_keeps_nobody_out(self, small: SharedRateCounter, clock: SetClock) -> None:
        small.hit("ada", 60)
        clock.advance(seconds=-86_400)

        assert small.peek("ada", 60) == 0
        assert small.hit("ada", 60).count == 1

    def test_the_end_of_a_window_is_rounded_up(self, small: SharedRateCounter, clock: SetClock) -> None:
        small.hit("ada", 60)
        clock.advance(seconds=59.5)

        assert small.hit("ada", 60).resets_in == 1

    def test_ended_windows_leave_no_trace(
        self, small: SharedRateCounter, clock: SetClock, file: Path
    ) -> None:
        small.hit("ada", 60)
        small.hit("eve", 3600)
        clock.advance(seconds=60)

        assert small.forget_ended() == 1
        assert small.peek("eve", 3600) == 1
        clock.advance(seconds=3600)
        assert small.forget_ended() == 1
        assert file.read_bytes() == bytes(512)

    def test_a_closed_counter_gives_its_file_back(self, file: Path, clock: SetClock) -> None:
        before = len(list(Path("/dev/fd").iterdir()))
        SharedRateCounter(file, clock).close()

        assert len(list(Path("/dev/fd").iterdir())) == before
