"""Bringing a database to the schema this code was written for."""

from pathlib import Path

import psycopg

__all__ = ["database_revision", "head_revision", "migrate"]

_LOCK = 0x464F4C494F  # "FOLIO": one migration at a time, whoever starts first


def _folder() -> Path:
    installed = Path(__file__).parents[1] / "migrations"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "migrations"


def head_revision() -> str:
    """The newest revision this code has: the number its file name starts with."""
    return max(path.name.partition("_")[0] for path in (_folder() / "versions").glob("[0-9]*_*.py"))


def database_revision(url: str) -> str | None:
    """The revision a database is at; None when it has never been migrated."""
    with psycopg.connect(url) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def migrate(url: str, revision: str | None = None) -> str:
    """Bring the database to a revision and return it; a no-op (and cheap) where it is there already.

    Args:
        url: A login that may create roles and tables.
        revision: Where to go, forwards or backwards; the newest by default.

    Raises:
        RuntimeError: The database is at a revision this code does not know.
    """
    target = revision or head_revision()
    current = database_revision(url)
    if current == target:
        return target
    if revision is None and current is not None and current > target:
        raise RuntimeError(
            f"the database is at revision {current}, this version knows up to {target}: update FolioLens"
        )
    _run(url, target, backwards=current is not None and current > target)
    return target


def _run(url: str, target: str, *, backwards: bool) -> None:
    # Alembic brings SQLAlchemy along: half a second that a start with nothing to migrate must not pay.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import create_engine, text  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url))
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            config.attributes["connection"] = connection
            if backwards:
                command.downgrade(config, target)
            else:
                command.upgrade(config, target)
    finally:
        engine.dispose()
