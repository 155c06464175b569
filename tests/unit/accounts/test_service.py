"""The first visit and the last: rows of users that come and go while requests are under way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from foliolens.accounts import store
from foliolens.accounts.access import Access
from foliolens.accounts.database_records import DatabaseRecords
from foliolens.accounts.deletion import AccountDeletion
from foliolens.accounts.service import AccountService
from foliolens.accounts.throttle import AccountThrottle
from foliolens.adapters.local.identity import LocalIdentity, Passwords
from foliolens.adapters.local.postgres_rate_counter import PostgresRateCounter
from foliolens.errors import AuthenticationFailed
from foliolens.kit.database import Database
from foliolens.ports.clock import SystemClock
from foliolens.ports.identity import Attributes, IdentityUser, Tokens
from foliolens.ports.mail import Message
from foliolens.ports.object_store import UploadTicket
from foliolens.settings import AccountSettings

EMAIL, PASSWORD = "ada@example.com", "Correct-Horse-7-Battery"


class NoMail:
    def send(self, message: Message) -> None:
        raise AssertionError("nothing should be mailed")

    def forget(self, address: str) -> int:
        return 0


class Files:
    """An object store in memory that can be out of order."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.broken = False

    def sign_upload(self, key: str, *, size: int, content_type: str, expires_at: datetime) -> UploadTicket:
        raise AssertionError("nothing should be uploaded")

    def read(self, key: str) -> bytes:
        return self.held[key]

    def exists(self, key: str) -> bool:
        return key in self.held

    def delete(self, key: str) -> None:
        if self.broken:
            raise OSError("the disk is gone")
        self.held.pop(key, None)


class WatchedIdentity(LocalIdentity):
    """The local provider, where something else may happen right after a call."""

    after_describe: Callable[[str], None] | None = None
    before_delete: Callable[[str], None] | None = None

    def describe(self, access_token: str) -> IdentityUser:
        user = super().describe(access_token)
        happens, self.after_describe = self.after_describe, None
        if happens:
            happens(access_token)
        return user

    def delete(self, access_token: str) -> None:
        if self.before_delete:
            self.before_delete(access_token)
        super().delete(access_token)


@pytest.fixture
def identity(database: Database) -> WatchedIdentity:
    return WatchedIdentity(
        database,
        NoMail(),
        SystemClock(),
        AccountSettings(auto_confirm=True),
        passwords=Passwords(passes=1, memory_kib=64),
    )


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def accounts(database: Database, identity: WatchedIdentity) -> AccountService:
    return AccountService(identity, database, SystemClock())


@pytest.fixture
def deletion(database: Database, identity: WatchedIdentity, files: Files) -> AccountDeletion:
    return AccountDeletion(
        identity=identity,
        records=DatabaseRecords(database, files, lambda user_id, upload_id: f"{user_id}/{upload_id}"),
        throttle=AccountThrottle(PostgresRateCounter(database, SystemClock()), None),
        forget_mails=NoMail().forget,
    )


@pytest.fixture
def access(accounts: AccountService, identity: WatchedIdentity, database: Database) -> Access:
    return Access(identity, database, accounts.welcome)


@pytest.fixture
def tokens(identity: WatchedIdentity) -> Tokens:
    identity.register(EMAIL, PASSWORD, Attributes("Ada", "Lovelace"))
    outcome = identity.login(EMAIL, PASSWORD)
    assert isinstance(outcome, Tokens)
    return outcome


def row_of(database: Database, user_id: UUID) -> object:
    with database.system() as transaction:
        return store.find(transaction, user_id)


def visit(access: Access, tokens: Tokens) -> None:
    with access.caller(tokens.access_token).transaction():
        pass


def add_upload(database: Database, files: Files, user_id: UUID) -> str:
    upload_id = uuid4()
    with database.system() as transaction:
        transaction.execute(
            "INSERT INTO uploads (id, user_id, creates_portfolio, filename, size, content_type, mode,"
            " validate_only, override_rules, expires_at)"
            " VALUES (%s, %s, true, 'a.csv', 1, 'text/csv', 'replace', false, false, %s)",
            (upload_id, user_id, datetime.now(UTC)),
        )
    key = f"{user_id}/{upload_id}"
    files.held[key] = b"a"
    return key


def test_the_first_visit_creates_the_row(access: Access, tokens: Tokens, database: Database) -> None:
    assert row_of(database, tokens.user.id) is None

    visit(access, tokens)

    assert row_of(database, tokens.user.id) is not None


def test_a_revoked_token_creates_no_row(
    access: Access, tokens: Tokens, identity: WatchedIdentity, database: Database
) -> None:
    identity.logout(tokens.access_token)

    with pytest.raises(AuthenticationFailed):
        visit(access, tokens)
    assert row_of(database, tokens.user.id) is None


def test_a_row_created_after_signing_out_remembers_it(
    access: Access, tokens: Tokens, identity: WatchedIdentity
) -> None:
    identity.logout(tokens.access_token)
    later = identity.login(EMAIL, PASSWORD)
    assert isinstance(later, Tokens)
    visit(access, later)

    with pytest.raises(AuthenticationFailed):
        visit(access, tokens)


def test_an_account_deleted_during_its_first_visit_leaves_no_row(
    access: Access, tokens: Tokens, identity: WatchedIdentity, database: Database
) -> None:
    identity.after_describe = identity.delete

    with pytest.raises(AuthenticationFailed):
        visit(access, tokens)
    assert row_of(database, tokens.user.id) is None


def test_a_visit_during_the_deletion_brings_nothing_back(
    access: Access,
    deletion: AccountDeletion,
    tokens: Tokens,
    identity: WatchedIdentity,
    database: Database,
    files: Files,
) -> None:
    visit(access, tokens)

    def visit_and_upload(_: str) -> None:
        visit(access, tokens)
        add_upload(database, files, tokens.user.id)

    identity.before_delete = visit_and_upload

    deletion.delete(tokens.user.id, tokens.access_token, PASSWORD)

    assert row_of(database, tokens.user.id) is None
    assert files.held == {}


def test_a_file_that_arrives_late_is_removed_too(
    access: Access,
    deletion: AccountDeletion,
    tokens: Tokens,
    identity: WatchedIdentity,
    database: Database,
    files: Files,
) -> None:
    visit(access, tokens)
    key = add_upload(database, files, tokens.user.id)
    identity.before_delete = lambda _: files.held.update({key: b"again"})

    deletion.delete(tokens.user.id, tokens.access_token, PASSWORD)

    assert files.held == {}


def test_a_deletion_that_fails_half_way_can_be_repeated(
    access: Access, deletion: AccountDeletion, tokens: Tokens, database: Database, files: Files
) -> None:
    visit(access, tokens)
    add_upload(database, files, tokens.user.id)
    files.broken = True
    with pytest.raises(OSError, match="disk"):
        deletion.delete(tokens.user.id, tokens.access_token, PASSWORD)
    assert row_of(database, tokens.user.id) is not None
    files.broken = False

    deleted = deletion.delete(tokens.user.id, tokens.access_token, PASSWORD)

    assert (deleted.deleted_items.uploads, deleted.deleted_items.files) == (1, 1)
    assert row_of(database, tokens.user.id) is None
