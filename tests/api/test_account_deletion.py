"""Leaving: export shows everything we hold, deletion leaves nothing of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pyotp
import pytest
from psycopg import sql

from foliolens.adapters.local.postgres import running_url

from .conftest import PASSWORD, Server, User, mailed_code

CSV = b"""Symbol,Name,Asset Type,Dollar Amount
VTI,Vanguard Total Stock Market ETF,ETF,600.10
BND,Vanguard Total Bond Market ETF,ETF,399.90
"""


HELD: dict[str, str] = {
    "public.users": "profile, preferences",
    "public.portfolios": "portfolios",
    "public.holdings": "portfolios.holdings",
    "public.uploads": "uploads",
    "public.shares": "shares",
    "public.share_views": "shares.viewCount",
    "identity.users": "signIn",
    "identity.sessions": "sessions",
    "identity.security_events": "securityEvents",
    "identity.refresh_tokens": "left out: hashes of secrets",
    "identity.codes": "left out: hashes of secrets",
    "identity.mfa_challenges": "left out: hashes of secrets",
    "public.idempotency_keys": "left out: answers we gave, kept for a day",
    "public.jobs": "left out: on their way for seconds",
    "public.dead_jobs": "left out: they name an upload, which is exported",
}
"""Every table that can hold something of a user, and where the export shows it or why not."""

OF_NOBODY = {
    "public.alembic_version",
    "public.cache_claims",
    "public.cache_entries",
    "public.daily_prices",
    "public.price_symbols",
    "public.rate_windows",
    "identity.signing_keys",
}
"""Every other table. One in neither place fails the tests: decide whether it is exported and deleted."""


@pytest.fixture
def connection(server: Server) -> Iterator[psycopg.Connection]:
    """The server's database, as its owner: row-level security hides nothing."""
    url = running_url(server.data / "postgres")
    assert url is not None
    with psycopg.connect(url, autocommit=True) as opened:
        yield opened


def tables(connection: psycopg.Connection) -> list[sql.Composed]:
    rows = connection.execute(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
    ).fetchall()
    return [sql.SQL("{}.{}").format(sql.Identifier(schema), sql.Identifier(name)) for schema, name in rows]


def mentions(connection: psycopg.Connection, *needles: str) -> dict[str, list[str]]:
    """Every row of the whole database whose text holds one of the needles, by table."""
    found: dict[str, list[str]] = {}
    for table in tables(connection):
        query = sql.SQL("SELECT row_to_json(t)::text FROM {} t").format(table)
        rows = [row for (row,) in connection.execute(query) if any(needle in row for needle in needles)]
        if rows:
            found[table.as_string(connection).replace('"', "")] = rows
    return found


def ids_of(connection: psycopg.Connection, user_id: str) -> list[str]:
    """The user's id, and the ids of everything other rows may refer to."""
    rows = connection.execute(
        "SELECT id FROM portfolios WHERE user_id = %(user)s"
        " UNION ALL SELECT id FROM uploads WHERE user_id = %(user)s"
        " UNION ALL SELECT id FROM shares WHERE user_id = %(user)s"
        " UNION ALL SELECT id FROM identity.sessions WHERE user_id = %(user)s",
        {"user": user_id},
    ).fetchall()
    return [user_id, *(str(found) for (found,) in rows)]


def upload(user: User) -> dict[str, object]:
    """Send a file as a client does, and wait for its portfolio."""
    request = {"filename": "broker.csv", "size": len(CSV), "contentType": "text/csv", "mode": "replace"}
    ticket = user.client.post("/uploads", json=request, headers={"Idempotency-Key": uuid4().hex}).json()
    url = str(user.client.base_url.join(ticket["uploadUrl"]))
    sent = httpx.request(ticket["method"], url, content=CSV, headers=ticket["headers"])
    assert sent.status_code < 300, sent.text
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        status = user.client.get(f"/upload/{ticket['uploadId']}/status").json()
        if status["status"] in {"COMPLETED", "FAILED"}:
            assert status["status"] == "COMPLETED", status
            return dict(status)
        time.sleep(0.05)
    raise AssertionError("the upload was not processed")


def share(user: User, portfolio_id: object) -> dict[str, object]:
    """Make a link, open it, and return it."""
    made = user.client.post(
        f"/portfolios/{portfolio_id}/share", json={}, headers={"Idempotency-Key": uuid4().hex}
    ).json()
    assert user.client.get(f"/shared/{made['shareToken']}").status_code == 200
    return dict(made)


