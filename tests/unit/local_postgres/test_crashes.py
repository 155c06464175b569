"""What was committed is there after any crash, and the next start works. All with a durable server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from foliolens.adapters.local.postgres import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    binary,
    kept_running,
    recorded_url,
    running_url,
)
from foliolens.adapters.local.postgres.access import recorded_port
from foliolens.adapters.local.postgres.cluster import marker
from foliolens.adapters.local.postgres.ownership import server_identity
from foliolens.adapters.local.postgres.process import Launcher, end_orphans
from tests.unit.local_postgres.observing import (
    eventually,
    new_cluster,
    owner,
    postmaster_of,
    processes_of,
    query,
    scratch,
)

ROWS = 1000
COUNT = "SELECT count(*) FROM facts WHERE number BETWEEN 0 AND 999"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A cluster whose server is stopped: one for all tests here, as every crash must leave it whole."""
    with scratch() as place:
        yield new_cluster(place / "postgres")


@pytest.fixture
def new() -> Iterator[Path]:
    """A folder which does not exist yet."""
    with scratch() as place:
        yield place / "postgres"


def test_committed_rows_survive_kill_9_of_the_server(folder: Path) -> None:
    with owner(folder, ROWS):
        os.kill(postmaster_of(folder), signal.SIGKILL)

    with EmbeddedPostgres(folder) as server:
        assert query(server.url, COUNT) == ROWS


def test_committed_rows_survive_kill_9_of_all_processes(folder: Path) -> None:
    with owner(folder, ROWS) as process:
        process.kill()
        for pid in processes_of(folder):
            with suppress(ProcessLookupError):  # shutting down already
                os.kill(pid, signal.SIGKILL)

    with EmbeddedPostgres(folder) as server:
        assert query(server.url, COUNT) == ROWS


def test_committed_rows_survive_kill_9_of_the_owner_and_an_immediate_start(folder: Path) -> None:
    with owner(folder, ROWS) as process:
        process.kill()
        process.wait()

        with EmbeddedPostgres(folder) as server:
            assert query(server.url, COUNT) == ROWS


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_the_server_shuts_down_cleanly_by_itself_when_its_owner_is_killed(folder: Path) -> None:
    with owner(folder) as process:
        process.kill()

        assert eventually(lambda: processes_of(folder) == {})
    assert not (folder / "data" / "postmaster.pid").exists()
    assert "database system is shut down" in (folder / "server.log").read_text()


