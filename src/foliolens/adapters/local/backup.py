"""Backup and restore of everything: the database, the files on their way, and the signing secret.

A backup is a tar file with a manifest, PostgreSQL's own dump and the data folder's files. A restore fills a
database beside the present one and exchanges the two at the end, so that a broken backup changes nothing.
"""

import io
import json
import os
import subprocess
import tarfile
import tempfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from foliolens import __version__
from foliolens.adapters.local.postgres import binary
from foliolens.kit.migrations import database_revision, migrate

__all__ = ["BackupUnusable", "holds_data", "restore_backup", "write_backup"]

_FOLDERS = ("objects", "secrets", "outbox", "prices")
_FORMAT = 1


class BackupUnusable(Exception):
    """The file is not a backup this version can restore."""


def write_backup(database_url: str, data: Path, target: Path) -> None:
    """Write a backup, complete or not at all.

    Args:
        database_url: The owner's login; the database may be in use.
        data: The data folder.
        target: The file to write; replaced when it exists.

    Raises:
        RuntimeError: PostgreSQL's dump failed.
        OSError: The target cannot be written.
    """
    partial = target.with_name(f".{target.name}.partial")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            dump = Path(scratch, "database.dump")
            _run("pg_dump", database_url, "--format=custom", f"--file={dump}")
            manifest = {
                "format": _FORMAT,
                "version": __version__,
                "revision": database_revision(database_url),
                "createdAt": datetime.now(UTC).isoformat(),
            }
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                with tarfile.open(fileobj=file, mode="w:gz") as archive:
                    _add_text(archive, "manifest.json", json.dumps(manifest))
                    archive.add(dump, "database.dump")
                    for folder in _FOLDERS:
                        if (data / folder).is_dir():
                            archive.add(data / folder, folder, filter=_only_finished_files)
                file.flush()
                os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def holds_data(database_url: str) -> bool:
    """Whether a database has users in it."""
    if database_revision(database_url) is None:
        return False
    with psycopg.connect(database_url) as connection:
        return connection.execute("SELECT EXISTS (SELECT FROM users)").fetchone() == (True,)


def restore_backup(source: Path, database_url: str, data: Path) -> None:
    """Replace the database and the files by those of a backup.

    Args:
        source: A file of `write_backup`.
        database_url: A login that may create databases.
        data: The data folder.

    Raises:
        BackupUnusable: Not a backup, damaged, or of a newer version; nothing was changed.
    """
    with tempfile.TemporaryDirectory() as scratch:
        unpacked = Path(scratch)
        _unpack(source, unpacked)
        incoming = _sibling(database_url, f"foliolens_incoming_{os.getpid()}")
        with psycopg.connect(_sibling(database_url, "postgres"), autocommit=True) as server:
            _create(server, incoming)
            try:
                migrate(incoming)  # creates the roles that the dump grants rights to
                _run(
                    "pg_restore",
                    incoming,
                    "--clean",
                    "--if-exists",
                    "--no-owner",
                    "--single-transaction",
                    str(unpacked / "database.dump"),
                )
                migrate(incoming)
            except BaseException as error:
                _drop(server, incoming)
                if isinstance(error, RuntimeError):
                    raise BackupUnusable(f"The backup cannot be restored: {error}") from error
                raise
            _exchange(server, database_url, incoming)
        _put_files_back(unpacked, data)


def _unpack(source: Path, target: Path) -> None:
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(target, filter="data")
        manifest = dict(json.loads((target / "manifest.json").read_text()))
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, TypeError) as error:
        raise BackupUnusable(f"{source} is not a complete backup: {error}") from error
    if manifest.get("format") != _FORMAT:
        raise BackupUnusable(f"{source} was written by FolioLens {manifest.get('version')}: update first.")


def _put_files_back(unpacked: Path, data: Path) -> None:
    for folder in _FOLDERS:
        kept = {file.relative_to(unpacked) for file in _files_below(unpacked / folder)}
        for name in sorted(kept):
            target = data / name
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            target.write_bytes((unpacked / name).read_bytes())
            target.chmod(0o600)
        for former in _files_below(data / folder):
            if former.relative_to(data) not in kept:
                former.unlink()


def _files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _run(program: str, database_url: str, *arguments: str) -> None:
    # The password goes by the environment: arguments can be read by every user of the machine.
    parts = urlsplit(database_url)
    address = urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")))
    answer = subprocess.run(  # noqa: S603 - a program of our own dependency
        [binary(program), f"--dbname={address}", *arguments],
        env={**os.environ, "PGPASSWORD": parts.password or ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise RuntimeError(f"{program}: {answer.stderr.strip().splitlines()[-1:]}")


def _create(server: psycopg.Connection[tuple[object, ...]], url: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_name(url)))
    server.execute(sql.SQL("CREATE DATABASE {}").format(_name(url)))


def _drop(server: psycopg.Connection[tuple[object, ...]], url: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_name(url)))


def _exchange(server: psycopg.Connection[tuple[object, ...]], present: str, incoming: str) -> None:
    former = _sibling(present, f"foliolens_former_{os.getpid()}")
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (_plain_name(present),)
    )
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(_name(present), _name(former)))
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(_name(incoming), _name(present)))
    _drop(server, former)


def _plain_name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def _name(url: str) -> sql.Identifier:
    return sql.Identifier(_plain_name(url))


def _sibling(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def _only_finished_files(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "/.incoming" in f"/{info.name}" else info
