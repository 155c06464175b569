"""The databases other tests get: copies of one template, independent of each other."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.postgres import cloned_database, cluster
from tests.unit.local_postgres.observing import query


@pytest.fixture(scope="module")
def template() -> Iterator[str]:
    with cluster() as url:
        query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        yield url


def test_a_copy_has_what_the_template_has(template: str) -> None:
    with cloned_database(template) as copy:
        assert copy != template
        assert query(copy, "SELECT answer FROM kept") == 42


def test_copies_do_not_see_each_others_changes(template: str) -> None:
    with cloned_database(template) as one, cloned_database(template) as other:
        query(one, "DELETE FROM kept")

        assert query(other, "SELECT count(*) FROM kept") == 1
        assert query(template, "SELECT count(*) FROM kept") == 1


def test_a_copy_is_gone_afterwards_though_somebody_is_connected(template: str) -> None:
    with cloned_database(template) as copy:
        forgotten = psycopg.connect(copy)

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(copy)
    forgotten.close()
