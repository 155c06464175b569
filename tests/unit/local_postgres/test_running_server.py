"""A server which runs: who can reach it, and how it is set up. One server for the whole file."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from foliolens.adapters.local.postgres import EmbeddedPostgres, EmbeddedPostgresError, binary, running_url
from tests.unit.local_postgres.observing import postmaster_of, processes_of, query, scratch


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with scratch() as place, EmbeddedPostgres(place / "deep" / "postgres") as started:
        yield started


@pytest.fixture(scope="module")
def folder(server: EmbeddedPostgres) -> Path:
    return server._folder


def password(folder: Path) -> str:
    return (folder / "password").read_text().strip()


def test_psycopg_connects_to_the_product_database_as_the_owner_role(server: EmbeddedPostgres) -> None:
    assert query(server.url, "SELECT current_database() || ' ' || current_user") == "foliolens foliolens"


def test_sqlalchemy_connects_by_the_same_url_with_a_driver(server: EmbeddedPostgres) -> None:
    engine = sqlalchemy.create_engine(server.url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT 1")).scalar() == 1
    engine.dispose()


def test_starting_again_changes_nothing(server: EmbeddedPostgres, folder: Path) -> None:
    before = postmaster_of(folder)

    assert server.start() == server.url
    assert postmaster_of(folder) == before


def test_another_process_finds_the_url_by_the_folder(server: EmbeddedPostgres, folder: Path) -> None:
    assert running_url(folder) == server.url


def test_a_second_start_on_the_same_folder_is_refused_and_disturbs_nothing(
    server: EmbeddedPostgres, folder: Path
) -> None:
    second = EmbeddedPostgres(folder)

    with pytest.raises(EmbeddedPostgresError, match="already running"):
        second.start()

    second.stop()
    assert query(server.url, "SELECT 1") == 1


def test_the_url_of_a_server_which_is_not_started_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="not started"):
        _ = EmbeddedPostgres(tmp_path).url


@pytest.mark.parametrize(
    "name", ["", ".", "password", "port", "owner.lock", "server.lock", "server.log", "data"]
)
def test_nobody_else_can_read_anything_in_the_folder(
    server: EmbeddedPostgres, folder: Path, name: str
) -> None:
    assert stat.S_IMODE((folder / name).stat().st_mode) & 0o077 == 0


def test_the_password_is_in_no_command_line_no_environment_and_no_log(
    server: EmbeddedPostgres, folder: Path
) -> None:
    shown = " ".join(processes_of(folder).values()) + (folder / "server.log").read_text()
    environment = Path(f"/proc/{postmaster_of(folder)}/environ")
    if environment.exists():
        shown += environment.read_text()

    assert password(folder) not in shown


def test_the_password_is_long_and_random(server: EmbeddedPostgres, folder: Path) -> None:
    assert len(set(password(folder))) > 12
    assert len(password(folder)) >= 40


def test_a_wrong_password_is_refused(server: EmbeddedPostgres, folder: Path) -> None:
    wrong = server.url.replace(password(folder), "wrong")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_only_scram_lets_anybody_in(server: EmbeddedPostgres) -> None:
    methods = "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"

    assert query(server.url, methods) == "scram-sha-256"
    assert str(query(server.url, "SELECT rolpassword FROM pg_authid WHERE rolcanlogin")).startswith(
        "SCRAM-SHA-256$"
    )


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("jit", "off"),
        ("timezone", "UTC"),
        ("server_encoding", "UTF8"),
        ("max_connections", "100"),
        ("shared_buffers", "128MB"),
    ],
)
def test_it_is_set_up_for_one_small_machine(server: EmbeddedPostgres, setting: str, value: str) -> None:
    assert query(server.url, f"SHOW {setting}") == value


def test_text_sorts_by_code_point_whatever_the_machine(server: EmbeddedPostgres) -> None:
    sort = "SELECT string_agg(word, ' ' ORDER BY word) FROM unnest(ARRAY['b', 'É', 'a', 'B', 'é']) AS word"

    assert query(server.url, sort) == "B a b É é"
    assert query(server.url, "SELECT upper('é')") == "É"


def test_errors_are_logged_without_the_users_data(server: EmbeddedPostgres, folder: Path) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE person (email text CONSTRAINT one_person UNIQUE)")
        connection.execute("INSERT INTO person VALUES ('ann@example.com')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('ann@example.com')")

    log = (folder / "server.log").read_text()
    assert "one_person" in log
    assert "ann@" not in log


def test_ctrl_c_in_our_terminal_does_not_reach_it(server: EmbeddedPostgres, folder: Path) -> None:
    assert os.getsid(postmaster_of(folder)) != os.getsid(0)


def test_parallel_workers_run(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("SET debug_parallel_query = on")
        plan = connection.execute("EXPLAIN (ANALYZE) SELECT count(*) FROM pg_class").fetchall()

    assert any("Workers Launched: 1" in line for (line,) in plan)


def test_its_processes_are_found_without_proc_too(
    server: EmbeddedPostgres, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/bin/ps").exists():
        pytest.skip("this system has no /bin/ps")
    query(server.url, "SELECT 1")
    monkeypatch.setattr(sys, "platform", "darwin")

    assert postmaster_of(folder) in processes_of(folder)
    assert any(command.startswith("postgres: ") for command in processes_of(folder).values())


def test_reloading_the_configuration_works(server: EmbeddedPostgres) -> None:
    query(server.url, "ALTER SYSTEM SET work_mem = '5MB'")
    query(server.url, "SELECT pg_reload_conf()")

    assert query(server.url, "SELECT pg_sleep(0.2)") is not None
    assert query(server.url, "SHOW work_mem") == "5MB"


def test_the_program_asked_for_exists() -> None:
    assert os.access(binary("pg_dump"), os.X_OK)


def test_a_program_which_does_not_exist_is_an_error() -> None:
    with pytest.raises(EmbeddedPostgresError, match="pg_magic"):
        binary("pg_magic")