def test_the_same_object_starts_again_after_its_server_was_killed(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        query(server.url, "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
        os.kill(postmaster_of(folder), signal.SIGKILL)

        assert eventually(lambda: running_url(folder) is None)
        assert eventually(lambda: server.start() == running_url(folder))

        assert query(server.url, "SELECT answer FROM kept") == 42


@pytest.mark.parametrize("moment", [0.25, 0.5, 0.75])
def test_a_first_start_killed_at_any_moment_leaves_nothing_which_hinders_the_next(
    new: Path, moment: float
) -> None:
    with owner(new, wait=False) as process:
        time.sleep(moment)
        process.kill()
        process.wait()

        with EmbeddedPostgres(new) as server:
            assert query(server.url, "SELECT current_database()") == "foliolens"
    assert list(new.glob("data.new-*")) == []


def test_a_half_made_cluster_is_cleared_away(new: Path) -> None:
    half = new / "data.new-0badcafe"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(new) as server:
        assert query(server.url, "SELECT 1") == 1
    assert not half.exists()


def test_a_server_which_outlived_its_owner_is_ended_and_its_data_kept(folder: Path) -> None:
    survivor = EmbeddedPostgres(folder)
    survivor.start()
    query(survivor.url, "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
    before = postmaster_of(folder)
    survivor._leave_to_parent()  # frees its lock, as if its owner had been killed unnoticed

    with EmbeddedPostgres(folder) as server:
        assert postmaster_of(folder) != before
        assert query(server.url, "SELECT answer FROM kept") == 42
    survivor.stop()
    assert "shut down" in (folder / "server.log").read_text()


def test_a_server_which_outlived_its_owner_and_hangs_is_killed(folder: Path) -> None:
    with owner(folder, ROWS) as process:
        os.kill(postmaster_of(folder), signal.SIGSTOP)
        process.kill()
        process.wait()

        assert end_orphans(marker(folder / "data"), lambda: processes_of(folder) == {}, timeout=4)

    with EmbeddedPostgres(folder) as server:
        assert query(server.url, COUNT) == ROWS


def test_a_busy_backend_which_outlived_its_server_is_ended(folder: Path) -> None:
    with owner(folder, ROWS) as process:
        busy = threading.Thread(target=loop_forever, args=(folder,))
        busy.start()
        assert eventually(lambda: any(" DO" in command for command in processes_of(folder).values()))
        os.kill(postmaster_of(folder), signal.SIGKILL)
        process.kill()
        process.wait()

        with EmbeddedPostgres(folder) as server:
            assert query(server.url, COUNT) == ROWS
        busy.join()


def loop_forever(folder: Path) -> None:
    url = running_url(folder)
    assert url is not None
    with pytest.raises(psycopg.OperationalError):
        query(url, "DO $$ BEGIN LOOP END LOOP; END $$")


def test_a_stale_pid_file_whose_id_another_program_got_does_not_hinder(folder: Path) -> None:
    identity = server_identity(folder, folder / "data")
    uid = identity.uid if identity else None
    with subprocess.Popen(["/bin/sleep", "600"], user=uid) as innocent:
        write_pid_file(folder, innocent.pid)
        try:
            with EmbeddedPostgres(folder) as server:
                assert query(server.url, "SELECT 1") == 1
            assert innocent.poll() is None
        finally:
            innocent.kill()


def test_a_stale_pid_file_whose_id_another_embedded_server_got_does_not_hinder(
    folder: Path, new: Path
) -> None:
    with EmbeddedPostgres(new, durable=False) as other:
        write_pid_file(folder, postmaster_of(new))

        with EmbeddedPostgres(folder) as server:
            assert query(server.url, "SELECT 1") == 1
        assert query(other.url, "SELECT 1") == 1


@pytest.mark.parametrize("text", ["", "999999999\n", "nonsense\n"])
def test_a_broken_or_outdated_pid_file_does_not_hinder(folder: Path, text: str) -> None:
    write_text(folder / "data" / "postmaster.pid", text)

    with EmbeddedPostgres(folder) as server:
        assert query(server.url, "SELECT 1") == 1


def test_a_server_somebody_else_started_on_the_data_is_left_alone(folder: Path) -> None:
    other_lock = os.open(folder / "other.lock", os.O_RDWR | os.O_CREAT)
    launcher = Launcher(binary("postgres").parent, server_identity(folder, folder / "data"), other_lock)
    arguments = ["-c", f"port={recorded_port(folder)}", "-c", "unix_socket_directories="]
    foreign = launcher.start(
        "postgres", folder / "data", arguments, stdin=subprocess.DEVNULL, output=subprocess.DEVNULL
    )
    os.close(other_lock)
    try:
        assert eventually((folder / "data" / "postmaster.pid").exists)

        with pytest.raises(EmbeddedPostgresError, match="did not start"):
            EmbeddedPostgres(folder).start()

        assert foreign.poll() is None
        assert postmaster_of(folder) == foreign.pid
    finally:
        foreign.send_signal(signal.SIGINT)
        foreign.wait()


def write_pid_file(folder: Path, pid: int) -> None:
    text = f"{pid}\n{folder}/data\n1700000000\n5432\n\n127.0.0.1\n  1234  5\nready   \n"
    write_text(folder / "data" / "postmaster.pid", text)


def write_text(path: Path, text: str) -> None:
    path.write_text(text)
    if os.geteuid() == 0:
        os.chown(path, path.parent.stat().st_uid, path.parent.stat().st_gid)


def test_a_watched_server_that_was_killed_comes_back_where_it_was(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server, kept_running(server):
        before = server.url
        query(before, "CREATE TABLE watched AS SELECT 42 AS answer")
        for _ in range(2):
            killed = postmaster_of(folder)
            os.kill(killed, signal.SIGKILL)

            assert eventually(lambda: answers(before) and postmaster_of(folder) != killed)  # noqa: B023

            assert query(before, "SELECT answer FROM watched") == 42
    assert processes_of(folder) == {}


def test_a_watched_server_whose_port_was_taken_comes_back_elsewhere_and_others_find_it(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        before = server.url
        os.kill(postmaster_of(folder), signal.SIGKILL)
        assert eventually(lambda: not answers(before))
        with socket.create_server(("127.0.0.1", recorded_port(folder) or 0)), kept_running(server):
            assert eventually(lambda: running_url(folder) not in {None, before})

            assert recorded_url(folder) == running_url(folder) == server.url


def test_a_watched_server_that_cannot_start_comes_back_once_it_can(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with EmbeddedPostgres(folder) as server, kept_running(server):
        before, control = server.url, folder / "data" / "global" / "pg_control"
        control.rename(control.with_name("away"))
        os.kill(postmaster_of(folder), signal.SIGKILL)
        assert eventually(lambda: "does not start" in caplog.text)

        control.with_name("away").rename(control)

        assert eventually(lambda: answers(before))


def test_a_server_that_was_stopped_is_not_started_again(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()

    assert not server.revive()
    assert processes_of(folder) == {}


def answers(url: str) -> bool:
    try:
        return query(url, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False
