"""Passwords, lockout, sessions and refresh tokens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from foliolens.errors import AuthenticationFailed, TokenExpired
from foliolens.ports.identity import Identity, Tokens
from tests.clock import SetClock

from .conftest import ADA, EMAIL, PASSWORD, Build, Mailbox, local_only, sign_in

WRONG = "Wrong-Horse-7-Battery"


def fail(identity: Identity, times: int, password: str = WRONG) -> list[str]:
    messages = []
    for _ in range(times):
        with pytest.raises(AuthenticationFailed) as refusal:
            identity.login(EMAIL, password)
        messages.append(refusal.value.message)
    return messages


def test_wrong_address_and_wrong_password_look_the_same(confirmed: Identity) -> None:
    with pytest.raises(AuthenticationFailed) as nobody:
        confirmed.login("nobody@example.com", PASSWORD)

    assert fail(confirmed, 1) == [nobody.value.message]


def test_five_failures_pause_the_account_even_for_the_right_password(confirmed: Identity) -> None:
    wrong = fail(confirmed, 5)
    refused = fail(confirmed, 1, PASSWORD)

    assert set(refused) == set(wrong)


def test_four_failures_do_not(confirmed: Identity) -> None:
    fail(confirmed, 4)

    assert sign_in(confirmed)


def test_a_success_forgets_the_failures(confirmed: Identity) -> None:
    fail(confirmed, 4)
    sign_in(confirmed)
    fail(confirmed, 4)

    assert sign_in(confirmed)


def test_the_pause_doubles_with_each_failure(confirmed: Identity, clock: SetClock) -> None:
    fail(confirmed, 5)
    clock.advance(seconds=31)
    fail(confirmed, 1)
    clock.advance(seconds=31)
    fail(confirmed, 1, PASSWORD)
    clock.advance(seconds=30)

    assert sign_in(confirmed)


def test_the_owner_gets_in_after_a_quarter_of_an_hour_whatever_happened(
    confirmed: Identity, clock: SetClock
) -> None:
    for _ in range(30):
        fail(confirmed, 1)
        clock.advance(minutes=16)
    fail(confirmed, 10)
    clock.advance(minutes=16)

    assert sign_in(confirmed)


def test_failures_during_the_pause_do_not_extend_it(confirmed: Identity, clock: SetClock) -> None:
    fail(confirmed, 5)
    fail(confirmed, 20)
    clock.advance(seconds=30)

    assert sign_in(confirmed)


def test_a_failure_counts_in_every_process(build: Build, confirmed: Identity) -> None:
    another = build()
    fail(confirmed, 3)
    fail(another, 2)

    fail(confirmed, 1, PASSWORD)


def test_resetting_the_password_ends_the_pause(confirmed: Identity, mailbox: Mailbox) -> None:
    fail(confirmed, 5)
    confirmed.forgot_password(EMAIL)
    confirmed.reset_password(EMAIL, mailbox.code(), "Another-Horse-8-Battery")

    assert sign_in(confirmed, "Another-Horse-8-Battery")


def test_concurrent_sign_ins_all_succeed(confirmed: Identity) -> None:
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: confirmed.login(EMAIL, PASSWORD), range(16)))

    assert all(isinstance(outcome, Tokens) for outcome in outcomes)


def test_refreshing_gives_new_tokens(confirmed: Identity) -> None:
    first = sign_in(confirmed)
    second = confirmed.refresh(first.refresh_token)
    third = confirmed.refresh(second.refresh_token)

    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert confirmed.verify(third.access_token).user_id == first.user.id


def test_a_reused_refresh_token_ends_its_session(confirmed: Identity) -> None:
    first = sign_in(confirmed)
    second = confirmed.refresh(first.refresh_token)
    with pytest.raises(AuthenticationFailed):
        confirmed.refresh(first.refresh_token)

    with pytest.raises(AuthenticationFailed):
        confirmed.refresh(second.refresh_token)


def test_reuse_leaves_other_sessions_alone(confirmed: Identity) -> None:
    phone, laptop = sign_in(confirmed), sign_in(confirmed)
    confirmed.refresh(phone.refresh_token)
    with pytest.raises(AuthenticationFailed):
        confirmed.refresh(phone.refresh_token)

    assert confirmed.refresh(laptop.refresh_token)


@local_only
def test_of_concurrent_refreshes_with_one_token_exactly_one_wins(confirmed: Identity) -> None:
    token = sign_in(confirmed).refresh_token

    def attempt(_: int) -> Tokens | None:
        try:
            return confirmed.refresh(token)
        except AuthenticationFailed:
            return None

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(attempt, range(8)))

    assert sum(outcome is not None for outcome in outcomes) == 1


def test_an_unknown_refresh_token_is_refused(confirmed: Identity) -> None:
    with pytest.raises(AuthenticationFailed):
        confirmed.refresh("flr_made-up")


@local_only
def test_a_session_lives_as_long_as_it_is_used_in_time(confirmed: Identity, clock: SetClock) -> None:
    tokens = sign_in(confirmed)
    for _ in range(3):
        clock.advance(days=29)
        tokens = confirmed.refresh(tokens.refresh_token)
    clock.advance(days=30)

    with pytest.raises(TokenExpired):
        confirmed.refresh(tokens.refresh_token)


def test_logging_out_ends_every_session(confirmed: Identity) -> None:
    phone, laptop = sign_in(confirmed), sign_in(confirmed)

    ended = confirmed.logout(phone.access_token)

    assert ended.user_id == phone.user.id
    assert ended.at >= confirmed.verify(laptop.access_token).issued_at
    for tokens in (phone, laptop):
        with pytest.raises(AuthenticationFailed):
            confirmed.refresh(tokens.refresh_token)
        with pytest.raises(AuthenticationFailed):
            confirmed.describe(tokens.access_token)


def test_one_can_sign_in_again_after_logging_out(confirmed: Identity) -> None:
    confirmed.logout(sign_in(confirmed).access_token)

    assert confirmed.describe(sign_in(confirmed).access_token).email == EMAIL


COGNITOS_PAUSE = 1.5
"""Seconds: after what strangers may fail at in a row, Cognito itself pauses an account for one."""


def test_strangers_failures_do_not_keep_a_known_device_out(confirmed: Identity, clock: SetClock) -> None:
    fail(confirmed, 20)
    clock.advance(seconds=COGNITOS_PAUSE)
    fail(confirmed, 1, PASSWORD)

    assert confirmed.login(EMAIL, PASSWORD, known_device=True)


def test_a_known_device_that_fails_waits_as_well(confirmed: Identity, clock: SetClock) -> None:
    for _ in range(5):
        with pytest.raises(AuthenticationFailed):
            confirmed.login(EMAIL, WRONG, known_device=True)

    with pytest.raises(AuthenticationFailed):
        confirmed.login(EMAIL, PASSWORD, known_device=True)
    clock.advance(seconds=COGNITOS_PAUSE)
    assert sign_in(confirmed), "strangers wait for strangers only"


def test_strangers_failures_do_not_keep_who_is_signed_in_from_asking_again(
    confirmed: Identity, clock: SetClock
) -> None:
    access_token = sign_in(confirmed).access_token
    fail(confirmed, 20)
    clock.advance(seconds=COGNITOS_PAUSE)

    confirmed.check_password(access_token, PASSWORD)


@local_only
def test_the_history_tells_sessions(confirmed: Identity) -> None:
    assert len(confirmed.history(sign_in(confirmed).access_token).sessions) == 1


def test_the_history_tells_events_newest_first(confirmed: Identity) -> None:
    fail(confirmed, 1)
    with pytest.raises(AuthenticationFailed):
        confirmed.confirm(EMAIL, "000000")
    tokens = sign_in(confirmed)

    events = [event.event for event in confirmed.history(tokens.access_token).events]

    assert events == [
        "signed in",
        "wrong code: confirm",
        "sign-in failed: password",
        "e-mail address confirmed",
        "code mailed: confirm",
        "registered",
    ]


def test_the_events_of_an_account_go_with_it(confirmed: Identity, mailbox: Mailbox, clock: SetClock) -> None:
    fail(confirmed, 3)
    confirmed.delete(sign_in(confirmed).access_token)
    clock.advance(minutes=2)
    confirmed.register(EMAIL, PASSWORD, ADA)
    confirmed.confirm(EMAIL, mailbox.code())

    events = [event.event for event in confirmed.history(sign_in(confirmed).access_token).events]

    assert "sign-in failed: password" not in events