def turn_second_factor_on(user: User) -> None:
    secret = user.client.post("/auth/mfa/setup").json()["secret"]
    code = pyotp.TOTP(secret).now()
    assert user.client.post("/auth/mfa/enable", json={"code": code}).status_code == 200


def delete(user: User, password: str = PASSWORD) -> httpx.Response:
    return user.client.request("DELETE", "/user", json={"password": password})


def test_every_table_is_known_here(connection: psycopg.Connection) -> None:
    names = {table.as_string(connection).replace('"', "") for table in tables(connection)}

    assert names == HELD.keys() | OF_NOBODY


def test_every_table_that_refers_to_a_user_is_known_as_one_that_holds_something(
    connection: psycopg.Connection,
) -> None:
    """By foreign keys, whatever the columns are called and however long the way is."""
    rows = connection.execute(
        "WITH RECURSIVE related AS ("
        " SELECT oid FROM pg_class WHERE oid IN ('users'::regclass, 'identity.users'::regclass)"
        " UNION SELECT conrelid FROM pg_constraint JOIN related ON confrelid = related.oid"
        " WHERE contype = 'f')"
        " SELECT relnamespace::regnamespace || '.' || relname FROM related JOIN pg_class USING (oid)"
    ).fetchall()

    assert {name for (name,) in rows} <= HELD.keys()


def test_what_is_said_to_be_exported_is_in_the_export(user: User) -> None:
    share(user, upload(user)["portfolioId"])
    export = user.client.get("/user/export").json()

    for places in HELD.values():
        if not places.startswith("left out: "):
            for place in places.split(", "):
                name, _, within = place.partition(".")
                assert export[name]
                assert not within or export[name][0][within]


class TestExport:
    def test_it_holds_everything_the_user_gave_us(self, user: User) -> None:
        imported = upload(user)
        shared = share(user, imported["portfolioId"])
        user.client.put("/user/preferences", json={"theme": "dark"})

        response = user.client.get("/user/export")

        assert "attachment" in response.headers["content-disposition"]
        export = json.loads(response.text, parse_float=Decimal)
        assert export["profile"]["email"] == user.email
        assert export["preferences"]["theme"] == "dark"
        assert export["signIn"]["emailConfirmed"] is True
        assert len(export["sessions"]) == 1
        assert "signed in" in {event["event"] for event in export["securityEvents"]}
        (portfolio,) = export["portfolios"]
        assert portfolio["id"] == imported["portfolioId"]
        amounts = {holding["symbol"]: holding["amount"] for holding in portfolio["holdings"]}
        assert amounts == {"VTI": Decimal("600.10"), "BND": Decimal("399.90")}
        assert [entry["filename"] for entry in export["uploads"]] == ["broker.csv"]
        assert [(entry["id"], entry["viewCount"]) for entry in export["shares"]] == [(shared["shareId"], 1)]

    def test_every_column_of_the_users_rows_is_in_it(
        self, user: User, connection: psycopg.Connection
    ) -> None:
        share(user, upload(user)["portfolioId"])
        export = user.client.get("/user/export").json()

        owned = connection.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'user_id'"
        ).fetchall()
        columns = connection.execute(
            "SELECT table_name, count(*) FROM information_schema.columns"
            " WHERE table_schema = 'public' GROUP BY 1"
        ).fetchall()
        shown = {
            "portfolios": export["portfolios"][0].keys() - {"holdings"},
            "holdings": export["portfolios"][0]["holdings"][0].keys(),
            "uploads": export["uploads"][0].keys(),
            # The hash of the token is no fact about the user; views are counted in a table of their own.
            "shares": {*export["shares"][0].keys(), "tokenHash"} - {"viewCount", "lastViewedAt"},
        }
        assert {name for (name,) in owned} == set(shown)
        assert {name: len(keys) for name, keys in shown.items()} == {
            name: count for name, count in columns if name in shown
        }

    def test_it_holds_no_secret(self, user: User) -> None:
        share(user, upload(user)["portfolioId"])
        user.client.post("/auth/mfa/setup")
        user.client.post("/auth/forgot-password", json={"email": user.email})

        text = user.client.get("/user/export").text

        assert "argon2" not in text
        assert "totp" not in text.lower()
        assert str(user.tokens["refreshToken"]) not in text
        assert "tokenhash" not in text.lower()

    def test_it_holds_nothing_of_others(self, new_user: Callable[[], User]) -> None:
        ada, eve = new_user(), new_user()
        upload(eve)

        text = ada.client.get("/user/export").text

        assert eve.id not in text
        assert eve.email not in text


