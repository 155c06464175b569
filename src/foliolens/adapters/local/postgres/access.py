"""Reaching the server: its URL, for the process which started it and for others on the same folder."""

from __future__ import annotations

import secrets
from pathlib import Path

import psycopg

from foliolens.adapters.local.postgres.cluster import ROLE
from foliolens.adapters.local.postgres.errors import EmbeddedPostgresError
from foliolens.adapters.local.postgres.ownership import write_private

__all__ = ["create_database", "password_of", "recorded_port", "recorded_url", "running_url", "url"]

_DATABASE = "foliolens"
_CONNECT_TIMEOUT = 5  # seconds


def url(password: str, port: int, database: str = _DATABASE) -> str:
    """`postgresql://user:password@host:port/dbname`, as libpq, psycopg and SQLAlchemy read it."""
    return f"postgresql://{ROLE}:{password}@127.0.0.1:{port}/{database}"


def running_url(folder: Path) -> str | None:
    """The URL of the live server in this folder, for other processes than its owner's.

    Args:
        folder: As given to `EmbeddedPostgres`.

    Returns:
        `None` when no server is running there, or it is not ready yet.

    Raises:
        EmbeddedPostgresError: The folder belongs to another user.
    """
    found = recorded_url(folder)
    if found is None:
        return None
    try:
        _connect(found).close()
    except psycopg.OperationalError:
        return None
    return found


def recorded_url(folder: Path) -> str | None:
    """The URL the server in this folder had last, whether it answers or not.

    Args:
        folder: As given to `EmbeddedPostgres`.

    Returns:
        `None` when no server ever ran there.

    Raises:
        EmbeddedPostgresError: The folder belongs to another user.
    """
    try:
        port = recorded_port(folder)
        password = (folder / "password").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise EmbeddedPostgresError(
            f"Cannot read the server's address in {folder}: {error}", "Run as the user it belongs to"
        ) from error
    return None if port is None else url(password, port)


def recorded_port(folder: Path) -> int | None:
    """The port the server had last."""
    path = folder / "port"
    text = path.read_text(encoding="ascii").strip() if path.exists() else ""
    return int(text) if text.isdigit() else None


def password_of(folder: Path) -> str:
    """The owner role's password, made up when there is no cluster yet.

    Raises:
        EmbeddedPostgresError: There is a cluster without its password file.
    """
    path = folder / "password"
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    if (folder / "data").exists():
        raise EmbeddedPostgresError(
            f"There is a database in {folder}, but its password file {path} is gone",
            "Put the file back from a backup of the folder",
        )
    password = secrets.token_urlsafe(32)
    write_private(path, f"{password}\n")
    return password


def create_database(password: str, port: int) -> None:
    """Create the database `foliolens` unless it exists.

    Raises:
        EmbeddedPostgresError: The server does not take the password.
    """
    try:
        with _connect(url(password, port, "postgres")) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE])
            if found.fetchone() is None:
                connection.execute(f"CREATE DATABASE {_DATABASE}")
    except psycopg.OperationalError as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL is up on port {port} but cannot be used: {str(error).strip()}",
            "If it refuses the password, put the folder's password file back from a backup",
        ) from error


def _connect(address: str) -> psycopg.Connection[tuple[object, ...]]:
    """Connect only to a server which proves that it knows the password, as SCRAM demands of both sides."""
    return psycopg.connect(
        address, autocommit=True, connect_timeout=_CONNECT_TIMEOUT, require_auth="scram-sha-256"
    )
