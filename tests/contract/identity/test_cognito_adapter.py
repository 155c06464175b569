"""What is true of the Cognito adapter beyond the port: which tokens it takes, how it bears faults."""

from __future__ import annotations

import gzip
import json
import socket
from base64 import urlsafe_b64encode
from collections.abc import Callable
from importlib import resources
from typing import Any
from uuid import uuid4

import jwt
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from msgspec.structs import replace

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.cognito import CognitoIdentity
from foliolens.adapters.aws.ended_sessions import Ended, EndedSessions
from foliolens.adapters.aws.security_trail import SecurityTrail
from foliolens.adapters.aws.sign_in_failures import SignInFailures
from foliolens.errors import (
    AuthenticationFailed,
    RateLimited,
    ServiceUnavailable,
    TokenExpired,
    ValidationFailed,
)
from foliolens.ports.identity import Attributes, Tokens
from tests.aws import create_table
from tests.clock import SetClock
from tests.cognito import CognitoForTests, UserPool, create_user_pool

from .conftest import ADA, EMAIL, PASSWORD, Mailbox, sign_in

WRONG = "Wrong-Horse-7-Battery"


@pytest.fixture
def provider() -> str:
    return "cognito"


@pytest.fixture
def table(aws: str) -> str:
    return create_table()


Build = Callable[..., CognitoIdentity]


@pytest.fixture
def build(aws: str, cognito: CognitoForTests, table: str, clock: SetClock) -> Build:
    def make(pool: UserPool, keys_url: str | None = None) -> CognitoIdentity:
        return CognitoIdentity(
            pool.pool_id,
            pool.client_id,
            ended=EndedSessions(table),
            failures=SignInFailures(table, clock),
            trail=SecurityTrail(table, clock),
            clock=clock,
            keys_url=keys_url or f"{aws}/{pool.pool_id}/.well-known/jwks.json",
            pause=lambda seconds: clock.advance(seconds=seconds),
        )

    return make


@pytest.fixture
def identity(build: Build, user_pool: UserPool) -> CognitoIdentity:
    return build(user_pool)


def pool_key() -> RSAPrivateKey:
    """The key that moto signs every pool's tokens with."""
    stored = resources.files("moto") / "cognitoidp" / "resources" / "jwks-private.json.gz"
    key = RSAAlgorithm.from_jwk(json.loads(gzip.decompress(stored.read_bytes())))
    assert isinstance(key, RSAPrivateKey)
    return key