class TestDeletion:
    def test_it_takes_the_password(self, user: User) -> None:
        refused = delete(user, "Wrong-Horse-7-Battery")

        assert (refused.status_code, refused.json()["error"]) == (401, "AUTHENTICATION_FAILED")
        assert user.client.get("/user/profile").status_code == 200

    def test_nothing_of_the_user_remains_anywhere(
        self, user: User, server: Server, client: httpx.Client, connection: psycopg.Connection
    ) -> None:
        shared = share(user, upload(user)["portfolioId"])
        turn_second_factor_on(user)
        client.post("/auth/login", json={"email": user.email, "password": "Wrong-Horse-7-Battery"})
        client.post("/auth/forgot-password", json={"email": user.email})
        payload = json.dumps({"key": f"uploads/{user.id}/{uuid4()}.csv"})
        connection.execute(
            "INSERT INTO jobs (kind, payload, correlation_id, run_at)"
            " VALUES ('later', %s, 'test', now() + interval '1 day')",
            (payload,),
        )
        connection.execute(
            "INSERT INTO dead_jobs (id, kind, payload, correlation_id, attempts, reason, created_at)"
            " VALUES (-1, 'dead', %s, 'test', 5, 'test', now())",
            (payload,),
        )
        challenge = client.post("/auth/login", json={"email": user.email, "password": PASSWORD})
        assert challenge.json()["challenge"] == "SOFTWARE_TOKEN_MFA"
        ids = ids_of(connection, user.id)
        assert mentions(connection, *ids, user.email).keys() == HELD.keys()

        deleted = delete(user)

        assert deleted.status_code == 200, deleted.text
        items = deleted.json()["deletedItems"]
        assert {name: items[name] for name in ("portfolios", "holdings", "uploads", "shares", "jobs")} == {
            "portfolios": 1,
            "holdings": 2,
            "uploads": 1,
            "shares": 1,
            "jobs": 2,
        }
        assert mentions(connection, *ids, user.email) == {}
        assert client.get(f"/shared/{shared['shareToken']}").status_code == 404
        kept = [path for folder in ("outbox", "objects") for path in (server.data / folder).rglob("*")]
        assert [path for path in kept if user.id in str(path)] == []
        assert [path for path in kept if path.is_file() and user.email.encode() in path.read_bytes()] == []

    def test_a_token_that_outlives_its_account_brings_nothing_back(
        self, user: User, connection: psycopg.Connection
    ) -> None:
        delete(user)

        refused = user.client.get("/portfolios")

        assert (refused.status_code, refused.json()["error"]) == (401, "AUTHENTICATION_FAILED")
        assert mentions(connection, user.id, user.email) == {}

    def test_an_account_that_never_asked_for_anything_can_be_deleted(
        self, client: httpx.Client, outbox: Path, connection: psycopg.Connection
    ) -> None:
        email = f"{uuid4().hex}@example.com"
        registration = {"email": email, "password": PASSWORD, "firstName": "Ada", "lastName": "L"}
        client.post("/auth/register", json=registration, headers={"Idempotency-Key": uuid4().hex})
        client.post("/auth/confirm", json={"email": email, "code": mailed_code(outbox, email)})
        signed_in = client.post("/auth/login", json={"email": email, "password": PASSWORD}).json()

        headers = {"Authorization": f"Bearer {signed_in['accessToken']}"}
        deleted = client.request("DELETE", "/user", json={"password": PASSWORD}, headers=headers)

        assert deleted.status_code == 200
        assert mentions(connection, signed_in["user"]["id"], email) == {}

    def test_the_address_is_free_again(self, user: User, client: httpx.Client) -> None:
        delete(user)

        registration = {"email": user.email, "password": PASSWORD, "firstName": "A", "lastName": "L"}
        again = client.post("/auth/register", json=registration)

        assert again.status_code == 201
        assert again.json()["userId"] != user.id

    def test_others_keep_everything(self, new_user: Callable[[], User]) -> None:
        ada, eve = new_user(), new_user()
        upload(ada)
        upload(eve)

        delete(eve)

        assert ada.client.get("/portfolios").json()["pagination"]["total"] == 1
        assert len(ada.client.get("/user/export").json()["uploads"]) == 1
