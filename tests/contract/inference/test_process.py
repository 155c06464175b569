"""The inference process: when it lives, what its death means, and who ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foliolens.adapters.inference import supervision
from foliolens.adapters.inference.client import ProcessInference, state
from foliolens.adapters.inference.messages import RUNNING
from foliolens.adapters.inference.supervision import supervised
from foliolens.errors import InternalError, ServiceUnavailable
from tests.contract.inference.calculations import COMMAND


def ask(socket: Path, task: str, argument: object = None) -> Any:
    async def asked() -> Any:
        return await ProcessInference(socket, task)(argument)

    return asyncio.run(asyncio.wait_for(asked(), 60))


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120  # it runs while no other process wants to
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


async def begun(folder: Path) -> int:
    """The id of the process that has begun to `hold`."""
    while not (found := list(folder.glob("begun-*"))):
        await asyncio.sleep(0.01)
    return int(found[0].name.removeprefix("begun-"))


def test_one_process_serves_all_requests_and_ends_with_the_block() -> None:
    with supervised(COMMAND) as socket:
        first, second = ask(socket, "process_id"), ask(socket, "process_id")
        assert first == second != os.getpid()

    assert not lives(first)
    assert not socket.parent.exists()


def test_without_a_request_there_is_no_process(tmp_path: Path) -> None:
    sign = tmp_path / "started"

    with supervised(["touch", str(sign)]):
        pass

    assert not sign.exists()


def test_a_request_is_told_of_the_death_of_the_process_and_the_next_is_answered(tmp_path: Path) -> None:
    async def killed(socket: Path) -> int:
        held = asyncio.ensure_future(ProcessInference(socket, "hold")(tmp_path))
        pid = await begun(tmp_path)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(ServiceUnavailable, match="send the request again") as told:
            await held
        assert told.value.headers == {"Retry-After": "1"}
        return pid

    with supervised(COMMAND) as socket:
        pid = asyncio.run(asyncio.wait_for(killed(socket), 60))

        assert ask(socket, "process_id") != pid


def test_a_process_that_dies_at_its_start_is_not_started_over_and_over(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    dying = ["/bin/sh", "-c", f"echo >> {starts}; exit 3"]

    async def asked(socket: Path) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ProcessInference(socket, "echo")(1), 0.5)

    with supervised(dying) as socket:
        asyncio.run(asked(socket))

    assert starts.read_text().count("\n") == 1


def test_an_unforeseen_error_is_ours_and_the_process_lives_on() -> None:
    with supervised(COMMAND) as socket:
        pid = ask(socket, "process_id")
        with pytest.raises(InternalError):
            ask(socket, "fail")

        assert ask(socket, "process_id") == pid


def test_what_nobody_waits_for_any_more_is_not_begun(tmp_path: Path) -> None:
    abandoned = tmp_path / "abandoned"
    abandoned.mkdir()

    async def work(socket: Path) -> None:
        hold, echo = ProcessInference(socket, "hold"), ProcessInference(socket, "echo")
        first = asyncio.ensure_future(hold(tmp_path))
        await begun(tmp_path)
        second = asyncio.ensure_future(hold(abandoned))
        last = asyncio.ensure_future(hold(tmp_path))
        await echo(1)  # whatever was sent before has arrived
        second.cancel()
        await asyncio.wait([second])
        await echo(1)
        tmp_path.joinpath("go-on").touch()
        await asyncio.gather(first, last)

    with supervised(COMMAND) as socket:
        asyncio.run(asyncio.wait_for(work(socket), 60))

    assert list(abandoned.iterdir()) == []


def test_one_kind_of_work_does_not_wait_for_another(tmp_path: Path) -> None:
    async def work(socket: Path) -> None:
        held = asyncio.ensure_future(ProcessInference(socket, "hold")(tmp_path))
        await begun(tmp_path)
        assert await ProcessInference(socket, "echo")(1) == 1
        tmp_path.joinpath("go-on").touch()
        await held

    with supervised(COMMAND) as socket:
        asyncio.run(asyncio.wait_for(work(socket), 60))


@pytest.fixture
def own_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder that no server of another test clears up in; its path is short, for sockets."""
    with tempfile.TemporaryDirectory(prefix="fl-") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.mark.usefixtures("own_temporary_folder")
def test_the_process_ends_with_a_server_that_is_killed_and_the_next_server_clears_up() -> None:
    server = (
        "import asyncio, sys, time\n"
        "from foliolens.adapters.inference.client import ProcessInference\n"
        "from foliolens.adapters.inference.supervision import supervised\n"
        "from tests.contract.inference.calculations import COMMAND\n"
        "async def ask(socket): return await ProcessInference(socket, 'process_id')(None)\n"
        "with supervised(COMMAND) as socket:\n"
        "    print(asyncio.run(ask(socket)), socket, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid, socket = process.stdout.readline().split()
        process.kill()

    until(lambda: not lives(int(pid)))
    assert Path(socket).exists()
    with supervised(COMMAND) as another:
        assert not Path(socket).parent.exists()
        assert another.exists()


def test_a_process_that_hangs_is_killed_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "_GRACE", 0.05)

    with supervised(COMMAND) as socket:
        pid = ask(socket, "process_id")
        os.kill(pid, signal.SIGSTOP)

    assert not lives(pid)


def test_the_matrix_library_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)

    with supervised(COMMAND) as socket:
        assert ask(socket, "matrix_threads") == "1"


def test_its_state_is_told_without_starting_it(tmp_path: Path) -> None:
    with supervised(COMMAND) as socket:
        assert state(socket) == "idle"
        process = ask(socket, "process_id")
        assert state(socket) == "ready"

        os.kill(process, signal.SIGSTOP)
        assert state(socket) == "busy"
        os.kill(process, signal.SIGCONT)
        until(lambda: state(socket) == "ready")

        os.kill(process, signal.SIGKILL)
        until(lambda: not socket.with_name(RUNNING).exists())  # asked before, it would be started anew
        assert state(socket) == "idle"

    (tmp_path / RUNNING).touch()
    with pytest.raises(ServiceUnavailable, match="cannot be reached"):
        state(tmp_path / "inference")
