"""Nobody sees or touches what belongs to somebody else: by any route, and by row-level security alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from foliolens.adapters.local.postgres import running_url
from foliolens.entrypoints.application import api_document_text

from .conftest import Server, User, signed_up
from .exchanges import STANDARD_CSV, ask_for_upload, assert_error, create_portfolio, portfolio, upload

DOCUMENT: dict[str, Any] = json.loads(api_document_text())
BODIES: dict[tuple[str, str], dict[str, object]] = {
    ("put", "/v1/portfolios/{portfolioId}"): portfolio("Taken over", version=1),
    ("post", "/v1/portfolios/{portfolioId}/upload"): {
        "filename": "a.csv",
        "size": 1,
        "contentType": "text/csv",
    },
    ("post", "/v1/portfolios/{portfolioId}/share"): {},
    ("post", "/v1/portfolios/{portfolioId}/rebalance"): {"targets": {"method": "equal_weight"}},
}
"""A valid body for every route with an id that takes one: only the ownership may be wrong."""

TOKEN_IS_THE_RIGHT = {"/v1/shared/{token}", "/v1/shared/{token}/risk"}
"""Routes whose path holds a secret that anybody may use."""

OPEN_TO_ALL = {
    "/v1/tiingo/daily/{ticker}",
    "/v1/tiingo/daily/{ticker}/prices",
    "/v1/market/{ticker}/outlook",
}
"""Routes about what belongs to nobody."""


@dataclass(frozen=True)
class Estate:
    """Everything one user owns that has an id, and a stranger."""

    owner: User
    stranger: User
    ids: dict[str, str]


@pytest.fixture(scope="module")
def estate(server: Server) -> Iterator[Estate]:
    with signed_up(server) as owner, signed_up(server) as stranger:
        created = create_portfolio(owner.client, **portfolio("Mine"))
        imported = upload(owner.client, STANDARD_CSV, created["id"])
        assert imported["status"] == "COMPLETED"
        owner.client.post(
            "/portfolios", json=portfolio("Keyed"), headers={"Idempotency-Key": uuid4().hex}
        ).raise_for_status()
        shared = owner.client.post(f"/portfolios/{created['id']}/share", json={}).raise_for_status().json()
        owner.client.get(f"/shared/{shared['shareToken']}").raise_for_status()
        create_portfolio(stranger.client)
        yield Estate(
            owner,
            stranger,
            {
                "portfolioId": created["id"],
                "uploadId": imported["uploadId"],
                "shareId": shared["shareId"],
                "token": shared["shareToken"],
            },
        )


WITH_ID = [
    (method, path)
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
    if "{" in path and path not in OPEN_TO_ALL
]


def test_there_are_routes_with_ids() -> None:
    assert len(WITH_ID) >= 8


@pytest.mark.parametrize(("method", "path"), WITH_ID, ids=lambda value: value)
class TestEveryRouteWithAnId:
    def request(self, client: httpx.Client, method: str, path: str, ids: dict[str, str]) -> httpx.Response:
        names = re.findall(r"{(\w+)}", path)
        assert set(names) <= ids.keys(), f"teach Estate to make what {path} names"
        takes_body = "requestBody" in DOCUMENT["paths"][path][method]
        assert not takes_body or (method, path) in BODIES, f"add a valid body for {method} {path} to BODIES"
        filled = re.sub(r"{(\w+)}", lambda match: ids[match[1]], path)
        return client.request(method, filled.removeprefix("/v1"), json=BODIES.get((method, path)))

    def test_a_strangers_token_finds_nothing(self, estate: Estate, method: str, path: str) -> None:
        if path in TOKEN_IS_THE_RIGHT:
            pytest.skip("the path itself is the permission")

        answer = self.request(estate.stranger.client, method, path, estate.ids)

        assert answer.status_code == 404, f"{method} {path}: {answer.text}"
        assert_error(answer, 404, answer.json()["error"])
        unknown = self.request(
            estate.stranger.client, method, path, {name: str(uuid4()) for name in estate.ids}
        )
        assert {**unknown.json(), "requestId": ""} == {**answer.json(), "requestId": ""}

    def test_without_a_token_nothing_is_told(
        self, estate: Estate, client: httpx.Client, method: str, path: str
    ) -> None:
        if path in TOKEN_IS_THE_RIGHT:
            pytest.skip("the path itself is the permission")

        assert_error(self.request(client, method, path, estate.ids), 401, "AUTHENTICATION_REQUIRED")


def test_the_owner_still_has_everything_after_the_strangers_visit(estate: Estate) -> None:
    mine = estate.owner.client.get(f"/portfolios/{estate.ids['portfolioId']}")
    status = estate.owner.client.get(f"/upload/{estate.ids['uploadId']}/status")
    shares = estate.owner.client.get(f"/portfolios/{estate.ids['portfolioId']}/shares")

    assert (mine.status_code, mine.json()["name"], mine.json()["holdingsCount"]) == (200, "Mine", 3)
    assert status.json()["status"] == "COMPLETED"
    assert [share["shareId"] for share in shares.json()["shares"]] == [estate.ids["shareId"]]


def test_a_strangers_list_and_export_hold_nothing_of_the_owner(estate: Estate) -> None:
    for path in ("/portfolios", "/user/export", "/user/profile"):
        text = estate.stranger.client.get(path).text
        assert not [value for value in (*estate.ids.values(), estate.owner.id, "Mine") if value in text]


USER_TABLES: dict[str, tuple[str, dict[str, object]]] = {
    "users": ("id", {"email": "forged@example.com"}),
    "portfolios": ("user_id", {"name": "forged", "total_value": 1, "holdings_count": 0}),
    "holdings": (
        "user_id",
        {
            "position": 0,
            "symbol": "FORGED",
            "name": "",
            "type": "stock",
            "sector": "unknown",
            "region": "us",
            "allocation": 1,
            "amount": 1,
        },
    ),
    "uploads": (
        "user_id",
        {
            "creates_portfolio": True,
            "filename": "forged",
            "size": 1,
            "content_type": "text/csv",
            "mode": "merge",
            "validate_only": False,
            "override_rules": False,
            "expires_at": "2030-01-01T00:00:00Z",
        },
    ),
    "shares": (
        "user_id",
        {
            "token_hash": bytes(32),
            "permissions": ["view"],
            "show_amounts": True,
            "created_at": "2030-01-01T00:00:00Z",
            "expires_at": "2031-01-01T00:00:00Z",
        },
    ),
    "idempotency_keys": ("scope", {"key": "forged", "fingerprint": b"", "response": Jsonb({})}),
}
"""Every table a signed-in user's requests reach: the column that names the user, and a row to forge."""

