"""The end of an account: everything that belongs to it or mentions it goes."""

import logging
from collections.abc import Callable, Set
from dataclasses import dataclass
from uuid import UUID

from foliolens.accounts import store
from foliolens.accounts.models import DeletedAccount, DeletedAccountItems
from foliolens.accounts.throttle import AccountThrottle
from foliolens.kit.database import Database
from foliolens.ports.identity import Identity
from foliolens.ports.mail import Mail
from foliolens.ports.object_store import ObjectStore

__all__ = ["AccountDeletion"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccountDeletion:
    """What `DELETE /user` does.

    Attributes:
        identity: Knows passwords and tokens.
        database: Holds the user's rows.
        mail: May hold messages to a user who leaves.
        throttle: Limits how often a password may be tried.
        objects: Holds the files of uploads.
        object_key: Names the file of an upload, given the user's and the upload's id.
    """

    identity: Identity
    database: Database
    mail: Mail
    throttle: AccountThrottle
    objects: ObjectStore
    object_key: Callable[[UUID, UUID], str]

    def delete(self, user_id: UUID, access_token: str, password: str) -> DeletedAccount:
        """Remove the account and everything that belongs to it or mentions it.

        The rows go twice, before and after the identity: a request that is under way with a token that is
        still good may bring the user's row back in between, and afterwards none can. A deletion that was
        interrupted leaves an account that can sign in and repeat it.

        Raises:
            AuthenticationFailed: The password is wrong.
        """
        self.throttle.attempt("password", str(user_id))
        user = self.identity.describe(access_token)
        self.identity.check_password(access_token, password)
        removed, files = self._erase(user_id, user.email)
        self.identity.delete(access_token)
        late, late_files = self._erase(user_id, user.email)
        # A file whose signed request was under way may have arrived after its row was gone.
        files += late_files + self._discard_files(user_id, removed.upload_ids | late.upload_ids)
        self.mail.forget(user.email)
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

    def _erase(self, user_id: UUID, email: str) -> tuple[store.Removed, int]:
        """Remove the user's files, then the rows that know of them; returns the number of files, too."""
        with self.database.system() as transaction:
            uploads = store.upload_ids(transaction, user_id)
        files = self._discard_files(user_id, uploads)
        with self.database.system() as transaction:
            return store.remove(transaction, user_id, email), files

    def _discard_files(self, user_id: UUID, uploads: Set[UUID]) -> int:
        keys = [self.object_key(user_id, upload_id) for upload_id in uploads]
        present = [key for key in keys if self.objects.exists(key)]
        for key in present:
            self.objects.delete(key)
        return len(present)
