"""The end of an account: everything that belongs to it or mentions it goes."""

import logging
from collections.abc import Callable
from uuid import UUID

from msgspec import Struct

from foliolens.accounts.models import DeletedAccount, DeletedAccountItems
from foliolens.accounts.records import AccountRecords
from foliolens.accounts.throttle import AccountThrottle
from foliolens.ports.identity import Identity

__all__ = ["AccountDeletion"]

_log = logging.getLogger(__name__)


class AccountDeletion(Struct, frozen=True):
    """What `DELETE /user` does.

    Attributes:
        identity: Knows passwords and tokens.
        records: The user's rows and files.
        throttle: Limits how often a password may be tried.
        forget_mails: Removes the messages to an address that are still held.
    """

    identity: Identity
    records: AccountRecords
    throttle: AccountThrottle
    forget_mails: Callable[[str], object]

    def delete(self, user_id: UUID, access_token: str, password: str | None) -> DeletedAccount:
        """Remove the account and everything that belongs to it or mentions it.

        The rows go twice, before and after the identity: a request that is under way with a token that is
        still good may bring the user's row back in between, and afterwards none can. A deletion that was
        interrupted leaves an account that can sign in and repeat it.

        Raises:
            AuthenticationFailed: The password is wrong, or who has none signed in too long ago.
            ValidationFailed: The account has a password, which is missing.
        """
        self.throttle.attempt("password", str(user_id))
        user = self.identity.describe(access_token)
        if password is None:
            self.identity.check_recent_sign_in(access_token)
        else:
            self.identity.check_password(access_token, password)
        removed = self.records.erase(user_id, user.email)
        self.identity.delete(access_token)
        # A file whose signed request was under way may have arrived after its row was gone.
        late = self.records.erase(user_id, user.email, removed.upload_ids)
        self.forget_mails(user.email)
        files = removed.files + late.files
        _log.info("account deleted", extra={"portfolios": removed.portfolios, "files": files})
        return DeletedAccount(
            message="Your account and everything in it is deleted.",
            deleted_items=DeletedAccountItems(
                portfolios=removed.portfolios,
                holdings=removed.holdings,
                uploads=len(removed.upload_ids),
                shares=removed.shares,
                files=files,
                jobs=removed.jobs,
            ),
        )
