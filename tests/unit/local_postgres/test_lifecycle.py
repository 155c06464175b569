"""Starting, stopping and starting again, when nothing goes wrong and when something does."""

from __future__ import annotations

import multiprocessing
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from foliolens.adapters.local.postgres import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    binary,
    running_url,
    startup,
)
from foliolens.adapters.local.postgres.process import shorten
from tests.unit.local_postgres.observing import (
    copy_of,
    eventually,
    new_cluster,
    owner,
    processes_of,
    query,
    scratch,
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A cluster whose server is stopped: one for all tests here, each of which leaves it so."""
    with scratch() as place:
        yield new_cluster(place / "postgres")


@pytest.fixture
def own_folder(folder: Path) -> Iterator[Path]:
    """A copy of it, to be broken."""
    with scratch() as place:
        yield copy_of(folder, place / "postgres")


# Newer Pythons warn about any fork beside threads; the server has its thread, and web servers fork anyway.
forking = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def quick(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, durable=False)


def test_creating_the_object_touches_nothing(tmp_path: Path) -> None:
    EmbeddedPostgres(tmp_path / "new")

    assert list(tmp_path.iterdir()) == []


def test_data_survives_a_restart_and_the_url_stays(folder: Path) -> None:
    with quick(folder) as server:
        first = server.url
        query(first, "CREATE TABLE kept AS SELECT 42 AS answer")

    with quick(folder) as server:
        assert server.url == first
        assert query(server.url, "SELECT answer FROM kept") == 42


def test_nothing_is_left_after_stop(folder: Path) -> None:
    server = quick(folder)
    server.start()
    server.stop()

    assert processes_of(folder) == {}
    assert not (folder / "data" / "postmaster.pid").exists()
    assert running_url(folder) is None


def test_stop_disconnects_clients_and_can_be_repeated(folder: Path) -> None:
    server = quick(folder)
    server.stop()
    url = server.start()
    connection = psycopg.connect(url)

    server.stop()

    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()
    server.stop()
    assert processes_of(folder) == {}


def test_there_is_no_url_where_nothing_ever_ran(tmp_path: Path) -> None:
    assert running_url(tmp_path / "new") is None


def test_a_taken_port_makes_it_choose_another(folder: Path) -> None:
    with quick(folder) as server:
        first = server.url
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int((folder / "port").read_text())))
        other.listen()
        with quick(folder) as server:
            assert server.url != first
            assert running_url(folder) == server.url
            assert query(server.url, "SELECT 1") == 1


def test_a_port_taken_between_choosing_and_binding_makes_it_try_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        choose = startup._free_port
        choices = iter([taken, taken])
        monkeypatch.setattr(startup, "_free_port", lambda preferred: next(choices, None) or choose(None))

        with quick(folder) as server:
            assert query(server.url, "SELECT 1") == 1
            assert f":{taken}/" not in server.url


def test_the_server_outlives_the_thread_which_started_it(folder: Path) -> None:
    server = quick(folder)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    try:
        assert not eventually(lambda: running_url(folder) is None, seconds=1)
    finally:
        server.stop()


@forking
def test_a_forked_child_can_use_the_url_but_not_stop_the_server(folder: Path) -> None:
    with quick(folder) as server:
        child = multiprocessing.get_context("fork").Process(target=server.stop)
        child.start()
        child.join()

        assert child.exitcode == 0
        assert query(server.url, "SELECT 1") == 1


@forking
def test_another_process_may_start_it_after_stop_though_a_forked_child_lives_on(folder: Path) -> None:
    server = quick(folder)
    server.start()
    release = multiprocessing.get_context("fork").Event()
    child = multiprocessing.get_context("fork").Process(target=release.wait)
    child.start()
    server.stop()
    try:
        with quick(folder) as again:
            assert query(again.url, "SELECT 1") == 1
    finally:
        release.set()
        child.join()


def test_a_second_process_is_refused_until_the_first_ends(folder: Path) -> None:
    with owner(folder):
        with pytest.raises(EmbeddedPostgresError, match="already running") as caught:
            quick(folder).start()
        assert str(folder) in caught.value.message
        assert caught.value.hint
        url = running_url(folder)
        assert url is not None
        assert query(url, "SELECT 1") == 1

    with quick(folder) as server:
        assert query(server.url, "SELECT 1") == 1


def test_of_two_processes_starting_at_once_one_gets_the_server(folder: Path) -> None:
    with owner(folder, wait=False) as one, owner(folder, wait=False) as two:
        assert eventually(lambda: running_url(folder) is not None)
        assert eventually(lambda: (one.poll() is None) != (two.poll() is None))

    with quick(folder) as server:
        assert query(server.url, "SELECT 1") == 1


def test_a_server_which_does_not_come_up_says_why(own_folder: Path) -> None:
    with (own_folder / "data" / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")

    with pytest.raises(EmbeddedPostgresError, match="no_such_setting") as caught:
        quick(own_folder).start()

    assert "\n" not in caught.value.message + caught.value.hint
    assert processes_of(own_folder) == {}


def test_after_a_failed_start_the_folder_is_free(own_folder: Path) -> None:
    configuration = own_folder / "data" / "postgresql.conf"
    good = configuration.read_text()
    configuration.write_text(good + "no_such_setting = 1\n")
    server = quick(own_folder)
    with pytest.raises(EmbeddedPostgresError):
        server.start()
    configuration.write_text(good)

    with server:
        assert query(server.url, "SELECT 1") == 1


def test_a_lost_password_file_is_an_error_not_a_new_password(own_folder: Path) -> None:
    (own_folder / "password").unlink()

    with pytest.raises(EmbeddedPostgresError, match="password file"):
        quick(own_folder).start()

    assert not (own_folder / "password").exists()


def test_a_wrong_password_file_is_an_error(own_folder: Path) -> None:
    (own_folder / "password").write_text("wrong\n")

    with pytest.raises(EmbeddedPostgresError, match="password"):
        quick(own_folder).start()

    assert processes_of(own_folder) == {}


def test_a_folder_which_cannot_be_one_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedPostgresError, match=r"Cannot use the folder .*file"):
        EmbeddedPostgres(tmp_path / "file" / "postgres").start()


def test_windows_is_told_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    with pytest.raises(EmbeddedPostgresError, match="Windows"):
        EmbeddedPostgres(folder).start()


def test_a_dump_can_be_restored(folder: Path, own_folder: Path, tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    with quick(folder) as server:
        query(server.url, "CREATE TABLE dumped AS SELECT 42 AS answer")
        subprocess.run([binary("pg_dump"), "-Fc", f"--file={dump}", server.url], check=True)

    with quick(own_folder) as server:
        subprocess.run([binary("pg_restore"), "--table=dumped", f"--dbname={server.url}", dump], check=True)
        assert query(server.url, "SELECT answer FROM dumped") == 42


def test_a_log_which_grew_too_long_is_moved_aside_in_place(folder: Path) -> None:
    with quick(folder) as server:
        log = folder / "server.log"
        before = log.read_text()

        shorten(log, limit=10)
        query(server.url, "DO $$ BEGIN RAISE WARNING 'still logging'; END $$")

        assert (folder / "server.log.1").read_text() == before
        assert "still logging" in log.read_text()
        assert len(log.read_bytes()) < len(before)
