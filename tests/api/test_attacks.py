"""Attacks on the requests themselves: fields that are not the caller's to set, and bodies that unfold."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from foliolens.entrypoints.application import api_document_text

from .conftest import PASSWORD, User, mailed_code
from .exchanges import (
    STANDARD_CSV,
    ask_for_upload,
    assert_error,
    create_portfolio,
    portfolio,
    send_file,
    settled,
)

DOCUMENT: dict[str, Any] = json.loads(api_document_text())

UNKNOWN_FIELDS_ARE_IGNORED = {"/v1/sentiment", "/v1/sentiment/batch", "/v1/predict"}
"""Routes that keep the original services' contract; they store nothing."""

NOT_FOR_CALLERS = {"id": str(uuid4()), "userId": str(uuid4()), "user_id": str(uuid4()), "operator": True}


def body_schemas() -> list[tuple[str, str]]:
    """Every path with a JSON body, and its schema's name."""
    found = []
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content and path not in UNKNOWN_FIELDS_ARE_IGNORED:
                schema = content["application/json"]["schema"]
                options = schema.get("anyOf", [schema])
                found += [(path, option["$ref"].rpartition("/")[2]) for option in options if "$ref" in option]
    return found


class TestFieldsThatAreNotTheCallers:
    def test_no_route_that_stores_takes_a_field_it_does_not_name(self) -> None:
        schemas = body_schemas()
        open_ones = [
            (path, name)
            for path, name in schemas
            if DOCUMENT["components"]["schemas"][name].get("additionalProperties") is not False
        ]

        assert len(schemas) > 15
        assert open_ones == []

    @pytest.mark.parametrize("field", NOT_FOR_CALLERS)
    def test_nobody_registers_as_somebody_else_or_as_operator(self, client: httpx.Client, field: str) -> None:
        registration = {
            "email": f"{uuid4().hex}@example.com",
            "password": PASSWORD,
            "firstName": "Eve",
            "lastName": "L",
        }

        refused = client.post("/auth/register", json={**registration, field: NOT_FOR_CALLERS[field]})

        assert_error(refused, 400, "VALIDATION_ERROR")
        assert client.post("/auth/register", json=registration).status_code == 201

    @pytest.mark.parametrize("field", ["email", "operator", "emailConfirmed", "id", "sessionsRevokedAt"])
    def test_a_profile_takes_no_field_that_gives_power(self, user: User, field: str) -> None:
        before = user.client.get("/user/profile").json()

        assert_error(user.client.put("/user/profile", json={field: True}), 400, "VALIDATION_ERROR")

        assert user.client.get("/user/profile").json() == before

    @pytest.mark.parametrize("field", ["id", "userId", "analysisCount", "createdAt", "riskScore"])
    def test_a_portfolio_takes_nothing_that_is_ours_to_say(self, user: User, field: str) -> None:
        created = create_portfolio(user.client)
        path = f"/portfolios/{created['id']}"
        changed = portfolio("Renamed", version=created["version"])

        user.client.put(path, json={**changed, field: NOT_FOR_CALLERS.get(field, 99)})

        after = user.client.get(path).json()
        assert after["id"] == created["id"]
        assert after["createdAt"] == created["createdAt"]
        assert after["analysisCount"] < 99


class TestBodiesThatUnfold:
    def test_a_compressed_body_is_not_unpacked(self, user: User) -> None:
        bomb = gzip.compress(b'{"name": "' + b"a" * 50_000_000 + b'"}')
        assert len(bomb) < 1024 * 1024
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

        answer = user.client.post("/portfolios", content=bomb, headers=headers)

        assert_error(answer, 400, "VALIDATION_ERROR")

    @pytest.mark.parametrize("pack", ["gzip", "zip"])
    def test_an_archive_is_no_csv(self, user: User, pack: str) -> None:
        content = gzip.compress(bytes(50_000_000)) if pack == "gzip" else zipped(bytes(50_000_000))
        ticket = ask_for_upload(user.client, content)
        assert send_file(ticket, content).status_code == 200

        ended = settled(user.client, ticket["uploadId"])

        assert (ended["status"], [error["code"] for error in ended["errors"]]) == ("FAILED", ["NOT_CSV"])

    def test_a_file_name_is_a_label_and_no_path(self, user: User) -> None:
        ticket = ask_for_upload(user.client, STANDARD_CSV, filename="../../../etc/passwd.csv")
        assert ".." not in ticket["uploadUrl"]
        assert send_file(ticket, STANDARD_CSV).status_code == 200

        assert settled(user.client, ticket["uploadId"])["status"] == "COMPLETED"


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("holdings.csv", content)
    return packed.getvalue()


def test_every_security_event_is_in_the_trail(user: User, client: httpx.Client, outbox: Path) -> None:
    """What an owner would ask about after a break-in, told in the export and kept for 400 days."""
    client.post("/auth/login", json={"email": user.email, "password": "Wrong-Horse-7-Battery"})
    client.post("/auth/forgot-password", json={"email": user.email})
    code = mailed_code(outbox, user.email)
    wrong = "000000" if code != "000000" else "000001"
    reset = {"email": user.email, "newPassword": PASSWORD}
    client.post("/auth/reset-password", json={**reset, "code": wrong})
    user.client.post("/auth/logout")
    client.post("/auth/reset-password", json={**reset, "code": code})
    tokens = client.post("/auth/login", json={"email": user.email, "password": PASSWORD}).json()
    client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
    client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
    again = client.post("/auth/login", json={"email": user.email, "password": PASSWORD}).json()

    headers = {"Authorization": f"Bearer {again['accessToken']}"}
    trail = [event["event"] for event in client.get("/user/export", headers=headers).json()["securityEvents"]]

    assert {
        "registered",
        "e-mail address confirmed",
        "signed in",
        "signed out everywhere",
        "code mailed: reset",
        "wrong code: reset",
        "password reset",
        "refresh token reused: session ended",
    } <= set(trail)
    assert [event for event in trail if event.startswith("sign-in failed")]
