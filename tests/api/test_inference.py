"""The inference process of a running server: one for all, of lowest priority, it ends with the server."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from .conftest import Server, free_port, start_server, stop_server

SHORT = {"text": ["Profit rose."], "hash": 1}


def article(seconds: float, name: str) -> dict[str, object]:
    """An article that takes the embedded model at least about this long, unlike all others."""
    return {
        "text": [f"{name} {number} " + "profit rose " * 200 for number in range(int(10 * seconds))],
        "hash": name,
    }


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Path, int]]:
    """A data folder and a port."""
    with tempfile.TemporaryDirectory(prefix="foliolens-api-") as folder:
        yield Path(folder, "data"), free_port()


@pytest.fixture
def server(place: tuple[Path, int]) -> Iterator[Server]:
    """A server with two HTTP processes, which a test may end."""
    started = start_server(*place, "--processes", "2")
    yield started
    stop_server(started)


def inference_processes(server: Server) -> list[psutil.Process]:
    children = psutil.Process(server.process.pid).children()
    return [child for child in children if "foliolens.entrypoints.inference" in child.cmdline()]


def judge(server: Server, body: dict[str, object]) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/sentiment", json=body, timeout=60)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


class Asking(threading.Thread):
    """A request under way."""

    def __init__(self, server: Server, body: dict[str, object]) -> None:
        super().__init__()
        self._server, self._body = server, body
        self.answer: httpx.Response | None = None
        self.start()

    def run(self) -> None:
        with suppress(httpx.TransportError):  # a killed server says nothing
            self.answer = judge(self._server, self._body)

    def answered(self) -> httpx.Response:
        self.join(60)
        assert self.answer is not None
        return self.answer


def begun(server: Server) -> tuple[Asking, psutil.Process]:
    """A request that the inference process has begun to work on, and that process."""
    assert judge(server, SHORT).status_code == 200
    (process,) = inference_processes(server)
    before = process.cpu_times().user
    asking = Asking(server, article(2, "long"))
    until(lambda: process.cpu_times().user > before + 0.1)
    return asking, process


def test_one_process_of_lowest_priority_serves_all_http_processes_once_it_is_needed(server: Server) -> None:
    assert inference_processes(server) == []

    # A connection each, so that both HTTP processes get some.
    answers = [judge(server, {"text": [f"Profit rose {number}."], "hash": 1}) for number in range(16)]

    assert {answer.status_code for answer in answers} == {200}
    (process,) = inference_processes(server)
    assert process.nice() == 19
    if sys.platform == "linux":
        assert os.sched_getscheduler(process.pid) == os.SCHED_IDLE


def test_killed_midway_is_a_clear_503_and_the_next_request_is_answered(server: Server) -> None:
    asking, process = begun(server)

    process.kill()

    told = asking.answered()
    assert (told.status_code, told.json()["error"]) == (503, "SERVICE_UNAVAILABLE")
    assert told.json()["message"] == "The calculation was broken off: send the request again."
    assert told.headers["Retry-After"] == "1"
    assert judge(server, article(0.2, "next")).status_code == 200


@pytest.mark.parametrize("to_all", [False, True], ids=["supervisor", "all processes"])
def test_an_orderly_end_answers_what_is_under_way_and_leaves_no_process(server: Server, to_all: bool) -> None:
    asking, process = begun(server)

    if to_all:  # as a service manager does it
        os.killpg(server.process.pid, signal.SIGTERM)
    else:
        server.process.send_signal(signal.SIGTERM)

    answer = asking.answered()
    assert answer.status_code == 200
    assert sum(answer.json()[label][0] for label in ("positive", "neutral", "negative")) == 20
    assert server.process.wait(timeout=60) == 0
    assert not process.is_running()


def test_a_killed_server_takes_its_inference_process_along(server: Server) -> None:
    asking, process = begun(server)

    server.process.kill()

    process.wait(30)
    asking.join()
