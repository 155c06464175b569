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
import pytest
from psycopg import sql

from foliolens.adapters.local.postgres import running_url

from .conftest import PASSWORD, Server, User, mailed_code

CSV = b"""Symbol,Name,Asset Type,Dollar Amount
VTI,Vanguard Total Stock Market ETF,ETF,600.10
BND,Vanguard Total Bond Market ETF,ETF,399.90
"""


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


def mentions(connection: psycopg.Connection, *needles: str) -> list[str]:
    """Every row of the whole database whose text holds one of the needles."""
    found = []
    for table in tables(connection):
        query = sql.SQL("SELECT row_to_json(t)::text FROM {} t").format(table)
        for (row,) in connection.execute(query):
            if any(needle in row for needle in needles):
                found.append(f"{table.as_string(connection)}: {row}")
    return found


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


def delete(user: User, password: str = PASSWORD) -> httpx.Response:
    return user.client.request("DELETE", "/user", json={"password": password})


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
        assert mentions(connection, user.id, user.email) != []

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
        assert mentions(connection, user.id, user.email, str(shared["shareId"])) == []
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
        assert mentions(connection, user.id, user.email) == []

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
        assert mentions(connection, signed_in["user"]["id"], email) == []

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
