"""The identity providers under test, each with a clock and a mailbox the test controls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from psycopg import sql

from foliolens.adapters.local.identity import LocalIdentity, Passwords
from foliolens.kit.database import Database
from foliolens.ports.identity import Attributes, Identity, Tokens
from foliolens.ports.mail import Message
from foliolens.settings import AccountSettings
from tests.postgres import cloned_database

EMAIL = "ada@example.com"
PASSWORD = "Correct-Horse-7-Battery"
ADA = Attributes("Ada", "Lovelace", "individual", "advanced", "moderate", marketing_consent=True)


START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that moves when told to, and a microsecond at each look."""

    time: datetime = START

    def now(self) -> datetime:
        self.time += timedelta(microseconds=1)
        return self.time

    def advance(self, **duration: float) -> None:
        self.time += timedelta(**duration)


@dataclass
class Mailbox:
    """Keeps what is sent; refuses while told to."""

    messages: list[Message] = field(default_factory=list)
    broken: bool = False

    def send(self, message: Message) -> None:
        if self.broken:
            raise OSError("the disk is full")
        self.messages.append(message)

    def forget(self, address: str) -> int:
        kept = [message for message in self.messages if message.to != address]
        gone = len(self.messages) - len(kept)
        self.messages = kept
        return gone

    def code(self) -> str:
        """The newest mailed code."""
        for message in reversed(self.messages):
            found = re.match(r"\d{6}\b", message.subject)
            if found:
                return found.group()
        raise AssertionError("no code was mailed")


@pytest.fixture(scope="session")
def shared_database(template_url: str) -> Iterator[Database]:
    """One database for all of these tests: they are many, and cloning one for each takes its time."""
    with cloned_database(template_url) as url:
        opened = Database(url, pool_size=8)
        opened.open()
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def signing_key() -> str:
    return (
        generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode()
    )


@pytest.fixture
def database(shared_database: Database, signing_key: str) -> Database:
    """The shared database without accounts, and with a signing key as old as the clock."""
    with shared_database.system() as transaction:
        for table in ("users", "security_events", "signing_keys"):
            transaction.execute(sql.SQL("DELETE FROM identity.{}").format(sql.Identifier(table)))
        transaction.execute(
            "INSERT INTO identity.signing_keys (kid, private_pem, created_at) VALUES ('first', %s, %s)",
            (signing_key, START),
        )
    return shared_database


@pytest.fixture
def database_url(database: Database) -> str:
    return database.url


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture(scope="session")
def cheap_passwords() -> Passwords:
    return Passwords(passes=1, memory_kib=64)


Build = Callable[..., Identity]


@pytest.fixture(params=["local"])
def build(
    request: pytest.FixtureRequest,
    database: Database,
    clock: SetClock,
    mailbox: Mailbox,
    cheap_passwords: Passwords,
) -> Iterator[Build]:
    """Builds the provider; another call stands for another process on the same accounts."""
    assert request.param == "local"

    def make(**settings: object) -> Identity:
        return LocalIdentity(
            database,
            mailbox,
            clock,
            AccountSettings(**settings),
            passwords=cheap_passwords,
            pause=lambda _: None,
        )

    return make


@pytest.fixture
def identity(build: Build) -> Identity:
    return build()


@pytest.fixture
def confirmed(identity: Identity, mailbox: Mailbox) -> Identity:
    """The provider with one confirmed account."""
    identity.register(EMAIL, PASSWORD, ADA)
    identity.confirm(EMAIL, mailbox.code())
    return identity


def sign_in(identity: Identity, password: str = PASSWORD) -> Tokens:
    outcome = identity.login(EMAIL, password)
    assert isinstance(outcome, Tokens)
    return outcome