class TestTokens:
    """Tokens like Cognito's but for one thing, signed with the pool's own key where not said otherwise."""

    def claims(self, pool: UserPool, clock: SetClock, **changes: object) -> dict[str, object]:
        claims = {
            "sub": str(uuid4()),
            "iss": f"https://cognito-idp.eu-central-1.amazonaws.com/{pool.pool_id}",
            "iat": int(clock.now().timestamp()),
            "exp": int(clock.now().timestamp()) + 900,
            "jti": "one",
            "token_use": "access",
            "client_id": pool.client_id,
            "scope": "aws.cognito.signin.user.admin",
        } | changes
        return {name: value for name, value in claims.items() if value is not None}

    def signed(self, pool: UserPool, clock: SetClock, **changes: object) -> str:
        claims = self.claims(pool, clock, **changes)
        return jwt.encode(claims, pool_key(), algorithm="RS256", headers={"kid": "dummy"})

    def test_one_like_cognitos_is_accepted(
        self, identity: CognitoIdentity, user_pool: UserPool, clock: SetClock
    ) -> None:
        assert not identity.verify(self.signed(user_pool, clock)).operator

    def test_operators_are_told_by_their_group(
        self, identity: CognitoIdentity, user_pool: UserPool, clock: SetClock
    ) -> None:
        for groups, operator in ((["operators"], True), (["readers"], False), ("operators", False)):
            assert (
                identity.verify(self.signed(user_pool, clock, **{"cognito:groups": groups})).operator
                == operator
            )

    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_another"},
            {"iss": "https://cognito-idp.eu-central-1.amazonaws.com/"},
            {"client_id": "another"},
            {"client_id": None, "aud": "another"},
            {"token_use": "id"},
            {"token_use": None},
            {"sub": "not a uuid"},
            {"exp": "soon"},
            *({claim: None} for claim in ("sub", "iss", "iat", "exp", "jti", "client_id")),
        ],
        ids=str,
    )
    def test_one_of_another_pool_client_or_use_is_refused_though_the_key_is_right(
        self, identity: CognitoIdentity, user_pool: UserPool, clock: SetClock, changes: dict[str, object]
    ) -> None:
        with pytest.raises(AuthenticationFailed):
            identity.verify(self.signed(user_pool, clock, **changes))

    def test_an_expired_one_is_told_apart(
        self, identity: CognitoIdentity, user_pool: UserPool, clock: SetClock
    ) -> None:
        with pytest.raises(TokenExpired):
            identity.verify(self.signed(user_pool, clock, exp=int(clock.now().timestamp()) - 1))

    def test_a_strangers_key_under_the_pools_name_is_refused(
        self, identity: CognitoIdentity, user_pool: UserPool, clock: SetClock
    ) -> None:
        stranger = generate_private_key(public_exponent=65537, key_size=2048)
        own = {**RSAAlgorithm.to_jwk(stranger.public_key(), as_dict=True), "kid": "dummy"}
        elsewhere = {"jku": "https://example.com/jwks.json", "jwk": own}
        for headers in ({"kid": "dummy"}, {"kid": "dummy", **elsewhere}, {"kid": "made-up"}, {}):
            forged = jwt.encode(self.claims(user_pool, clock), stranger, algorithm="RS256", headers=headers)
            with pytest.raises(AuthenticationFailed):
                identity.verify(forged)

    @pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "RS384", "PS256", "HS256"])
    def test_no_other_algorithm_is_accepted(
        self, identity: CognitoIdentity, user_pool: UserPool, clock: SetClock, algorithm: str
    ) -> None:
        right = self.signed(user_pool, clock)
        assert identity.verify(right)
        header = json.dumps({"alg": algorithm, "typ": "JWT", "kid": "dummy"}).encode()
        encoded = urlsafe_b64encode(header).rstrip(b"=").decode()
        _, payload, signature = right.split(".")
        for signed in (signature, ""):
            with pytest.raises(AuthenticationFailed):
                identity.verify(f"{encoded}.{payload}.{signed}")

    def test_a_token_of_another_pool_is_refused(
        self, identity: CognitoIdentity, build: Build, mailbox: Mailbox
    ) -> None:
        elsewhere = build(create_user_pool())
        elsewhere.register(EMAIL, PASSWORD, ADA)
        elsewhere.confirm(EMAIL, mailbox.code())
        token = sign_in(elsewhere).access_token

        assert elsewhere.verify(token)
        with pytest.raises(AuthenticationFailed):
            identity.verify(token)

    def test_without_the_pools_keys_nobody_is_let_in(
        self, build: Build, user_pool: UserPool, clock: SetClock
    ) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            identity = build(user_pool, f"http://127.0.0.1:{closed.getsockname()[1]}/jwks.json")
            with pytest.raises(ServiceUnavailable):
                identity.verify(self.signed(user_pool, clock))
            with pytest.raises(ServiceUnavailable):
                identity.jwks()


