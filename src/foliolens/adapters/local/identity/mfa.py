"""Switching the second factor on and off."""

from uuid import UUID

from msgspec import Struct

from foliolens.adapters import identity_words as words
from foliolens.adapters.local.identity import store, totp
from foliolens.errors import AuthenticationFailed, Conflict
from foliolens.kit.database import Database
from foliolens.ports.clock import Clock
from foliolens.ports.identity import MfaSetup

__all__ = ["SecondFactor"]


class SecondFactor(Struct, frozen=True):
    """TOTP of signed-in users.

    Attributes:
        database: Holds the secrets.
        clock: Tells which code is due.
    """

    database: Database
    clock: Clock

    def setup(self, user_id: UUID) -> MfaSetup:
        """See `Identity.setup_mfa`."""
        secret = totp.new_secret()
        with self.database.system() as transaction:
            account = _locked(store.lock(transaction, user_id))
            if account.totp_secret is not None:
                raise Conflict(words.SECOND_FACTOR_STAYS_ON)
            store.save_mfa(transaction, user_id, secret=None, pending=secret, last_step=0)
        return MfaSetup(secret, totp.provisioning_uri(secret, account.email))

    def enable(self, user_id: UUID, code: str) -> str:
        """See `Identity.enable_mfa`; returns the address to notify."""
        with self.database.system() as transaction:
            account = _locked(store.lock(transaction, user_id))
            if account.totp_secret is not None:
                raise Conflict(words.SECOND_FACTOR_IS_ON)
            if account.totp_pending is None:
                raise Conflict(words.NOT_SET_UP)
            now = self.clock.now()
            step = totp.matching_step(account.totp_pending, code, now, after=account.totp_last_step)
            if step is None:
                raise AuthenticationFailed(words.WRONG_PROOF)
            store.save_mfa(transaction, user_id, secret=account.totp_pending, pending=None, last_step=step)
            store.record(transaction, user_id, "second factor on", now)
        return account.email

    def disable(self, user_id: UUID) -> str | None:
        """Forget the secrets; returns the address to notify, None if there is nothing to tell."""
        with self.database.system() as transaction:
            account = _locked(store.lock(transaction, user_id))
            store.save_mfa(transaction, user_id, secret=None, pending=None, last_step=0)
            if account.totp_secret is None:
                return None
            store.record(transaction, user_id, "second factor off", self.clock.now())
        return account.email


def _locked(account: store.Account | None) -> store.Account:
    if account is None:
        raise AuthenticationFailed
    return account
