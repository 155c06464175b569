"""TOTP: switching it on and off, and signing in with it."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest

from foliolens.errors import AuthenticationFailed, Conflict
from foliolens.ports.identity import Identity, MfaChallenge, Tokens
from tests.clock import SetClock

from .conftest import EMAIL, PASSWORD, Mailbox, local_only, sign_in


def code_at(secret: str, clock: SetClock, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * steps))


def wrong(secret: str, clock: SetClock) -> str:
    """A code of no step anywhere near."""
    near = {code_at(secret, clock, step) for step in range(-3, 4)}
    return next(
        code for code in ("000000", "111111", "222222", *map(str, range(300000, 300007))) if code not in near
    )


def challenge(identity: Identity) -> str:
    outcome = identity.login(EMAIL, PASSWORD)
    assert isinstance(outcome, MfaChallenge)
    return outcome.session


@pytest.fixture
def secret(confirmed: Identity, clock: SetClock) -> str:
    """The secret of an account whose second factor is on; the code that proved it is a minute old."""
    access_token = sign_in(confirmed).access_token
    made = confirmed.setup_mfa(access_token).secret
    confirmed.enable_mfa(access_token, code_at(made, clock))
    clock.advance(minutes=1)
    return made


def test_a_secret_that_was_not_proved_asks_for_nothing(confirmed: Identity) -> None:
    confirmed.setup_mfa(sign_in(confirmed).access_token)

    assert not sign_in(confirmed).user.mfa_enabled


def test_the_secret_comes_with_a_uri_for_apps(confirmed: Identity) -> None:
    setup = confirmed.setup_mfa(sign_in(confirmed).access_token)

    parsed = pyotp.parse_uri(setup.uri)
    assert (parsed.secret, parsed.issuer, parsed.name) == (setup.secret, "FolioLens", EMAIL)


def test_a_wrong_code_proves_nothing(confirmed: Identity, clock: SetClock) -> None:
    access_token = sign_in(confirmed).access_token
    made = confirmed.setup_mfa(access_token).secret

    with pytest.raises(AuthenticationFailed):
        confirmed.enable_mfa(access_token, wrong(made, clock))


@local_only
def test_there_must_be_a_secret_to_prove(confirmed: Identity) -> None:
    with pytest.raises(Conflict):
        confirmed.enable_mfa(sign_in(confirmed).access_token, "123456")


def test_signing_in_takes_a_code(confirmed: Identity, clock: SetClock, secret: str) -> None:
    tokens = confirmed.answer_mfa(challenge(confirmed), code_at(secret, clock))

    assert tokens.user.mfa_enabled
    assert confirmed.describe(tokens.access_token).email == EMAIL


@local_only
@pytest.mark.parametrize("steps", [-1, 1])
def test_a_step_of_drift_is_allowed(confirmed: Identity, clock: SetClock, secret: str, steps: int) -> None:
    assert confirmed.answer_mfa(challenge(confirmed), code_at(secret, clock, steps))


@pytest.mark.parametrize("steps", [-2, 2])
def test_two_steps_are_not(confirmed: Identity, clock: SetClock, secret: str, steps: int) -> None:
    near = {code_at(secret, clock, step) for step in (-1, 0, 1)}
    far = code_at(secret, clock, steps)

    with pytest.raises(AuthenticationFailed):
        confirmed.answer_mfa(challenge(confirmed), far if far not in near else wrong(secret, clock))


@local_only
def test_a_code_cannot_be_replayed(confirmed: Identity, clock: SetClock, secret: str) -> None:
    code = code_at(secret, clock)
    confirmed.answer_mfa(challenge(confirmed), code)

    with pytest.raises(AuthenticationFailed):
        confirmed.answer_mfa(challenge(confirmed), code)


def test_an_older_code_cannot_be_used_after_a_newer_one(
    confirmed: Identity, clock: SetClock, secret: str
) -> None:
    older = code_at(secret, clock, -1)
    confirmed.answer_mfa(challenge(confirmed), code_at(secret, clock))

    with pytest.raises(AuthenticationFailed):
        confirmed.answer_mfa(challenge(confirmed), older)


def test_a_challenge_is_good_once(confirmed: Identity, clock: SetClock, secret: str) -> None:
    session = challenge(confirmed)
    confirmed.answer_mfa(session, code_at(secret, clock))
    clock.advance(minutes=1)

    with pytest.raises(AuthenticationFailed):
        confirmed.answer_mfa(session, code_at(secret, clock))


@local_only
def test_a_challenge_expires(confirmed: Identity, clock: SetClock, secret: str) -> None:
    session = challenge(confirmed)
    clock.advance(minutes=5)

    with pytest.raises(AuthenticationFailed):
        confirmed.answer_mfa(session, code_at(secret, clock))


def test_a_made_up_challenge_is_refused(confirmed: Identity, clock: SetClock, secret: str) -> None:
    with pytest.raises(AuthenticationFailed):
        confirmed.answer_mfa("made-up", code_at(secret, clock))


@local_only
def test_wrong_codes_pause_the_account_over_all_challenges(
    confirmed: Identity, clock: SetClock, secret: str
) -> None:
    for _ in range(5):
        with pytest.raises(AuthenticationFailed):
            confirmed.answer_mfa(challenge(confirmed), wrong(secret, clock))

    with pytest.raises(AuthenticationFailed):
        confirmed.answer_mfa(challenge(confirmed), code_at(secret, clock))


def test_strangers_failures_do_not_keep_the_second_step_waiting(
    confirmed: Identity, clock: SetClock, secret: str
) -> None:
    session = challenge(confirmed)
    for _ in range(20):
        with pytest.raises(AuthenticationFailed):
            confirmed.login(EMAIL, "Wrong-Horse-7-Battery")

    assert confirmed.answer_mfa(session, code_at(secret, clock))


@local_only
def test_a_right_password_does_not_forget_wrong_codes(
    confirmed: Identity, clock: SetClock, secret: str
) -> None:
    for _ in range(4):
        with pytest.raises(AuthenticationFailed):
            confirmed.answer_mfa(challenge(confirmed), wrong(secret, clock))
    session = challenge(confirmed)
    with pytest.raises(AuthenticationFailed):
        confirmed.answer_mfa(session, wrong(secret, clock))

    with pytest.raises(AuthenticationFailed):
        confirmed.answer_mfa(session, code_at(secret, clock))


def test_it_cannot_be_set_up_again_while_it_is_on(confirmed: Identity, clock: SetClock, secret: str) -> None:
    access_token = confirmed.answer_mfa(challenge(confirmed), code_at(secret, clock)).access_token

    with pytest.raises(Conflict):
        confirmed.setup_mfa(access_token)


def test_turning_it_off_takes_the_password(confirmed: Identity, clock: SetClock, secret: str) -> None:
    access_token = confirmed.answer_mfa(challenge(confirmed), code_at(secret, clock)).access_token
    with pytest.raises(AuthenticationFailed):
        confirmed.disable_mfa(access_token, "Wrong-Horse-7-Battery")

    confirmed.disable_mfa(access_token, PASSWORD)

    assert isinstance(confirmed.login(EMAIL, PASSWORD), Tokens)


@local_only
def test_the_owner_is_told_when_it_is_switched(
    confirmed: Identity, clock: SetClock, mailbox: Mailbox, secret: str
) -> None:
    told = mailbox.messages[-1].subject
    access_token = confirmed.answer_mfa(challenge(confirmed), code_at(secret, clock)).access_token
    confirmed.disable_mfa(access_token, PASSWORD)

    assert "on" in told
    assert "off" in mailbox.messages[-1].subject
