"""Transactions: whose they are, how they end, and what a restarted database does to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from foliolens.errors import ServiceUnavailable
from foliolens.kit.database import Database, UnknownSession


@pytest.fixture
def user_id(database: Database) -> UUID:
    identifier = uuid4()
    with database.system() as transaction:
        transaction.execute(
            "INSERT INTO users (id, email, first_name) VALUES (%s, 'ada@example.com', 'Ada')", (identifier,)
        )
    return identifier


def _first_name(database: Database, user_id: UUID) -> str:
    with database.user(user_id) as transaction:
        row = transaction.execute("SELECT first_name FROM users").fetchone()
    assert row is not None
    return str(row["first_name"])


def test_a_transaction_is_bound_to_its_user_and_role(database: Database, user_id: UUID) -> None:
    with database.user(user_id) as transaction:
        row = transaction.execute("SELECT foliolens_user() AS id, current_user AS role").fetchone()

    assert row == {"id": user_id, "role": "foliolens_app"}


def test_work_across_users_has_a_role_of_its_own(database: Database) -> None:
    with database.system() as transaction:
        row = transaction.execute("SELECT foliolens_user() AS id, current_user AS role").fetchone()

    assert row == {"id": None, "role": "foliolens_system"}


def test_a_user_does_not_outlive_the_transaction(database: Database, user_id: UUID) -> None:
    for _ in range(8):  # more than the pool has connections
        _first_name(database, user_id)

    for _ in range(8):
        with database.system() as transaction:
            assert transaction.execute("SELECT foliolens_user() AS id").fetchone() == {"id": None}


def test_a_block_that_ends_well_is_kept(database: Database, user_id: UUID) -> None:
    with database.user(user_id) as transaction:
        transaction.execute("UPDATE users SET first_name = 'Grace'")

    assert _first_name(database, user_id) == "Grace"


def test_a_block_that_raises_leaves_nothing(database: Database, user_id: UUID) -> None:
    with pytest.raises(ZeroDivisionError), database.user(user_id) as transaction:
        transaction.execute("UPDATE users SET first_name = 'Grace'")
        raise ZeroDivisionError

    assert _first_name(database, user_id) == "Ada"


def test_a_user_without_a_row_is_unknown(database: Database) -> None:
    with pytest.raises(UnknownSession) as caught, database.user(uuid4()):
        pass

    assert not caught.value.revoked


def test_a_token_from_before_signing_out_is_revoked(database: Database, user_id: UUID) -> None:
    signed_out = datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC)
    with database.system() as transaction:
        transaction.execute("UPDATE users SET sessions_revoked_at = %s", (signed_out,))

    with pytest.raises(UnknownSession) as caught, database.user(user_id, signed_out):
        pass

    assert caught.value.revoked
    with database.user(user_id, signed_out + timedelta(microseconds=1)):
        pass


def test_a_restarted_database_is_not_noticed(database: Database, user_id: UUID) -> None:
    _first_name(database, user_id)
    with psycopg.connect(database.url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert [_first_name(database, user_id) for _ in range(8)] == ["Ada"] * 8


def test_who_finds_no_free_connection_in_time_is_told_to_come_back(database_url: str) -> None:
    small = Database(database_url, pool_size=1, timeout=0.2)
    small.open()
    try:
        with small.system(), pytest.raises(ServiceUnavailable, match="busy") as caught, small.system():
            pass
        with small.system() as transaction:
            assert transaction.execute("SELECT 1 AS one").fetchone() == {"one": 1}
    finally:
        small.close()

    assert caught.value.headers["Retry-After"] == "2"


def test_a_statement_a_lock_and_an_idle_transaction_have_their_time(database: Database) -> None:
    with database.system() as transaction:
        limits = {
            name: transaction.execute("SELECT current_setting(%s) AS value", (name,)).fetchone()
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        }

    assert limits == {
        "statement_timeout": {"value": "15s"},
        "lock_timeout": {"value": "5s"},
        "idle_in_transaction_session_timeout": {"value": "1min"},
    }
