"""Everything that ends in somebody's mailbox: registration, confirmation, forgotten passwords."""

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

from msgspec import Struct
from msgspec.structs import asdict

from foliolens.adapters.identity_words import WRONG_CODE
from foliolens.adapters.local.identity import codes, messages, sessions, store
from foliolens.adapters.local.identity.passwords import Passwords
from foliolens.errors import AuthenticationFailed, EmailExists, ServiceUnavailable
from foliolens.kit.database import Database, Transaction
from foliolens.kit.pacing import evened
from foliolens.ports.clock import Clock
from foliolens.ports.identity import Attributes, Registered, SessionsEnded
from foliolens.ports.mail import Mail, Message

__all__ = ["Mailboxes"]

_log = logging.getLogger(__name__)
_WRONG_CODE: dict[codes.Purpose, str] = {"confirm": "wrong code: confirm", "reset": "wrong code: reset"}
_EVEN_SECONDS = 0.15  # several times what storing a code and a mail takes


class Mailboxes(Struct, frozen=True):
    """Accounts as far as their e-mail address proves them.

    Attributes:
        database: Holds the accounts.
        clock: Decides about expiry.
        passwords: Hashes them.
        mail: Takes the codes.
        code_lifetime: How long a code is good.
        auto_confirm: New accounts need no confirmation.
        pause: Sleeps; the answers of `resend_code` and `forgot_password` are padded with it.
    """

    database: Database
    clock: Clock
    passwords: Passwords
    mail: Mail
    code_lifetime: timedelta
    auto_confirm: bool
    pause: Callable[[float], None]

    def register(self, email: str, password: str, attributes: Attributes) -> Registered:
        """See `Identity.register`."""
        user_id, email = uuid4(), email.lower()
        password_hash = self.passwords.hash(password)
        with self.database.system() as transaction:
            now = self.clock.now()
            created = store.insert(
                transaction,
                user_id,
                email,
                password_hash,
                asdict(attributes),
                confirmed_at=now if self.auto_confirm else None,
                now=now,
            )
            if not created:
                raise EmailExists
            store.record(transaction, user_id, "registered", now)
            if not self.auto_confirm:
                try:
                    self._mail_code(transaction, user_id, email, "confirm")
                except OSError as error:
                    raise ServiceUnavailable("Mail cannot be sent now: try again shortly.") from error
        return Registered(user_id, verification_required=not self.auto_confirm)

    def confirm(self, email: str, code: str) -> None:
        """See `Identity.confirm`."""
        with self.database.system() as transaction:
            confirmed = self._redeemed(transaction, email, "confirm", code)
            if confirmed:
                transaction.execute(
                    "UPDATE identity.users SET confirmed_at = %s WHERE id = %s",
                    (self.clock.now(), confirmed.id),
                )
                store.record(transaction, confirmed.id, "e-mail address confirmed", self.clock.now())
        if confirmed is None:
            raise AuthenticationFailed(WRONG_CODE)

    def resend_code(self, email: str) -> None:
        """See `Identity.resend_code`."""
        self._mail_quietly(email, "confirm")

    def forgot_password(self, email: str) -> None:
        """See `Identity.forgot_password`."""
        self._mail_quietly(email, "reset")

    def reset_password(self, email: str, code: str, password: str) -> SessionsEnded:
        """See `Identity.reset_password`."""
        self._refuse_wrong_reset(email, code)
        password_hash = self.passwords.hash(password)
        with self.database.system() as transaction:
            account = self._redeemed(transaction, email, "reset", code)
            ended_at = self.clock.now()
            if account:
                store.save_password(transaction, account.id, password_hash)
                store.save_success(transaction, account.id)
                transaction.execute(
                    "UPDATE identity.users SET confirmed_at = coalesce(confirmed_at, %s) WHERE id = %s",
                    (ended_at, account.id),
                )
                sessions.revoke_all(transaction, account.id, ended_at, "password reset")
                store.record(transaction, account.id, "password reset", ended_at)
        if account is None:
            raise AuthenticationFailed(WRONG_CODE)
        self.notify(messages.password_changed(account.email))
        return SessionsEnded(account.id, ended_at)

    def notify(self, message: Message) -> None:
        """Send a notice; what it tells of has happened already, so a failure is logged and no more."""
        try:
            self.mail.send(message)
        except OSError:
            _log.exception("a notice could not be mailed")

    def _refuse_wrong_reset(self, email: str, code: str) -> None:
        """Whoever guesses is not worth hashing a password for; the right code is redeemed after that."""
        with self.database.system() as transaction:
            account = store.by_email(transaction, email.lower())
            now = self.clock.now()
            if account and codes.is_right(transaction, account.id, "reset", code, now):
                return
            store.record(transaction, account.id if account else None, _WRONG_CODE["reset"], now)
        raise AuthenticationFailed(WRONG_CODE)

    def _redeemed(
        self, transaction: Transaction, email: str, purpose: codes.Purpose, code: str
    ) -> store.Account | None:
        """The account, locked, whose code this is; a wrong code is counted and None."""
        found = store.by_email(transaction, email.lower())
        account = store.lock(transaction, found.id) if found else None
        now = self.clock.now()
        if account and codes.redeem(transaction, account.id, purpose, code, now):
            return account
        store.record(transaction, account.id if account else None, _WRONG_CODE[purpose], now)
        return None

    def _mail_quietly(self, email: str, purpose: codes.Purpose) -> None:
        """Mail a code if there is reason to; neither answer nor time tells whether there was."""
        with evened(_EVEN_SECONDS, self.pause):
            try:
                with self.database.system() as transaction:
                    found = store.by_email(transaction, email.lower())
                    account = store.lock(transaction, found.id) if found else None
                    if account and (purpose == "reset" or account.confirmed_at is None):
                        self._mail_code(transaction, account.id, account.email, purpose)
            except OSError:
                _log.exception("a code could not be mailed")

    def _mail_code(self, transaction: Transaction, user_id: UUID, email: str, purpose: codes.Purpose) -> None:
        """Store a code and mail it, both or neither; nothing while the last one is too recent.

        Raises:
            OSError: The mail was not accepted.
        """
        now = self.clock.now()
        code = codes.issue(transaction, user_id, purpose, now, self.code_lifetime)
        if code is None:
            return
        store.record(transaction, user_id, f"code mailed: {purpose}", now)
        write = messages.confirmation if purpose == "confirm" else messages.password_reset
        self.mail.send(write(email, code, int(self.code_lifetime.total_seconds() // 60)))
