"""Bringing a database to the schema this code was written for."""

import logging
import time
from pathlib import Path

import psycopg
from psycopg.errors import LockNotAvailable

__all__ = ["database_revision", "head_revision", "migrate"]

_log = logging.getLogger(__name__)

_CONNECT_SECONDS = 10
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.5
_LOCK = 0x464F4C494F  # "FOLIO": one migration at a time, whoever starts first


def _folder() -> Path:
    installed = Path(__file__).parents[1] / "migrations"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "migrations"


def head_revision() -> str:
    """The newest revision this code has: the number its file name starts with."""
    return max(_revisions())


def _revisions() -> set[str]:
    return {path.name.partition("_")[0] for path in (_folder() / "versions").glob("[0-9]*_*.py")}


def database_revision(url: str) -> str | None:
    """The revision a database is at; None when it has never been migrated."""
    with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def migrate(url: str, revision: str | None = None, *, lock_seconds: float = 3.0) -> str:
    """Bring the database to a revision and return it; a no-op (and cheap) where it is there already.

    All in one transaction. It waits for no table longer than the previous version's requests, which queue up
    behind it, wait for it; where one is in use longer than that, all is undone and tried again.

    Args:
        url: A login that may create roles and tables.
        revision: Where to go, forwards or backwards; the newest by default.
        lock_seconds: How long to wait for a table at a time.

    Raises:
        RuntimeError: There is no such revision, the database is at one this code does not know, or a table
            was in use all the time.
    """
    target = revision or head_revision()
    if target not in _revisions():
        raise RuntimeError(f"there is no revision {target}")
    current = database_revision(url)
    if current == target:
        return target
    if revision is None and current is not None and current > target:
        raise RuntimeError(
            f"the database is at revision {current}, this version knows up to {target}: update FolioLens"
        )
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not _run(
        url, target, backwards=current is not None and current > target, lock_seconds=lock_seconds
    ):
        if time.monotonic() > deadline:
            raise RuntimeError("the database's tables are in use: end long transactions and try again")
        _log.warning("the migration waits for a table that is in use")
        time.sleep(_PAUSE_SECONDS)
    return target


def _run(url: str, target: str, *, backwards: bool, lock_seconds: float) -> bool:
    """Go there; False when a table is in use, and nothing was changed."""
    # Alembic brings SQLAlchemy along: half a second that a start with nothing to migrate must not pay.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import create_engine, text  # noqa: PLC0415
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url, connect_timeout=_CONNECT_SECONDS)
    )
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            connection.execute(text(f"SET LOCAL lock_timeout = {round(lock_seconds * 1000)}"))
            config.attributes["connection"] = connection
            if backwards:
                command.downgrade(config, target)
            else:
                command.upgrade(config, target)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return False
        raise
    else:
        return True
    finally:
        engine.dispose()
