"""What is true of the local identity store beyond the port: what it stores, how it guards it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import psycopg
import pyotp
import pytest
from psycopg import sql

from foliolens.adapters.local.identity import LocalIdentity, Passwords
from foliolens.adapters.local.identity.keys import KeyRing
from foliolens.adapters.local.identity.mailboxes import Mailboxes
from foliolens.errors import AuthenticationFailed, EmailExists
from foliolens.kit.database import Database
from foliolens.kit.migrations import migrate
from foliolens.ports.identity import MfaChallenge
from foliolens.settings import AccountSettings
from tests.clock import SetClock
from tests.postgres import cloned_database

from .conftest import ADA, EMAIL, PASSWORD, Mailbox, sign_in

LIFETIME = timedelta(minutes=15)
WRONG = "Wrong-Horse-7-Battery"

BuildLocal = Callable[..., LocalIdentity]


@pytest.fixture
def provider() -> str:
    return "local"


@pytest.fixture
def build_local(
    database: Database, clock: SetClock, mailbox: Mailbox, cheap_passwords: Passwords
) -> BuildLocal:
    def make(**options: object) -> LocalIdentity:
        arguments = {"passwords": cheap_passwords, "pause": lambda _: None, **options}
        return LocalIdentity(database, mailbox, clock, AccountSettings(), **arguments)  # type: ignore[arg-type]

    return make


@pytest.fixture
def identity(build_local: BuildLocal) -> LocalIdentity:
    return build_local()


@pytest.fixture
def confirmed(identity: LocalIdentity, mailbox: Mailbox) -> LocalIdentity:
    identity.register(EMAIL, PASSWORD, ADA)
    identity.confirm(EMAIL, mailbox.code())
    return identity


def everything_stored(database_url: str) -> str:
    """All rows of the identity tables as text; bytes in hexadecimal."""
    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'identity'"
        ).fetchall()
        return "\n".join(
            row
            for (table,) in tables
            for (row,) in connection.execute(
                sql.SQL("SELECT row_to_json(t)::text FROM identity.{} t").format(sql.Identifier(table))
            )
        )


def events_of(database_url: str) -> list[str]:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT event FROM identity.security_events ORDER BY id").fetchall()
    return [event for (event,) in rows]


class TestWhatIsStored:
    def test_no_password_code_or_token_is_stored(
        self, confirmed: LocalIdentity, mailbox: Mailbox, clock: SetClock, database_url: str
    ) -> None:
        tokens = sign_in(confirmed)
        secret = confirmed.setup_mfa(tokens.access_token).secret
        confirmed.enable_mfa(tokens.access_token, pyotp.TOTP(secret).at(clock.now()))
        challenge = confirmed.login(EMAIL, PASSWORD)
        assert isinstance(challenge, MfaChallenge)
        confirmed.forgot_password(EMAIL)

        stored = everything_stored(database_url)

        secrets = (PASSWORD, tokens.refresh_token, tokens.access_token, challenge.session)
        for bearer in (*secrets, f'"{mailbox.code()}"'):
            assert bearer not in stored
            assert bearer.encode().hex() not in stored

    def test_the_application_role_sees_none_of_it(self, database_url: str) -> None:
        with (
            psycopg.connect(database_url, options="-c role=foliolens_app") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT FROM identity.users")

    def test_the_tables_can_be_taken_away_and_put_back(self, template_url: str) -> None:
        with cloned_database(template_url) as url:
            assert migrate(url, "0001") == "0001"
            migrate(url)

            assert everything_stored(url) == ""


class TestPasswordHashes:
    def test_signing_in_renews_a_hash_of_older_parameters(
        self, confirmed: LocalIdentity, build_local: BuildLocal, database_url: str
    ) -> None:
        stronger = build_local(passwords=Passwords(passes=2, memory_kib=64))
        assert "t=1" in everything_stored(database_url)

        sign_in(stronger)

        assert "t=1" not in everything_stored(database_url)
        assert sign_in(stronger)

    def test_an_unknown_address_is_hashed_for_as_well(
        self, build_local: BuildLocal, cheap_passwords: Passwords
    ) -> None:
        checked: list[str | None] = []

        class Watched(Passwords):
            def matches(self, password: str, stored: str | None) -> bool:
                checked.append(stored)
                return super().matches(password, stored)

        identity = build_local(passwords=Watched(passes=1, memory_kib=64))
        with pytest.raises(AuthenticationFailed):
            identity.login("nobody@example.com", PASSWORD)

        assert checked == [None]


class TestLockout:
    def test_parallel_guesses_get_no_more_tries_than_successive_ones(
        self, confirmed: LocalIdentity, database_url: str
    ) -> None:
        def guess(_: int) -> None:
            with pytest.raises(AuthenticationFailed):
                confirmed.login(EMAIL, WRONG)

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(guess, range(24)))

        events = events_of(database_url)
        assert events.count("sign-in failed: password") == 5
        assert events.count("sign-in refused: locked") == 19

    def test_failures_of_a_day_ago_are_forgotten(self, confirmed: LocalIdentity, clock: SetClock) -> None:
        for _ in range(4):
            with pytest.raises(AuthenticationFailed):
                confirmed.login(EMAIL, WRONG)
        clock.advance(hours=24)
        with pytest.raises(AuthenticationFailed):
            confirmed.login(EMAIL, WRONG)

        assert sign_in(confirmed)


class TestMails:
    def test_known_and_unknown_addresses_wait_alike(
        self, database: Database, clock: SetClock, mailbox: Mailbox, cheap_passwords: Passwords
    ) -> None:
        pauses: list[float] = []
        mailboxes = Mailboxes(
            database,
            clock,
            cheap_passwords,
            mailbox,
            timedelta(hours=1),
            auto_confirm=False,
            pause=pauses.append,
        )
        mailboxes.register(EMAIL, PASSWORD, ADA)
        for ask in (mailboxes.forgot_password, mailboxes.resend_code):
            for email in (EMAIL, "nobody@example.com"):
                ask(email)

        assert len(pauses) == 4

    def test_a_mail_that_is_refused_is_not_told_to_strangers(
        self, confirmed: LocalIdentity, mailbox: Mailbox
    ) -> None:
        mailbox.broken = True

        confirmed.forgot_password(EMAIL)
        confirmed.forgot_password("nobody@example.com")

    def test_a_refused_notice_does_not_undo_what_it_tells_of(
        self, confirmed: LocalIdentity, mailbox: Mailbox
    ) -> None:
        confirmed.forgot_password(EMAIL)
        mailbox.broken = True
        confirmed.reset_password(EMAIL, mailbox.code(), "Another-Horse-8-Battery")

        assert sign_in(confirmed, "Another-Horse-8-Battery")


class TestSigningKeys:
    def test_processes_that_start_together_agree_on_one_key(
        self, database: Database, clock: SetClock
    ) -> None:
        with database.system() as transaction:
            transaction.execute("DELETE FROM identity.signing_keys")
        rings = [KeyRing(database, clock, LIFETIME) for _ in range(4)]
        with ThreadPoolExecutor(4) as threads:
            keys = list(threads.map(lambda ring: ring.signing().kid, rings))

        assert len(set(keys)) == 1

    def test_tokens_of_the_key_before_are_good_until_they_expire(
        self, confirmed: LocalIdentity, build_local: BuildLocal, clock: SetClock
    ) -> None:
        old = sign_in(confirmed).access_token
        confirmed.keys.rotate()
        new = sign_in(confirmed).access_token

        kids = [jwt.get_unverified_header(token)["kid"] for token in (old, new)]
        assert kids[0] != kids[1]
        assert {key["kid"] for key in confirmed.jwks()["keys"]} == set(kids)
        clock.advance(minutes=14)
        for process in (confirmed, build_local()):
            assert process.verify(old).user_id == process.verify(new).user_id

    def test_a_superseded_key_is_withdrawn_in_the_end(
        self, confirmed: LocalIdentity, clock: SetClock
    ) -> None:
        sign_in(confirmed)
        newest = confirmed.keys.rotate()
        clock.advance(hours=2)

        assert [key["kid"] for key in confirmed.jwks()["keys"]] == [newest.kid]

    def test_a_running_process_picks_up_the_key_of_another(
        self, confirmed: LocalIdentity, build_local: BuildLocal, clock: SetClock
    ) -> None:
        sign_in(confirmed)
        another = build_local()
        another.keys.rotate()
        clock.advance(seconds=6)

        assert confirmed.verify(sign_in(another).access_token)

    def test_made_up_key_names_do_not_make_us_read_keys_all_the_time(
        self, confirmed: LocalIdentity, build_local: BuildLocal, clock: SetClock
    ) -> None:
        token = sign_in(confirmed).access_token
        forged = jwt.encode({}, "secret" * 8, algorithm="HS256", headers={"kid": "made-up"})
        clock.advance(seconds=6)
        with pytest.raises(AuthenticationFailed):
            confirmed.verify(forged)  # reads the keys
        another = build_local()
        another.keys.rotate()
        fresh = sign_in(another).access_token

        with pytest.raises(AuthenticationFailed):
            confirmed.verify(fresh)
        clock.advance(seconds=6)
        assert confirmed.verify(fresh).user_id == confirmed.verify(token).user_id

    def test_keys_are_rotated_every_ninety_days(self, confirmed: LocalIdentity, clock: SetClock) -> None:
        first = confirmed.keys.signing().kid
        clock.advance(days=89)
        assert confirmed.keys.signing().kid == first
        clock.advance(days=1)

        assert confirmed.keys.signing().kid != first


class TestTokens:
    def signed(self, identity: LocalIdentity, clock: SetClock, **changes: object) -> str:
        """A token signed with our own key, like ours but for the changes; None leaves a claim out."""
        claims = {
            "sub": "6f0f9a52-7d0a-4a52-9f0b-7f6f3c1f5c11",
            "iss": "foliolens",
            "iat": clock.now().timestamp(),
            "exp": clock.now().timestamp() + 900,
            "jti": "one",
            "token_use": "access",
            "client_id": "foliolens",
        } | changes
        key = identity.keys.signing()
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(present, key.private, algorithm="RS256", headers={"kid": key.kid})

    def test_one_like_ours_is_accepted(self, identity: LocalIdentity, clock: SetClock) -> None:
        assert not identity.verify(self.signed(identity, clock)).operator

    def test_an_operator_is_recognised(self, identity: LocalIdentity, clock: SetClock) -> None:
        assert identity.verify(self.signed(identity, clock, operator=True)).operator
        assert not identity.verify(self.signed(identity, clock, operator="yes")).operator

    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "somebody else"},
            {"client_id": "somebody else"},
            {"token_use": "id"},
            {"aud": "foliolens"},
            {"sub": "not a uuid"},
            {"sub": 7},
            {"exp": "soon"},
            {"exp": 1e300},
            {"iat": [1]},
            *({claim: None} for claim in ("sub", "iss", "iat", "exp", "jti", "token_use", "client_id")),
        ],
        ids=str,
    )
    def test_one_unlike_ours_is_refused_though_we_signed_it(
        self, identity: LocalIdentity, clock: SetClock, changes: dict[str, object]
    ) -> None:
        with pytest.raises(AuthenticationFailed):
            identity.verify(self.signed(identity, clock, **changes))

    def test_a_token_of_another_installation_is_refused(
        self, confirmed: LocalIdentity, build_local: BuildLocal
    ) -> None:
        elsewhere = build_local(issuer="elsewhere")

        with pytest.raises(AuthenticationFailed):
            confirmed.verify(sign_in(elsewhere).access_token)

    def test_operators_are_marked_in_the_account(self, confirmed: LocalIdentity, database_url: str) -> None:
        with psycopg.connect(database_url) as connection:
            connection.execute("UPDATE identity.users SET operator = true")

        tokens = sign_in(confirmed)

        assert tokens.user.operator
        assert confirmed.verify(tokens.access_token).operator


class TestPurge:
    def test_accounts_never_confirmed_go_after_a_week(self, identity: LocalIdentity, clock: SetClock) -> None:
        identity.register(EMAIL, PASSWORD, ADA)
        clock.advance(days=6)
        identity.purge()
        with pytest.raises(EmailExists):
            identity.register(EMAIL, PASSWORD, ADA)
        clock.advance(days=2)
        identity.purge()

        assert identity.register(EMAIL, PASSWORD, ADA)

    def test_what_still_counts_stays(self, confirmed: LocalIdentity, clock: SetClock) -> None:
        tokens = sign_in(confirmed)
        clock.advance(days=20)
        confirmed.purge()

        assert confirmed.refresh(tokens.refresh_token)

    def test_everything_else_goes_in_time(
        self, confirmed: LocalIdentity, clock: SetClock, database_url: str
    ) -> None:
        sign_in(confirmed)
        with pytest.raises(AuthenticationFailed):
            confirmed.login("nobody@example.com", PASSWORD)
        confirmed.forgot_password(EMAIL)
        confirmed.keys.rotate()
        clock.advance(days=401)
        confirmed.purge()

        with psycopg.connect(database_url) as connection:
            for table in ("sessions", "refresh_tokens", "codes", "mfa_challenges", "security_events"):
                query = sql.SQL("SELECT FROM identity.{}").format(sql.Identifier(table))
                assert connection.execute(query).rowcount == 0
            assert connection.execute("SELECT FROM identity.signing_keys").rowcount == 1
            assert connection.execute("SELECT FROM identity.users").rowcount == 1