READ_ONLY = {"share_views"}
"""Tables the application's role may only read; whose a row is, another table says."""

OF_NOBODY = {"price_symbols", "daily_prices"}
"""Tables that everybody may read, for they hold nothing of any user."""

NOT_REACHABLE = {"jobs", "dead_jobs", "alembic_version", "cache_entries", "cache_claims", "rate_windows"}
"""Tables the application's role has no rights on."""


class TestRowLevelSecurity:
    """Queries without any WHERE clause, as the role the application runs as."""

    @pytest.fixture
    def url(self, server: Server) -> str:
        found = running_url(server.data / "postgres")
        assert found is not None
        return found

    @contextmanager
    def acting(self, url: str, user_id: str | None) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A transaction of the application's role, bound to a user or to none, rolled back at the end."""
        with psycopg.connect(url) as connection:
            connection.execute("SET ROLE foliolens_app")
            if user_id is not None:
                connection.execute("SELECT set_config('foliolens.user_id', %s, true)", (user_id,))
            yield connection
            connection.rollback()

    def test_every_table_is_known_here(self, url: str) -> None:
        with psycopg.connect(url) as connection:
            rows = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()

        assert {name for (name,) in rows} == USER_TABLES.keys() | READ_ONLY | OF_NOBODY | NOT_REACHABLE

    def test_the_application_owns_nothing_and_cannot_look_past_the_rules(self, url: str) -> None:
        with psycopg.connect(url) as connection:
            role = connection.execute(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles"
                " WHERE rolname = 'foliolens_app'"
            ).fetchone()
            owned = connection.execute(
                "SELECT count(*) FROM pg_class WHERE relowner = 'foliolens_app'::regrole"
            ).fetchone()

        assert role == (False, False, False, False, False)
        assert owned == (0,)

    @pytest.mark.parametrize("table", USER_TABLES)
    def test_a_user_sees_own_rows_only(self, estate: Estate, url: str, table: str) -> None:
        column, _ = USER_TABLES[table]
        query = sql.SQL("SELECT {}::text FROM {}").format(sql.Identifier(column), sql.Identifier(table))

        with self.acting(url, estate.owner.id) as connection:
            mine = {row[0] for row in connection.execute(query)}
        with self.acting(url, estate.stranger.id) as connection:
            theirs = {row[0] for row in connection.execute(query)}

        assert mine == {estate.owner.id}
        assert theirs <= {estate.stranger.id}

    @pytest.mark.parametrize("table", USER_TABLES)
    @pytest.mark.parametrize("user_id", [None, "", str(UUID(int=0))], ids=["unset", "empty", "nobody"])
    def test_without_a_user_nothing_is_visible(self, url: str, table: str, user_id: str | None) -> None:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))

        with self.acting(url, user_id) as connection:
            assert connection.execute(query).fetchone() == (0,)

    @pytest.mark.parametrize("table", USER_TABLES)
    def test_nothing_of_another_user_is_updated_or_deleted(
        self, estate: Estate, url: str, table: str
    ) -> None:
        column, _ = USER_TABLES[table]
        name, owner = sql.Identifier(table), sql.Identifier(column)

        with self.acting(url, estate.stranger.id) as connection:
            updated = connection.execute(
                sql.SQL("UPDATE {} SET {} = {} RETURNING {}::text").format(name, owner, owner, owner)
            ).fetchall()
            deleted = connection.execute(
                sql.SQL("DELETE FROM {} RETURNING {}::text").format(name, owner)
            ).fetchall()

        assert {row[0] for row in (*updated, *deleted)} <= {estate.stranger.id}

    @pytest.mark.parametrize("table", USER_TABLES)
    def test_no_row_can_be_written_for_another_user(self, estate: Estate, url: str, table: str) -> None:
        column, row = USER_TABLES[table]
        forged: dict[str, object] = {**row, column: estate.owner.id}
        if table in {"portfolios", "holdings", "uploads", "shares"}:
            forged["id"] = uuid4()
        if table in {"holdings", "shares"}:
            forged["portfolio_id"] = estate.ids["portfolioId"]
        insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, forged)),
            sql.SQL(", ").join([sql.Placeholder()] * len(forged)),
        )

        with (
            self.acting(url, estate.stranger.id) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
        ):
            connection.execute(insert, tuple(forged.values()))

    @pytest.mark.parametrize("table", sorted(USER_TABLES.keys() - {"users"}))
    def test_no_row_can_be_given_away(self, estate: Estate, url: str, table: str) -> None:
        column, _ = USER_TABLES[table]
        give = sql.SQL("UPDATE {} SET {} = %s").format(sql.Identifier(table), sql.Identifier(column))

        with (
            self.acting(url, estate.owner.id) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"),
        ):
            connection.execute(give, (estate.stranger.id,))

    def test_views_are_for_the_owner_of_the_link_and_only_to_read(self, estate: Estate, url: str) -> None:
        query = "SELECT share_id::text, views FROM share_views"
        with self.acting(url, estate.owner.id) as connection:
            assert connection.execute(query).fetchall() == [(estate.ids["shareId"], 1)]
        for nobody in (estate.stranger.id, None, ""):
            with self.acting(url, nobody) as connection:
                assert connection.execute(query).fetchall() == []
        for change in ("UPDATE share_views SET views = 0", "DELETE FROM share_views"):
            with (
                self.acting(url, estate.owner.id) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(change)

    @pytest.mark.parametrize(
        "table", [*sorted(NOT_REACHABLE), "identity.users", "identity.sessions", "identity.signing_keys"]
    )
    def test_the_rest_is_out_of_reach(self, url: str, table: str) -> None:
        query = sql.SQL("SELECT 1 FROM {}").format(sql.Identifier(*table.split(".")))

        with self.acting(url, None) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(query)


def test_a_signed_url_of_one_upload_does_not_reach_another(estate: Estate) -> None:
    mine = ask_for_upload(estate.owner.client, STANDARD_CSV)
    theirs = ask_for_upload(estate.stranger.client, STANDARD_CSV)
    forged = theirs["uploadUrl"].replace(theirs["uploadId"], mine["uploadId"])

    answer = httpx.put(forged, content=STANDARD_CSV, headers=theirs["headers"])

    assert_error(answer, 403, "FORBIDDEN")
