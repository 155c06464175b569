"""PostgreSQL: a pool, and transactions that are bound to one user by row-level security.

Every connection of the application runs as the role `foliolens_app`, which owns nothing and sees only the
rows of the user named in the transaction-local setting `foliolens.user_id`. Work across users (the job
queue, sign-in, retention) asks for `system()` by name and runs as `foliolens_system`.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor, OperationalError
from psycopg.conninfo import make_conninfo
from psycopg.errors import DiskFull, ForeignKeyViolation
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout, TooManyRequests

from foliolens.errors import Conflict, ServiceUnavailable, StorageFull
from foliolens.kit import json
from foliolens.kit.traced_cursor import traced_cursor
from foliolens.ports.tracing import NO_TRACING, Tracing

__all__ = ["Database", "Transaction", "UnknownSession"]

_log = logging.getLogger(__name__)

Transaction = Connection[DictRow]
"""An open transaction: what services and stores work with; only the edge opens and ends one."""

_APPLICATION_ROLE = "foliolens_app"
_SESSION_SETTINGS = {
    "role": _APPLICATION_ROLE,
    "timezone": "UTC",
    # Milliseconds. Whoever waits longer is told 503; what was begun is undone.
    "statement_timeout": "15000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "60000",
}
_NETWORK = {
    # A server that vanished without a word (its machine lost power) is noticed within half a minute.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
_RECONNECT_SECONDS = 4.0
"""How long one attempt to connect goes on, with pauses that double; then whoever asks begins another."""
_WAITING_PER_CONNECTION = 40


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
        url: A PostgreSQL URL or conninfo string whose login is a member of the two application roles; or
            what tells one, called for each connection, where passwords are short-lived.
        pool_size: Most connections held.
        timeout: Seconds to wait for a free connection before the caller is told 503.
        tracing: Makes each query a span.
    """

    def __init__(
        self,
        url: str | Callable[[], str],
        *,
        pool_size: int = 10,
        timeout: float = 5.0,
        tracing: Tracing = NO_TRACING,
    ) -> None:
        self._url = url
        self._connect_timeout = max(1, round(timeout))
        self._pool: ConnectionPool[Transaction] = ConnectionPool(
            url,
            connection_class=Connection[DictRow],
            kwargs={
                "row_factory": dict_row,
                "autocommit": True,  # so that BEGIN is ours to send, with what follows it
                "options": " ".join(f"-c {name}={value}" for name, value in _SESSION_SETTINGS.items()),
                "connect_timeout": self._connect_timeout,
                **_NETWORK,
                **({} if tracing is NO_TRACING else {"cursor_factory": traced_cursor(tracing)}),
            },
            min_size=min(2, pool_size),
            max_size=pool_size,
            timeout=timeout,
            max_waiting=pool_size * _WAITING_PER_CONNECTION,
            reconnect_timeout=_RECONNECT_SECONDS,
            configure=_configure,
            open=False,
        )

    @property
    def url(self) -> str:
        """How to connect, now."""
        return self._url if isinstance(self._url, str) else self._url()

    def connect_alone(self) -> Connection[tuple[Any, ...]]:
        """A connection of its own, as the login's role, for what does nothing but wait.

        Raises:
            psycopg.OperationalError: The database does not answer.
        """
        address = make_conninfo(self.url, connect_timeout=self._connect_timeout, **_NETWORK)
        return Connection.connect(address, autocommit=True)

    def open(self, *, wait: bool = True) -> None:
        """Connect.

        Args:
            wait: Until the first connections are there; else whoever asks for one waits for it.
        """
        self._pool.open(wait=wait, timeout=30)

    def renew(self) -> None:
        """Replace every connection, where time passed that the other end did not see."""
        self._pool.drain()

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
            ServiceUnavailable: No connection within the timeout, or the database failed in the midst.
        """
        # Written into the text, for parameters would cost a round trip; a UUID and a time have no quotes.
        issued = "NULL" if issued_at is None else f"'{issued_at.isoformat()}'"
        enter = f"BEGIN; SELECT foliolens_enter('{user_id.hex}', {issued}) AS session"
        with self._transaction(enter) as (connection, entered):
            entered.nextset()
            row = entered.fetchone()
            if row is None or row["session"] != "active":
                raise UnknownSession(revoked=row is not None and row["session"] == "revoked")
            yield connection

    @contextmanager
    def system(self) -> Iterator[Transaction]:
        """A transaction across users, for sign-in, the queue and retention.

        Raises:
            ServiceUnavailable: No connection within the timeout.
        """
        with self._transaction("BEGIN; SET LOCAL ROLE foliolens_system") as (connection, _):
            yield connection

    def check(self) -> str:
        """Ask it something; tells that it is ready.

        Raises:
            ServiceUnavailable: It does not answer.
        """
        with self.system() as transaction:
            transaction.execute("SELECT")
        return "ready"

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[tuple[Transaction, Cursor[DictRow]]]:
        try:
            connection, begun = self._begin(begin.encode())
            try:
                with connection:
                    yield connection, begun
            finally:
                self._pool.putconn(connection)
        except ForeignKeyViolation as error:
            raise Conflict("What this belongs to was deleted in the meantime.") from error
        except (PoolTimeout, TooManyRequests) as error:
            raise ServiceUnavailable("The database is busy: try again shortly.") from error
        except DiskFull as error:
            _log.error("the database's disk is full")
            raise StorageFull from error
        except OperationalError as error:
            _log.exception("the database did not answer")
            raise ServiceUnavailable("The database did not answer: try again shortly.") from error

    def _begin(self, statements: bytes, *, retry: bool = True) -> tuple[Transaction, Cursor[DictRow]]:
        """Take a connection and open a transaction on it, in one round trip.

        A connection is not tried out first, which would cost another. Where it turns out to be broken
        (the database was restarted), so are the others: they are replaced, and nothing was done yet.
        """
        connection = self._pool.getconn()
        try:
            return connection, connection.execute(statements, prepare=False)
        except BaseException:
            broken = connection.broken
            self._pool.putconn(connection)
            if not (broken and retry):
                raise
        self._pool.check()
        return self._begin(statements, retry=False)


def _configure(connection: Transaction) -> None:
    # Numbers in jsonb are decimals on both ways, as in every other column.
    set_json_dumps(json.encode, connection)
    set_json_loads(json.decode, connection)
