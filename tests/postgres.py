"""A throwaway PostgreSQL for tests: one cluster per test process, one cloned database per test.

Under pytest-xdist every worker is a process of its own and starts its own cluster: nothing is shared, nothing
needs coordinating. Migrate the cluster's own database once, close the connections to it, clone it per test:

    with cluster() as template_url:
        migrate(template_url)
        with cloned_database(template_url) as url:
            ...
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from foliolens.adapters.local.postgres import EmbeddedPostgres
from foliolens.kit.database import Database

__all__ = ["cloned_database", "cluster", "empty_database", "opened_clone"]


@contextmanager
def cluster() -> Iterator[str]:
    """Run a server without crash safety in a temporary folder.

    Yields:
        The URL of its empty database, as the owner role (a superuser).
    """
    with (
        tempfile.TemporaryDirectory(prefix="foliolens-tests-") as folder,
        EmbeddedPostgres(Path(folder, "postgres"), durable=False) as server,
    ):
        yield server.url


@contextmanager
def cloned_database(template_url: str) -> Iterator[str]:
    """Copy a database, and drop the copy afterwards whoever is still connected to it.

    Args:
        template_url: The database to copy. Nobody may be connected to it meanwhile.

    Yields:
        The URL of the copy, with the user of `template_url`.
    """
    template = urlsplit(template_url).path.removeprefix("/")
    # On a cluster without fsync copying files beats writing every page to the log.
    how = sql.SQL("TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
    with _database(template_url, how) as url:
        yield url


@contextmanager
def opened_clone(template_url: str, *, pool_size: int) -> Iterator[Database]:
    """Copy a database, and open a pool of connections to the copy; see `cloned_database`."""
    with cloned_database(template_url) as url:
        opened = Database(url, pool_size=pool_size)
        opened.open()
        yield opened
        opened.close()


@contextmanager
def empty_database(template_url: str) -> Iterator[str]:
    """Make a database beside another that nobody has migrated; see `cloned_database`."""
    with _database(template_url, sql.SQL("")) as url:
        yield url


@contextmanager
def _database(beside: str, how: sql.Composable) -> Iterator[str]:
    name = f"test_{secrets.token_hex(8)}"
    identifier = sql.Identifier(name)
    with psycopg.connect(_sibling(beside, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} {}").format(identifier, how))
        try:
            yield _sibling(beside, name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def _sibling(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
