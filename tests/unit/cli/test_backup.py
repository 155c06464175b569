"""Backups on the level of files and databases: complete or refused, and a refused one changes nothing."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from foliolens.adapters.local.backup import BackupUnusable, holds_data, restore_backup, write_backup

USER = "6f1f7a52-3b1c-4f0e-9a55-0d6a3f6f9a11"


def add_user(url: str, email: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO users (id, email) VALUES (gen_random_uuid(), %s)", (email,))


def emails(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {email for (email,) in connection.execute("SELECT email FROM users")}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    write(folder / "secrets" / "object-store.key", "the secret")
    write(folder / "objects" / "uploads" / USER / "a.csv", "Symbol\n")
    write(folder / "objects" / ".incoming" / "half", "Sym")
    write(folder / "outbox" / "old.eml", "a code")
    write(folder / "prices" / "VTI.csv", "date,close\n")
    write(folder / "postgres" / "password", "stays here")
    return folder


@pytest.fixture
def backup(database_url: str, data: Path, tmp_path: Path) -> Path:
    """A backup that holds Ada; Bob came afterwards, and a file was added."""
    add_user(database_url, "ada@example.com")
    target = tmp_path / "backup.tar.gz"
    write_backup(database_url, data, target)
    add_user(database_url, "bob@example.com")
    write(data / "outbox" / "new.eml", "another code")
    write(data / "secrets" / "object-store.key", "another secret")
    return target


def databases(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_a_restore_brings_back_what_was_there_and_nothing_else(
    backup: Path, database_url: str, data: Path
) -> None:
    before = databases(database_url)

    restore_backup(backup, database_url, data)

    assert emails(database_url) == {"ada@example.com"}
    assert (data / "secrets" / "object-store.key").read_text() == "the secret"
    assert (data / "objects" / "uploads" / USER / "a.csv").read_text() == "Symbol\n"
    assert [path.name for path in (data / "outbox").iterdir()] == ["old.eml"]
    assert (data / "prices" / "VTI.csv").is_file()
    assert (data / "postgres" / "password").read_text() == "stays here"
    assert databases(database_url) == before


def everything(url: str) -> dict[str, list[str]]:
    """Every row of every table, and where every sequence stands."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname IN ('public', 'identity')"
        ).fetchall()
        rows = {
            name: sorted(row for (row,) in connection.execute(f"SELECT t::text FROM {name} t"))
            for (name,) in names
        }
        sequences = connection.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()
    return {**rows, "sequences": sorted(map(str, sequences))}


def test_every_row_of_every_kind_comes_back(database_url: str, data: Path, tmp_path: Path) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            """
            INSERT INTO users (id, email) VALUES (gen_random_uuid(), 'ada@example.com');
            INSERT INTO portfolios (id, user_id, name, total_value, holdings_count)
                SELECT gen_random_uuid(), id, 'Größe "1"', 9999999999999999.99, 1 FROM users;
            INSERT INTO uploads (id, user_id, creates_portfolio, filename, size, content_type, mode,
                    validate_only, override_rules, status, rejected_csv, expires_at)
                SELECT gen_random_uuid(), id, true, 'ä.csv', 1, 'text/csv', 'merge', false, false, 'FAILED',
                    decode('00ff', 'hex'), now() FROM users;
            INSERT INTO jobs (kind, payload, correlation_id) VALUES ('k', '{"n": 1.10}', 'c');
            INSERT INTO identity.signing_keys VALUES ('kid', 'pem', now(), NULL);
            INSERT INTO identity.security_events (event, at) VALUES ('registered', now());
            INSERT INTO price_symbols (symbol) VALUES ('VTI');
            """
        )
    before = everything(database_url)
    write_backup(database_url, data, tmp_path / "backup.tar.gz")
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM users; DELETE FROM jobs; DELETE FROM price_symbols")

    restore_backup(tmp_path / "backup.tar.gz", database_url, data)

    assert everything(database_url) == before


def test_the_rules_of_the_database_come_back_too(backup: Path, database_url: str, data: Path) -> None:
    restore_backup(backup, database_url, data)

    with psycopg.connect(database_url) as connection:
        connection.execute("SET ROLE foliolens_app")
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_a_backup_is_for_its_owners_eyes_and_holds_no_half_files(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    with tarfile.open(backup) as archive:
        names = archive.getnames()
    assert {"manifest.json", "database.dump", "secrets/object-store.key"} <= set(names)
    assert not [name for name in names if ".incoming" in name or "password" in name]


def test_a_backup_that_fails_leaves_the_former_one(backup: Path, data: Path) -> None:
    before = backup.read_bytes()

    with pytest.raises((RuntimeError, psycopg.Error)):
        write_backup("postgresql://nobody@127.0.0.1:1/none", data, backup)

    assert backup.read_bytes() == before
    assert [path.name for path in backup.parent.iterdir() if path.name.startswith(".")] == []


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_bytes(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(byte ^ 0xFF for byte in content[middle : middle + 64])
    path.write_bytes(content)


def be_text(path: Path) -> None:
    path.write_text("Symbol,Name\n")


def be_empty(path: Path) -> None:
    path.write_bytes(b"")


def rewritten(path: Path, **changed: bytes | None) -> None:
    """The same archive with members replaced, or left out where they are None."""
    kept: dict[str, bytes | None] = {}
    with tarfile.open(path) as archive:
        for info in archive:
            member = archive.extractfile(info)
            if member is not None:
                kept[info.name] = member.read()
    kept.update({name.replace("_", "."): content for name, content in changed.items()})
    with tarfile.open(path, "w:gz") as archive:
        for name, content in kept.items():
            if content is not None:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))


def without_manifest(path: Path) -> None:
    rewritten(path, manifest_json=None)


def without_dump(path: Path) -> None:
    rewritten(path, database_dump=None)


def with_another_dump(path: Path) -> None:
    rewritten(path, database_dump=b"PGDMP nonsense")


def with_nonsense_for_a_manifest(path: Path) -> None:
    rewritten(path, manifest_json=b"[1]")


def of_a_later_format(path: Path) -> None:
    rewritten(path, manifest_json=json.dumps({"format": 2, "version": "9.0"}).encode())


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        flip_bytes,
        be_text,
        be_empty,
        without_manifest,
        without_dump,
        with_another_dump,
        with_nonsense_for_a_manifest,
        of_a_later_format,
    ],
)
def test_a_broken_backup_changes_nothing(
    backup: Path, database_url: str, data: Path, damage: Callable[[Path], None]
) -> None:
    damage(backup)
    before = databases(database_url)

    with pytest.raises(BackupUnusable):
        restore_backup(backup, database_url, data)

    assert emails(database_url) == {"ada@example.com", "bob@example.com"}
    assert (data / "secrets" / "object-store.key").read_text() == "another secret"
    assert sorted(path.name for path in (data / "outbox").iterdir()) == ["new.eml", "old.eml"]
    assert databases(database_url) == before


def test_a_member_cannot_leave_the_folder(backup: Path, database_url: str, data: Path) -> None:
    with tarfile.open(backup, "w:gz") as archive:
        info = tarfile.TarInfo("../escaped")
        archive.addfile(info, io.BytesIO(b""))

    with pytest.raises(BackupUnusable):
        restore_backup(backup, database_url, data)


def test_whether_there_is_data(database_url: str) -> None:
    assert not holds_data(database_url)
    add_user(database_url, "ada@example.com")
    assert holds_data(database_url)