class TestSessions:
    def test_a_reused_refresh_token_ends_the_whole_session(self, confirmed: CognitoIdentity) -> None:
        first = sign_in(confirmed)
        second = confirmed.refresh(first.refresh_token)
        with pytest.raises(AuthenticationFailed, match="has ended"):
            confirmed.refresh(first.refresh_token)

        with pytest.raises(AuthenticationFailed):
            confirmed.refresh(second.refresh_token)
        with pytest.raises(AuthenticationFailed):
            confirmed.describe(second.access_token)

    def test_asking_for_the_password_leaves_no_session_behind(
        self, confirmed: CognitoIdentity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        access_token = sign_in(confirmed).access_token
        opened: list[str] = []
        initiate = clients.cognito().admin_initiate_auth

        def watched(**arguments: object) -> object:
            answer = initiate(**arguments)  # type: ignore[arg-type]
            opened.append(answer["AuthenticationResult"]["RefreshToken"])
            return answer

        monkeypatch.setattr(clients.cognito(), "admin_initiate_auth", watched)
        confirmed.check_password(access_token, PASSWORD)

        (refresh_token,) = opened
        with pytest.raises(AuthenticationFailed):
            confirmed.refresh(refresh_token)

    def test_who_cannot_ask_cognito_knows_whose_tokens_are_void(
        self, confirmed: CognitoIdentity, table: str
    ) -> None:
        tokens = sign_in(confirmed)
        before = EndedSessions(table).of(tokens.user.id)

        ended = confirmed.logout(tokens.access_token)

        assert before is None
        assert EndedSessions(table).of(tokens.user.id) == Ended(ended.at, gone=False)
        again = sign_in(confirmed)
        assert confirmed.verify(again.access_token).issued_at > ended.at

    def test_a_deleted_users_tokens_are_void_for_them_too(
        self, confirmed: CognitoIdentity, table: str
    ) -> None:
        tokens = sign_in(confirmed)

        confirmed.delete(tokens.access_token)

        ended = EndedSessions(table).of(tokens.user.id)
        assert ended is not None
        assert ended.gone
        assert ended.at > confirmed.verify(tokens.access_token).issued_at


class TestAccounts:
    def test_what_was_not_stated_is_not_kept(self, identity: CognitoIdentity, mailbox: Mailbox) -> None:
        identity.register(EMAIL, PASSWORD, Attributes("Ada", "Lovelace"))
        identity.confirm(EMAIL, mailbox.code())

        assert sign_in(identity).user.attributes == Attributes("Ada", "Lovelace")

    def test_the_second_factor_is_stated_for_tokens(
        self, confirmed: CognitoIdentity, user_pool: UserPool, clock: SetClock
    ) -> None:
        import pyotp  # noqa: PLC0415

        access_token = sign_in(confirmed).access_token
        secret = confirmed.setup_mfa(access_token).secret
        confirmed.enable_mfa(access_token, pyotp.TOTP(secret).at(clock.now()))
        stated = clients.cognito().admin_get_user(UserPoolId=user_pool.pool_id, Username=EMAIL)

        assert {"Name": "custom:mfa", "Value": "true"} in stated["UserAttributes"]

    def test_a_password_that_only_cognito_finds_weak_is_refused_in_our_words(
        self, identity: CognitoIdentity
    ) -> None:
        with pytest.raises(ValidationFailed) as refused:
            identity.register(EMAIL, "short", ADA)

        assert refused.value.details == [
            {"field": "password", "code": "WEAK_PASSWORD", "message": refused.value.message}
        ]


class TestPeopleWhoSignInElsewhere:
    """Google's, say: Cognito calls them by another name than their id, and knows no password of theirs."""

    @pytest.fixture
    def elsewhere(self, confirmed: CognitoIdentity, monkeypatch: pytest.MonkeyPatch) -> Tokens:
        """moto knows no such people: only their status is theirs."""
        tokens = sign_in(confirmed)
        known = clients.cognito().admin_get_user

        def admin_get_user(**asked: Any) -> dict[str, Any]:
            return {**known(**asked), "UserStatus": "EXTERNAL_PROVIDER"}

        monkeypatch.setattr(clients.cognito(), "admin_get_user", admin_get_user)
        return tokens

    def test_one_who_has_just_signed_in_may_leave(
        self, confirmed: CognitoIdentity, elsewhere: Tokens, clock: SetClock
    ) -> None:
        clock.advance(minutes=4)

        confirmed.check_recent_sign_in(elsewhere.access_token)
        confirmed.delete(elsewhere.access_token)

        with pytest.raises(AuthenticationFailed):
            confirmed.describe(elsewhere.access_token)

    def test_one_who_signed_in_earlier_signs_in_again(
        self, confirmed: CognitoIdentity, elsewhere: Tokens, clock: SetClock
    ) -> None:
        clock.advance(minutes=6)

        with pytest.raises(AuthenticationFailed):
            confirmed.check_recent_sign_in(elsewhere.access_token)

    def test_a_token_that_does_not_say_when_is_not_enough(
        self, confirmed: CognitoIdentity, elsewhere: Tokens, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        claims = replace(confirmed.verify(elsewhere.access_token), signed_in_at=None)
        monkeypatch.setattr(confirmed, "verify", lambda _: claims)

        with pytest.raises(AuthenticationFailed):
            confirmed.check_recent_sign_in(elsewhere.access_token)


class TestPauses:
    def test_strangers_never_make_cognito_pause_for_long(
        self, confirmed: CognitoIdentity, clock: SetClock, cognito: CognitoForTests
    ) -> None:
        """However long they go on: else the owner's known device would have to wait as well."""
        longest = 0
        for _ in range(150):
            with pytest.raises(AuthenticationFailed):
                confirmed.login(EMAIL, WRONG)
            (failures,) = cognito.failures.values()
            longest = max(longest, len(failures))
            clock.advance(minutes=1)

        assert 2 ** (longest - 5) <= 32, "seconds that Cognito pauses"
        assert confirmed.login(EMAIL, PASSWORD, known_device=True)

    def test_what_comes_during_a_pause_does_not_reach_cognito(
        self, confirmed: CognitoIdentity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reached: list[object] = []
        initiate = clients.cognito().admin_initiate_auth

        def watched(**arguments: object) -> object:
            reached.append(arguments)
            return initiate(**arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(clients.cognito(), "admin_initiate_auth", watched)
        for _ in range(20):
            with pytest.raises(AuthenticationFailed):
                confirmed.login(EMAIL, WRONG)

        assert len(reached) == 5


class TestMails:
    @pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
    @pytest.mark.parametrize("ask", ["forgot_password", "resend_code"])
    def test_known_and_unknown_addresses_wait_alike(
        self, confirmed: CognitoIdentity, clock: SetClock, ask: str, email: str
    ) -> None:
        before = clock.now()
        getattr(confirmed, ask)(email)

        # The pause puts the clock forward by what is left of the second.
        assert (clock.now() - before).total_seconds() >= 1.0


class TestFaults:
    @pytest.mark.parametrize(
        ("code", "error"),
        [
            ("TooManyRequestsException", RateLimited),
            ("LimitExceededException", RateLimited),
            ("InternalErrorException", ServiceUnavailable),
            ("ResourceNotFoundException", ServiceUnavailable),
            ("PasswordResetRequiredException", AuthenticationFailed),
        ],
    )
    def test_what_cognito_refuses_is_told_in_our_terms(
        self,
        identity: CognitoIdentity,
        monkeypatch: pytest.MonkeyPatch,
        code: str,
        error: type[Exception],
    ) -> None:
        def refuse(**_: object) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "secret detail"}}, "InitiateAuth")

        monkeypatch.setattr(clients.cognito(), "admin_initiate_auth", refuse)
        with pytest.raises(error) as refused:
            identity.login(EMAIL, PASSWORD)

        assert "secret detail" not in str(refused.value)

    def test_a_cognito_that_does_not_answer_is_a_503(
        self, identity: CognitoIdentity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
            clients.forget()
            try:
                with pytest.raises(ServiceUnavailable):
                    identity.login(EMAIL, PASSWORD)
                with pytest.raises(ServiceUnavailable):
                    identity.forgot_password(EMAIL)
            finally:
                clients.forget()
