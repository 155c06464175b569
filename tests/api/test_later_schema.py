"""Beside the next version: its migration has added columns, and this version's server goes on working."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from foliolens.kit.migrations import migrate
from tests.postgres import cluster

from .conftest import PASSWORD, Server, User, running_server, signed_up
from .exchanges import STANDARD_CSV, create_portfolio, portfolio, upload


def expand(url: str) -> int:
    """Add to every table what the rule allows a later version to add; how many tables there are."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'identity')"
            " AND tablename <> 'alembic_version'"
        ).fetchall()
        for schema, name in tables:
            table = sql.Identifier(schema, name)
            connection.execute(sql.SQL("ALTER TABLE {} ADD COLUMN later_note text").format(table))
            connection.execute(
                sql.SQL("ALTER TABLE {} ADD COLUMN later_count integer NOT NULL DEFAULT 7").format(table)
            )
    return len(tables)


@pytest.fixture(scope="module")
def beside_the_next_version() -> Iterator[Server]:
    """A server whose database is changed under it while it runs, as a rolling update does."""
    with cluster() as url:
        migrate(url)
        with running_server(auto_confirm="true", database_url=url) as server:
            assert expand(url) > 15
            yield server


@pytest.fixture
def owner(beside_the_next_version: Server) -> Iterator[User]:
    with signed_up(beside_the_next_version) as member:
        yield member


def test_everything_can_still_be_done(owner: User) -> None:
    client = owner.client
    created = create_portfolio(client)
    path = f"/portfolios/{created['id']}"
    changed = client.put(path, json=portfolio("Renamed", version=created["version"]))
    imported = upload(client, STANDARD_CSV)
    link = client.post(f"{path}/share", json={}, headers={"Idempotency-Key": uuid4().hex})
    answers = [
        changed,
        link,
        client.get(path),
        client.get(f"{path}/risk"),
        client.get(f"{path}/shares"),
        client.get(f"/shared/{link.json()['shareToken']}"),
        client.post("/portfolios/compare", json={"portfolioIds": [created["id"], imported["portfolioId"]]}),
        client.put("/user/preferences", json={"theme": "dark"}),
        client.post("/auth/refresh", json={"refreshToken": owner.tokens["refreshToken"]}),
        client.post(f"/upload/{imported['uploadId']}/undo"),
        client.get("/user/export"),
        client.get("/ready"),
    ]

    assert [(answer.url.path, answer.status_code) for answer in answers if answer.status_code >= 300] == []
    assert answers[-2].json()["portfolios"][0]["laterCount"] == 7
    assert client.request("DELETE", "/user", json={"password": PASSWORD}).status_code == 200
