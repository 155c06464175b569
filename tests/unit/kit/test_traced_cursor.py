"""What a span tells of a query: what it does to which table, and nothing of anybody."""

from __future__ import annotations

import pytest
from psycopg import sql

from foliolens.kit.traced_cursor import summary


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT name FROM portfolios WHERE id = %s", ("SELECT", "portfolios")),
        ("  update jobs SET run_at = now()", ("UPDATE", None)),
        ("UPDATE jobs SET run_at = now()", ("UPDATE", "jobs")),
        ("INSERT INTO uploads (id) VALUES (%s)", ("INSERT", "uploads")),
        ("WITH buried AS (DELETE FROM jobs RETURNING *) INSERT INTO dead_jobs SELECT 1", ("WITH", "jobs")),
        (b"BEGIN; SELECT foliolens_enter('6ba7b8109dad11d180b400c04fd430c8', NULL)", ("BEGIN", None)),
        (sql.SQL("SELECT 1"), ("QUERY", None)),
        ("", ("QUERY", None)),
    ],
)
def test_summary(query: object, told: tuple[str, str | None]) -> None:
    assert summary(query) == told
