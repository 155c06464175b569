"""Every revision can be taken back, and the code of the revision before goes on working beside it."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest

from foliolens.adapters.local.postgres import binary
from foliolens.kit.migrations import database_revision, head_revision, migrate
from tests.postgres import cluster

REVISIONS = sorted(path.name.partition("_")[0] for path in Path("migrations/versions").glob("[0-9]*_*.py"))


CONTRACTED: dict[str, set[str]] = {}
"""By revision, the columns it removes, which the code of the revision before did not use any more."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A cluster of its own: the tests move its one database up and down."""
    with cluster() as started:
        yield started


def dump(url: str) -> str:
    """The schema as SQL, without what differs from run to run."""
    ended = subprocess.run(
        [binary("pg_dump"), "--schema-only", f"--dbname={url}"], capture_output=True, text=True, check=True
    )
    return "\n".join(line for line in ended.stdout.splitlines() if not line.startswith("\\"))


@dataclass(frozen=True)
class Column:
    """What a statement that reads or writes a column relies on."""

    type: str
    may_be_left_out: bool


def columns(url: str) -> dict[str, Column]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT table_schema || '.' || table_name || '.' || column_name,"
            " format('%s(%s,%s)', udt_name, numeric_precision, numeric_scale),"
            " is_nullable = 'YES' OR column_default IS NOT NULL OR is_identity = 'YES'"
            " FROM information_schema.columns"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
    return {name: Column(kind, optional) for name, kind, optional in rows}


def rights(url: str) -> set[tuple[str, ...]]:
    """What the roles of the application may do with which table, and which functions there are."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT grantee, table_schema || '.' || table_name, privilege_type"
            " FROM information_schema.role_table_grants WHERE grantee LIKE 'foliolens\\_%'"
        ).fetchall()
        functions = connection.execute(
            "SELECT 'function', p.oid::regprocedure::text, pg_get_function_result(p.oid) FROM pg_proc p"
            " WHERE pronamespace = 'public'::regnamespace"
        ).fetchall()
    return {tuple(row) for row in [*tables, *functions]}


def unique_keys(url: str) -> set[str]:
    """What `ON CONFLICT` of the code can name."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT conrelid::regclass || ': ' || pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype IN ('p', 'u') AND connamespace::regnamespace::text IN ('public', 'identity')"
        ).fetchall()
    return {definition for (definition,) in rows}


def test_the_chain_has_no_gap() -> None:
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS
    assert head_revision() == REVISIONS[-1]


def test_going_back_and_forth_ends_where_it_was(url: str) -> None:
    migrate(url)
    whole = dump(url)
    on_the_way = {}
    for revision in reversed(REVISIONS[:-1]):
        assert migrate(url, revision) == revision == database_revision(url)
        on_the_way[revision] = dump(url)
    for revision in REVISIONS[1:-1]:
        migrate(url, revision)
        assert dump(url) == on_the_way[revision]
    migrate(url)

    assert dump(url) == whole


@pytest.mark.parametrize(("before", "after"), list(pairwise(REVISIONS)))
def test_the_code_before_works_beside_it(url: str, before: str, after: str) -> None:
    """Expand first, contract a release later: nothing is taken away or renamed that the code before uses.

    Only what was already unused one revision earlier may go, and then it stands in `CONTRACTED`.
    """
    migrate(url, before)
    columns_before, rights_before, keys_before = columns(url), rights(url), unique_keys(url)
    migrate(url, after)
    columns_after = columns(url)

    gone = set(columns_before) - set(columns_after)
    assert gone == CONTRACTED.get(after, set())
    for name in set(columns_before) & set(columns_after):
        assert columns_after[name].type == columns_before[name].type, name
        # An INSERT of the code before names the columns it knows.
        assert columns_after[name].may_be_left_out >= columns_before[name].may_be_left_out, name
    tables_before = {name.rpartition(".")[0] for name in columns_before}
    new_columns = {name for name in columns_after if name.rpartition(".")[0] in tables_before}
    for name in new_columns - set(columns_before):
        assert columns_after[name].may_be_left_out, name
    assert rights_before <= rights(url)
    assert keys_before <= unique_keys(url)


def test_a_table_in_use_is_waited_for_in_short_turns(url: str) -> None:
    """Who only waits holds up everybody who comes later; so it gives up its place and asks again."""
    migrate(url, "0003")
    turns: set[int] = set()
    migration = threading.Thread(target=lambda: migrate(url, lock_seconds=0.2))
    with psycopg.connect(url) as using, psycopg.connect(url, autocommit=True) as watching:
        using.execute("LOCK TABLE jobs IN ACCESS SHARE MODE")
        migration.start()
        deadline = time.monotonic() + 30
        while len(turns) < 2:
            assert time.monotonic() < deadline, "it did not ask twice"
            turns |= {
                pid
                for (pid,) in watching.execute(
                    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%jobs%'"
                )
            }
        using.rollback()
        migration.join()

    assert database_revision(url) == head_revision()
