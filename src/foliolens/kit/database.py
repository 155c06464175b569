"""PostgreSQL: a pool, and transactions that are bound to one user by row-level security.

Every connection of the application runs as the role `foliolens_app`, which owns nothing and sees only the
rows of the user named in the transaction-local setting `foliolens.user_id`. Work across users (the job
queue, sign-in, retention) asks for `system()` by name and runs as `foliolens_system`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection, OperationalError
from psycopg.errors import ForeignKeyViolation
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

from foliolens.errors import Conflict, ServiceUnavailable
from foliolens.kit import json

__all__ = ["Database", "Transaction", "UnknownSession"]

_log = logging.getLogger(__name__)

Transaction = Connection[DictRow]
"""An open transaction: what services and stores work with; only the edge opens and ends one."""

_APPLICATION_ROLE = "foliolens_app"
_STATEMENT_TIMEOUT_MS = 15_000


class UnknownSession(Exception):
    """The user of a token has no row yet, or has revoked the session.

    Args:
        revoked: True when the token was issued before the user signed out everywhere.
    """

    def __init__(self, *, revoked: bool) -> None:
        self.revoked = revoked
        super().__init__("session revoked" if revoked else "user unknown")


class Database:
    """A pool of connections and the three ways to open a transaction.

    Args:
        url: A PostgreSQL URL or conninfo string whose login is a member of the two application roles.
        pool_size: Most connections held.
        timeout: Seconds to wait for a free connection before the caller is told 503.
    """

    def __init__(self, url: str, *, pool_size: int = 10, timeout: float = 5.0) -> None:
        self.url = url
        self._pool: ConnectionPool[Transaction] = ConnectionPool(
            url,
            connection_class=Connection[DictRow],
            kwargs={
                "row_factory": dict_row,
                "options": f"-c role={_APPLICATION_ROLE} -c statement_timeout={_STATEMENT_TIMEOUT_MS}"
                " -c timezone=UTC -c idle_in_transaction_session_timeout=60000",
                "connect_timeout": max(1, round(timeout)),
            },
            min_size=min(2, pool_size),
            max_size=pool_size,
            timeout=timeout,
            max_waiting=pool_size * 40,
            check=ConnectionPool.check_connection,
            configure=_configure,
            open=False,
        )

    def open(self) -> None:
        """Connect; waits until the first connections are there."""
        self._pool.open(wait=True, timeout=30)

    def close(self) -> None:
        """Give every connection back."""
        self._pool.close()

    @contextmanager
    def user(self, user_id: UUID, issued_at: datetime | None = None) -> Iterator[Transaction]:
        """A transaction that sees the rows of one user only.

        Args:
            user_id: Whose rows.
            issued_at: When the caller's token was issued; None for our own workers.

        Raises:
            UnknownSession: The user has no row, or signed out after the token was issued.
            ServiceUnavailable: No connection within the timeout.
        """
        with self._connection() as connection:
            row = self._run(connection, "SELECT foliolens_enter(%s, %s) AS session", (user_id, issued_at))
            if row["session"] != "active":
                raise UnknownSession(revoked=row["session"] == "revoked")
            yield connection

    @contextmanager
    def system(self) -> Iterator[Transaction]:
        """A transaction across users, for sign-in, the queue and retention.

        Raises:
            ServiceUnavailable: No connection within the timeout.
        """
        with self._connection() as connection:
            connection.execute("SET LOCAL ROLE foliolens_system")
            yield connection

    @contextmanager
    def _connection(self) -> Iterator[Transaction]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except ForeignKeyViolation as error:
            raise Conflict("What this belongs to was deleted in the meantime.") from error
        except PoolTimeout as error:
            raise ServiceUnavailable("The database is busy: try again shortly.") from error
        except OperationalError as error:
            _log.exception("the database did not answer")
            raise ServiceUnavailable("The database did not answer: try again shortly.") from error

    @staticmethod
    def _run(connection: Transaction, query: LiteralString, parameters: tuple[object, ...]) -> dict[str, Any]:
        row = connection.execute(query, parameters).fetchone()
        if row is None:
            raise LookupError("the statement returned no row")
        return row


def _configure(connection: Transaction) -> None:
    # Numbers in jsonb are decimals on both ways, as in every other column.
    set_json_dumps(json.encode, connection)
    set_json_loads(json.decode, connection)
