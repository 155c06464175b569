"""Registration, confirmation and mailed codes."""

from __future__ import annotations

import pytest

from foliolens.errors import AuthenticationFailed, EmailExists, EmailNotConfirmed, ServiceUnavailable
from foliolens.ports.identity import Identity
from tests.clock import SetClock

from .conftest import ADA, EMAIL, PASSWORD, Build, Mailbox, local_only, sign_in


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@local_only
def test_a_new_account_waits_for_the_mailed_code(identity: Identity, mailbox: Mailbox) -> None:
    registered = identity.register(EMAIL, PASSWORD, ADA)

    assert registered.verification_required
    assert [message.to for message in mailbox.messages] == [EMAIL]
    with pytest.raises(EmailNotConfirmed):
        identity.login(EMAIL, PASSWORD)


def test_the_mailed_code_confirms_the_address(identity: Identity, mailbox: Mailbox) -> None:
    registered = identity.register(EMAIL, PASSWORD, ADA)

    identity.confirm(EMAIL, mailbox.code())

    user = sign_in(identity).user
    assert (user.id, user.email, user.email_confirmed) == (registered.user_id, EMAIL, True)
    assert user.attributes == ADA


@local_only
def test_with_auto_confirm_there_is_no_code(build: Build, mailbox: Mailbox) -> None:
    identity = build(auto_confirm=True)

    assert not identity.register(EMAIL, PASSWORD, ADA).verification_required
    assert mailbox.messages == []
    assert sign_in(identity).user.email == EMAIL


def test_an_address_has_one_account_in_whatever_case(confirmed: Identity) -> None:
    with pytest.raises(EmailExists):
        confirmed.register("ADA@Example.COM", PASSWORD, ADA)


def test_signing_in_ignores_the_case_of_the_address(confirmed: Identity) -> None:
    assert confirmed.login("Ada@EXAMPLE.com", PASSWORD)


def test_an_unconfirmed_account_tells_nothing_to_a_wrong_password(identity: Identity) -> None:
    identity.register(EMAIL, PASSWORD, ADA)

    with pytest.raises(AuthenticationFailed):
        identity.login(EMAIL, "Wrong-Horse-7-Battery")


def test_a_code_is_good_once(confirmed: Identity, mailbox: Mailbox) -> None:
    with pytest.raises(AuthenticationFailed):
        confirmed.confirm(EMAIL, mailbox.code())


@local_only
def test_a_code_expires(identity: Identity, mailbox: Mailbox, clock: SetClock) -> None:
    identity.register(EMAIL, PASSWORD, ADA)
    clock.advance(minutes=60)

    with pytest.raises(AuthenticationFailed):
        identity.confirm(EMAIL, mailbox.code())


@local_only
def test_five_wrong_tries_void_a_code(identity: Identity, mailbox: Mailbox) -> None:
    identity.register(EMAIL, PASSWORD, ADA)
    for _ in range(5):
        with pytest.raises(AuthenticationFailed):
            identity.confirm(EMAIL, wrong(mailbox.code()))

    with pytest.raises(AuthenticationFailed):
        identity.confirm(EMAIL, mailbox.code())


def test_four_wrong_tries_do_not(identity: Identity, mailbox: Mailbox) -> None:
    identity.register(EMAIL, PASSWORD, ADA)
    for _ in range(4):
        with pytest.raises(AuthenticationFailed):
            identity.confirm(EMAIL, wrong(mailbox.code()))

    identity.confirm(EMAIL, mailbox.code())

    assert sign_in(identity)


@local_only
def test_a_new_code_replaces_the_one_before(identity: Identity, mailbox: Mailbox, clock: SetClock) -> None:
    identity.register(EMAIL, PASSWORD, ADA)
    first = mailbox.code()
    clock.advance(minutes=1)
    identity.resend_code(EMAIL)

    assert len(mailbox.messages) == 2
    if first != mailbox.code():
        with pytest.raises(AuthenticationFailed):
            identity.confirm(EMAIL, first)
    identity.confirm(EMAIL, mailbox.code())


@local_only
def test_codes_are_mailed_once_a_minute_and_then_slower(
    identity: Identity, mailbox: Mailbox, clock: SetClock
) -> None:
    identity.register(EMAIL, PASSWORD, ADA)
    for _ in range(12):
        identity.resend_code(EMAIL)
        clock.advance(seconds=30)

    # Registered at 0:00; the pauses are one, two and four minutes.
    assert len(mailbox.messages) == 3


def test_nothing_is_resent_to_strangers_or_confirmed_accounts(
    confirmed: Identity, mailbox: Mailbox, clock: SetClock
) -> None:
    clock.advance(minutes=5)
    before = len(mailbox.messages)

    confirmed.resend_code(EMAIL)
    confirmed.resend_code("nobody@example.com")

    assert len(mailbox.messages) == before


def test_a_stranger_cannot_confirm_anything(identity: Identity) -> None:
    with pytest.raises(AuthenticationFailed):
        identity.confirm("nobody@example.com", "123456")


@local_only
def test_no_account_remains_when_the_mail_is_refused(identity: Identity, mailbox: Mailbox) -> None:
    mailbox.broken = True
    with pytest.raises(ServiceUnavailable):
        identity.register(EMAIL, PASSWORD, ADA)
    mailbox.broken = False

    assert identity.register(EMAIL, PASSWORD, ADA).verification_required


@local_only
def test_a_refused_resend_is_silent_and_can_be_repeated(
    identity: Identity, mailbox: Mailbox, clock: SetClock
) -> None:
    identity.register(EMAIL, PASSWORD, ADA)
    clock.advance(minutes=2)
    mailbox.broken = True
    identity.resend_code(EMAIL)
    mailbox.broken = False

    identity.resend_code(EMAIL)

    assert len(mailbox.messages) == 2
