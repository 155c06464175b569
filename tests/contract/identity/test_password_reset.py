"""Forgotten passwords, and asking for the password again."""

from __future__ import annotations

import pytest

from foliolens.errors import AuthenticationFailed, ValidationFailed
from foliolens.ports.identity import Identity
from tests.clock import SetClock

from .conftest import ADA, EMAIL, PASSWORD, Mailbox, local_only, sign_in

NEW = "Another-Horse-8-Battery"


def test_the_mailed_code_sets_a_new_password(confirmed: Identity, mailbox: Mailbox) -> None:
    confirmed.forgot_password(EMAIL)
    confirmed.reset_password(EMAIL, mailbox.code(), NEW)

    assert sign_in(confirmed, NEW)
    with pytest.raises(AuthenticationFailed):
        confirmed.login(EMAIL, PASSWORD)


def test_a_reset_ends_every_session(confirmed: Identity, mailbox: Mailbox) -> None:
    tokens = sign_in(confirmed)
    confirmed.forgot_password(EMAIL)

    ended = confirmed.reset_password(EMAIL, mailbox.code(), NEW)

    assert (ended.user_id, ended.at > confirmed.verify(tokens.access_token).issued_at) == (
        tokens.user.id,
        True,
    )
    with pytest.raises(AuthenticationFailed):
        confirmed.refresh(tokens.refresh_token)
    with pytest.raises(AuthenticationFailed):
        confirmed.describe(tokens.access_token)


@local_only
def test_the_owner_is_told_of_a_reset(confirmed: Identity, mailbox: Mailbox) -> None:
    confirmed.forgot_password(EMAIL)
    confirmed.reset_password(EMAIL, mailbox.code(), NEW)

    assert "changed" in mailbox.messages[-1].subject


def test_a_reset_code_is_good_once(confirmed: Identity, mailbox: Mailbox) -> None:
    confirmed.forgot_password(EMAIL)
    code = mailbox.code()
    confirmed.reset_password(EMAIL, code, NEW)

    with pytest.raises(AuthenticationFailed):
        confirmed.reset_password(EMAIL, code, PASSWORD)


@local_only
def test_guesses_do_not_use_a_reset_code_up(confirmed: Identity, mailbox: Mailbox) -> None:
    confirmed.forgot_password(EMAIL)
    for guess in range(50):
        with pytest.raises(AuthenticationFailed):
            confirmed.reset_password(EMAIL, f"{guess:012d}", NEW)

    confirmed.reset_password(EMAIL, mailbox.code(), NEW)

    assert sign_in(confirmed, NEW)


@local_only
def test_a_reset_code_cannot_be_guessed_in_its_hour(confirmed: Identity, mailbox: Mailbox) -> None:
    confirmed.forgot_password(EMAIL)

    assert len(mailbox.code()) == 12


def test_a_confirmation_code_resets_nothing(identity: Identity, mailbox: Mailbox) -> None:
    identity.register(EMAIL, PASSWORD, ADA)

    with pytest.raises(AuthenticationFailed):
        identity.reset_password(EMAIL, mailbox.code(), NEW)


@local_only
def test_a_reset_proves_the_address_of_an_unconfirmed_account(identity: Identity, mailbox: Mailbox) -> None:
    identity.register(EMAIL, PASSWORD, ADA)
    identity.forgot_password(EMAIL)
    identity.reset_password(EMAIL, mailbox.code(), NEW)

    assert sign_in(identity, NEW).user.email_confirmed


def test_an_unknown_address_is_mailed_nothing(identity: Identity, mailbox: Mailbox) -> None:
    identity.forgot_password("nobody@example.com")

    assert mailbox.messages == []


@local_only
def test_a_pending_second_factor_does_not_survive_a_reset(
    confirmed: Identity, mailbox: Mailbox, clock: SetClock
) -> None:
    import pyotp  # noqa: PLC0415

    from foliolens.ports.identity import MfaChallenge  # noqa: PLC0415

    access_token = sign_in(confirmed).access_token
    secret = confirmed.setup_mfa(access_token).secret
    confirmed.enable_mfa(access_token, pyotp.TOTP(secret).at(clock.now()))
    challenge = confirmed.login(EMAIL, PASSWORD)
    assert isinstance(challenge, MfaChallenge)
    confirmed.forgot_password(EMAIL)
    confirmed.reset_password(EMAIL, mailbox.code(), NEW)
    clock.advance(seconds=60)

    with pytest.raises(AuthenticationFailed):
        confirmed.answer_mfa(challenge.session, pyotp.TOTP(secret).at(clock.now()))


def test_the_password_can_be_asked_for_again(confirmed: Identity) -> None:
    access_token = sign_in(confirmed).access_token

    confirmed.check_password(access_token, PASSWORD)
    with pytest.raises(AuthenticationFailed):
        confirmed.check_password(access_token, "Wrong-Horse-7-Battery")


def test_a_sign_in_of_this_moment_is_not_enough_where_there_is_a_password(confirmed: Identity) -> None:
    access_token = sign_in(confirmed).access_token

    with pytest.raises(ValidationFailed) as refusal:
        confirmed.check_recent_sign_in(access_token)
    assert [problem["field"] for problem in refusal.value.details] == ["password"]


@local_only
def test_guessing_with_a_stolen_token_pauses_the_account_too(confirmed: Identity) -> None:
    access_token = sign_in(confirmed).access_token
    for _ in range(5):
        with pytest.raises(AuthenticationFailed):
            confirmed.check_password(access_token, "Wrong-Horse-7-Battery")

    with pytest.raises(AuthenticationFailed):
        confirmed.check_password(access_token, PASSWORD)
