"""Access tokens: what is accepted, and what is not."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from foliolens.errors import AuthenticationFailed, TokenExpired
from foliolens.ports.identity import Identity
from tests.clock import SetClock

from .conftest import EMAIL, Build, sign_in


def claims_of(token: str) -> dict[str, object]:
    payload = token.split(".")[1]
    decoded = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert isinstance(decoded, dict)
    return decoded


def base64_of(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def test_an_access_token_says_who_and_until_when(confirmed: Identity, clock: SetClock) -> None:
    before = clock.now()
    tokens = sign_in(confirmed)

    claims = confirmed.verify(tokens.access_token)

    assert claims.user_id == tokens.user.id
    assert (claims.expires_at - claims.issued_at).total_seconds() == pytest.approx(tokens.expires_in)
    assert before.replace(microsecond=0) <= claims.issued_at <= clock.now()  # Cognito counts whole seconds
    assert not claims.operator


def test_an_access_token_expires_though_it_was_accepted_before(confirmed: Identity, clock: SetClock) -> None:
    tokens = sign_in(confirmed)
    confirmed.verify(tokens.access_token)
    clock.advance(seconds=tokens.expires_in)

    with pytest.raises(TokenExpired):
        confirmed.verify(tokens.access_token)


def test_an_id_token_is_no_access_token(confirmed: Identity) -> None:
    tokens = sign_in(confirmed)

    assert claims_of(tokens.id_token)["email"] == EMAIL
    with pytest.raises(AuthenticationFailed):
        confirmed.verify(tokens.id_token)


def test_an_access_token_holds_nothing_personal(confirmed: Identity) -> None:
    assert EMAIL not in json.dumps(claims_of(sign_in(confirmed).access_token))


@pytest.mark.parametrize(
    "token",
    ["", "a", "a.b", "a.b.c", "..", "é" * 10, "\ud800", "a" * 100_000, "e30.e30.e30"],
    ids=["empty", "one part", "two parts", "nonsense", "dots", "unicode", "surrogate", "huge", "objects"],
)
def test_what_is_no_token_is_refused(confirmed: Identity, token: str) -> None:
    with pytest.raises(AuthenticationFailed):
        confirmed.verify(token)


def test_a_changed_payload_is_refused(confirmed: Identity) -> None:
    header, payload, signature = sign_in(confirmed).access_token.split(".")
    claims = claims_of(f".{payload}.") | {"operator": True}
    forged = base64_of(json.dumps(claims).encode())

    with pytest.raises(AuthenticationFailed):
        confirmed.verify(f"{header}.{forged}.{signature}")


def test_an_unsigned_token_is_refused(confirmed: Identity) -> None:
    token = sign_in(confirmed).access_token
    kid = jwt.get_unverified_header(token)["kid"]
    forged = jwt.encode(claims_of(token), "", algorithm="none", headers={"kid": kid})

    with pytest.raises(AuthenticationFailed):
        confirmed.verify(forged)


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(confirmed: Identity) -> None:
    token = sign_in(confirmed).access_token
    kid = jwt.get_unverified_header(token)["kid"]
    public = jwt.PyJWKSet.from_dict(dict(confirmed.jwks()))[kid].key
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = base64_of(json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid}).encode())
    signed = f"{header}.{token.split('.')[1]}"
    forged = f"{signed}.{base64_of(hmac.digest(secret, signed.encode(), 'sha256'))}"

    with pytest.raises(AuthenticationFailed):
        confirmed.verify(forged)


def test_the_key_set_verifies_our_tokens(confirmed: Identity, clock: SetClock) -> None:
    tokens = sign_in(confirmed)
    key_set = jwt.PyJWKSet.from_dict(dict(confirmed.jwks()))
    key = key_set[jwt.get_unverified_header(tokens.id_token)["kid"]]

    claims = jwt.decode(
        tokens.id_token,
        key,
        algorithms=["RS256"],
        audience=claims_of(tokens.id_token)["aud"],
        options={"verify_exp": False, "verify_iat": False},
    )

    assert claims["sub"] == str(tokens.user.id)


def test_the_key_set_holds_no_private_parts(confirmed: Identity) -> None:
    sign_in(confirmed)

    for key in confirmed.jwks()["keys"]:
        assert {"kty", "n", "e", "kid", "alg", "use"} <= set(key)
        assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)


def test_another_process_accepts_our_tokens(build: Build, confirmed: Identity) -> None:
    token = sign_in(confirmed).access_token

    assert build().verify(token) == confirmed.verify(token)


def test_a_deleted_account_is_unknown_at_once(confirmed: Identity) -> None:
    tokens = sign_in(confirmed)

    confirmed.delete(tokens.access_token)

    with pytest.raises(AuthenticationFailed):
        confirmed.describe(tokens.access_token)
    with pytest.raises(AuthenticationFailed):
        confirmed.refresh(tokens.refresh_token)
    with pytest.raises(AuthenticationFailed):
        confirmed.login(EMAIL, "Correct-Horse-7-Battery")
