"""The identity providers under test, each with a clock and a mailbox the test controls."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from psycopg import sql

from foliolens.adapters.aws.cognito import CognitoIdentity
from foliolens.adapters.aws.ended_sessions import EndedSessions
from foliolens.adapters.aws.security_trail import SecurityTrail
from foliolens.adapters.aws.sign_in_failures import SignInFailures
from foliolens.adapters.local.identity import LocalIdentity, Passwords
from foliolens.kit.database import Database
from foliolens.ports.identity import Attributes, Identity, Tokens
from foliolens.ports.mail import Message
from foliolens.settings import AccountSettings
from tests.aws import create_table
from tests.clock import SetClock
from tests.cognito import STEP_SECONDS, CognitoForTests, UserPool, completed_cognito, create_user_pool
from tests.postgres import opened_clone

EMAIL = "ada@example.com"
PASSWORD = "Correct-Horse-7-Battery"
ADA = Attributes("Ada", "Lovelace", "individual", "advanced", "moderate", marketing_consent=True)


START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class TickingClock(SetClock):
    """Moves by a microsecond at each look, too."""

    def now(self) -> datetime:
        self.advance(microseconds=1)
        return super().now()


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
            found = re.match(r"\d{6}(\d{6})?\b", message.subject)
            if found:
                return found.group()
        raise AssertionError("no code was mailed")


class CognitoMailbox(Mailbox):
    """Where Cognito's codes arrive, which it mails itself."""

    def __init__(self, cognito: CognitoForTests) -> None:
        super().__init__()
        self.cognito = cognito

    def code(self) -> str:
        return self.cognito.newest()


class CognitoClock(TickingClock):
    """The clock that Cognito goes by: it runs, and can be put forward."""

    def __init__(self, cognito: CognitoForTests) -> None:
        super().__init__()
        self.cognito = cognito
        # With a step of TOTP codes: the stand-in takes those of the present one alone.
        cognito.seconds_ahead = STEP_SECONDS - time.time() % STEP_SECONDS
        cognito.failures.clear()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.cognito.time(), UTC)

    def advance(self, **duration: float) -> None:
        self.cognito.seconds_ahead += timedelta(**duration).total_seconds()


def cognito_builder(endpoint: str, pool: UserPool, table: str, clock: SetClock) -> Callable[[], Identity]:
    """Builds the provider on AWS, on moto."""
    return lambda: CognitoIdentity(
        pool.pool_id,
        pool.client_id,
        ended=EndedSessions(table),
        failures=SignInFailures(table, clock),
        trail=SecurityTrail(table, clock),
        clock=clock,
        keys_url=f"{endpoint}/{pool.pool_id}/.well-known/jwks.json",
        pause=lambda seconds: clock.advance(seconds=seconds),
    )


@pytest.fixture(scope="session")
def shared_database(template_url: str) -> Iterator[Database]:
    """One database for all of these tests: they are many, and cloning one for each takes its time."""
    with opened_clone(template_url, pool_size=8) as opened:
        yield opened


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
def clock(request: pytest.FixtureRequest, provider: str) -> SetClock:
    return TickingClock() if provider == "local" else CognitoClock(request.getfixturevalue("cognito"))


@pytest.fixture
def mailbox(request: pytest.FixtureRequest, provider: str) -> Mailbox:
    return Mailbox() if provider == "local" else CognitoMailbox(request.getfixturevalue("cognito"))


@pytest.fixture(scope="session")
def cheap_passwords() -> Passwords:
    return Passwords(passes=1, memory_kib=64)


Build = Callable[..., Identity]

local_only = pytest.mark.parametrize("provider", ["local"], indirect=True)
"""For rules that are ours where ours is the store: Cognito has its own, and moto enforces none of them."""


@pytest.fixture(params=["local", "cognito"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def cognito(aws: str) -> Iterator[CognitoForTests]:
    with completed_cognito() as completed:
        yield completed


@pytest.fixture
def user_pool(cognito: CognitoForTests) -> UserPool:
    return create_user_pool()


@pytest.fixture
def build(
    request: pytest.FixtureRequest,
    provider: str,
    clock: SetClock,
    mailbox: Mailbox,
    cheap_passwords: Passwords,
) -> Build:
    """Builds the provider; another call stands for another process on the same accounts."""
    if provider == "cognito":
        return cognito_builder(
            request.getfixturevalue("aws"), request.getfixturevalue("user_pool"), create_table(), clock
        )
    database = request.getfixturevalue("database")

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
