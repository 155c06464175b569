"""What the database knows of accounts, asked for directly and from another function."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from foliolens.accounts import store
from foliolens.accounts.auth_models import RegisteredUser
from foliolens.accounts.database_records import DatabaseRecords
from foliolens.accounts.records import AccountRecords
from foliolens.accounts.remote_records import RemoteRecords, answer_call
from foliolens.adapters.local.disk_store import DiskObjectStore
from foliolens.errors import Conflict
from foliolens.kit.database import Database, UnknownSession
from foliolens.kit.idempotency import Once
from foliolens.ports.identity import Attributes, IdentityUser
from foliolens.uploads.models import object_key

EMAIL = "ada@example.com"
ADA = Attributes("Ada", "Lovelace", "individual", "advanced", "moderate", marketing_consent=True)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def objects(tmp_path: Path) -> DiskObjectStore:
    return DiskObjectStore(tmp_path, b"s" * 32)


@pytest.fixture(params=["within reach", "behind a function"])
def records(request: pytest.FixtureRequest, database: Database, objects: DiskObjectStore) -> AccountRecords:
    reachable = DatabaseRecords(database, objects, object_key)
    if request.param == "within reach":
        return reachable

    def call(event: Mapping[str, Any]) -> Mapping[str, Any]:
        """As Lambda does: events and answers are JSON."""
        answer: Mapping[str, Any] = json.loads(
            json.dumps(answer_call(reachable, json.loads(json.dumps(event))))
        )
        return answer

    return RemoteRecords(call)


@pytest.fixture
def user_id(database: Database) -> UUID:
    user = IdentityUser(
        id=uuid4(),
        email=EMAIL,
        email_confirmed=True,
        mfa_enabled=False,
        operator=False,
        attributes=ADA,
        created_at=NOW,
    )
    with database.system() as transaction:
        store.create(transaction, user)
    return user.id


def answer() -> RegisteredUser:
    return RegisteredUser(message="Done.", user_id=uuid4(), verification_required=True)


def test_a_registration_is_answered_again_under_its_key(records: AccountRecords) -> None:
    once, first = Once("k", b"f" * 32), answer()

    before = records.earlier_registration(once, "register:ada")
    kept = records.keep_registration(once, "register:ada", first)
    twin = records.keep_registration(once, "register:ada", answer())

    assert before is None
    assert (kept, twin, records.earlier_registration(once, "register:ada")) == (first, first, first)
    assert records.earlier_registration(once, "register:eve") is None


def test_a_key_is_of_one_request(records: AccountRecords) -> None:
    records.keep_registration(Once("k", b"f" * 32), "register:ada", answer())
    other = Once("k", b"g" * 32)

    with pytest.raises(Conflict, match="Idempotency-Key"):
        records.earlier_registration(other, "register:ada")
    with pytest.raises(Conflict, match="Idempotency-Key"):
        records.keep_registration(other, "register:ada", answer())


def test_without_a_key_nothing_is_kept(records: AccountRecords, database: Database) -> None:
    without, first = Once(None, b"f" * 32), answer()

    assert records.keep_registration(without, "register:ada", first) == first
    assert records.earlier_registration(without, "register:ada") is None
    with database.system() as transaction:
        assert transaction.execute("SELECT FROM idempotency_keys").fetchone() is None


def test_a_profile_is_known_from_the_first_visit(records: AccountRecords, user_id: UUID) -> None:
    profile = records.profile(user_id)

    assert profile is not None
    assert (profile["first_name"], profile["risk_tolerance"]) == ("Ada", "moderate")
    assert records.profile(uuid4()) is None


def test_void_tokens_open_no_transaction(records: AccountRecords, user_id: UUID, database: Database) -> None:
    ended = NOW + timedelta(microseconds=123456)

    records.void_tokens(user_id, ended)

    with pytest.raises(UnknownSession) as refused, database.user(user_id, ended):
        pass
    assert refused.value.revoked
    with database.user(user_id, ended + timedelta(microseconds=1)):
        pass


def test_everything_of_a_user_is_erased_and_what_comes_late_as_well(
    records: AccountRecords, user_id: UUID, database: Database, objects: DiskObjectStore
) -> None:
    upload_id = uuid4()
    with database.system() as transaction:
        transaction.execute(
            "INSERT INTO uploads (id, user_id, creates_portfolio, filename, size, content_type, mode,"
            " validate_only, override_rules, expires_at)"
            " VALUES (%s, %s, true, 'a.csv', 1, 'text/csv', 'replace', false, false, now())",
            (upload_id, user_id),
        )

    def arrive() -> None:
        partial = objects.partial_file()
        partial.write_bytes(b"x")
        objects.publish(partial, object_key(user_id, upload_id))

    arrive()
    gone = records.erase(user_id, EMAIL)
    arrive()
    again = records.erase(user_id, EMAIL, gone.upload_ids)

    assert (gone.upload_ids, gone.files) == (frozenset({upload_id}), 1)
    assert (again.upload_ids, again.files) == (frozenset(), 1)
    assert records.profile(user_id) is None
