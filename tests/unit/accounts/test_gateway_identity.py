"""Callers as API Gateway's authorizer describes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from foliolens.adapters.aws.ended_sessions import Ended
from foliolens.adapters.aws.gateway_identity import GatewayIdentity
from foliolens.errors import AuthenticationFailed, AuthenticationRequired
from foliolens.ports.identity import Attributes

SUBJECT = "11111111-2222-4333-8444-555555555555"


def event(**changes: str) -> dict[str, Any]:
    claims = {
        "sub": SUBJECT,
        "email": "Ada@Example.com",
        "email_verified": "true",
        "iat": "Thu Nov 26 10:00:00 UTC 2026",
        "exp": "Thu Nov 26 10:15:00 UTC 2026",
        **changes,
    }
    return {"requestContext": {"authorizer": {"claims": claims}}}


@pytest.fixture
def identity() -> GatewayIdentity:
    return GatewayIdentity(lambda _: None)


@pytest.mark.parametrize("issued", ["Thu Nov 26 10:00:00 UTC 2026", "1795687200"])
def test_the_caller_is_whom_the_gateway_names(identity: GatewayIdentity, issued: str) -> None:
    with identity.serving(event(iat=issued)):
        claims = identity.verify("token")

    assert claims.user_id == UUID(SUBJECT)
    assert claims.issued_at == datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
    assert claims.expires_at == datetime(2026, 11, 26, 10, 15, tzinfo=UTC)
    assert not claims.operator


@pytest.mark.parametrize(
    ("groups", "operator"),
    [("operators", True), ("readers,operators", True), ("[readers operators-in-spe]", False), ("", False)],
)
def test_operators_are_told_by_their_group(identity: GatewayIdentity, groups: str, operator: bool) -> None:
    with identity.serving(event(**{"cognito:groups": groups})):
        assert identity.verify("token").operator == operator


def test_the_account_is_what_its_token_states(identity: GatewayIdentity) -> None:
    stated = {"given_name": "Ada", "custom:risk_tolerance": "moderate", "custom:marketing": "true"}

    with identity.serving(event(**stated)):
        user = identity.describe("token")

    assert (user.email, user.email_confirmed, user.mfa_enabled) == ("ada@example.com", True, False)
    assert user.attributes == Attributes("Ada", risk_tolerance="moderate", marketing_consent=True)
    assert user.created_at is None


def test_a_token_without_an_address_makes_no_account(identity: GatewayIdentity) -> None:
    with identity.serving(event(email="")), pytest.raises(AuthenticationFailed):
        identity.describe("token")


@pytest.mark.parametrize("context", [{}, {"authorizer": None}, {"authorizer": {"principalId": "x"}}])
def test_where_the_gateway_looked_at_no_token_there_is_no_caller(
    identity: GatewayIdentity, context: dict[str, Any]
) -> None:
    with identity.serving({"requestContext": context}), pytest.raises(AuthenticationRequired):
        identity.verify("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.")  # pragma: allowlist secret


def test_a_caller_is_forgotten_with_the_event(identity: GatewayIdentity) -> None:
    with identity.serving(event()):
        identity.verify("token")

    with pytest.raises(AuthenticationRequired):
        identity.verify("token")


@pytest.mark.parametrize(("gone", "words"), [(False, "signed out"), (True, "no such account")])
def test_a_void_token_describes_nobody(gone: bool, words: str) -> None:
    issued = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
    asked: list[UUID] = []

    def ended(user_id: UUID) -> Ended:
        asked.append(user_id)
        return Ended(issued, gone)

    identity = GatewayIdentity(ended)
    with identity.serving(event()), pytest.raises(AuthenticationFailed, match=words):
        identity.describe("token")
    with identity.serving(event(iat="Thu Nov 26 10:00:01 UTC 2026")):
        assert identity.describe("token").sessions_revoked_at == issued
    assert set(asked) == {UUID(SUBJECT)}
