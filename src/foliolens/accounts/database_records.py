"""What the database knows of accounts, where it is within reach."""

from collections.abc import Callable, Mapping, Set
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from foliolens.accounts import store
from foliolens.accounts.auth_models import RegisteredUser
from foliolens.accounts.records import Erased
from foliolens.kit.database import Database
from foliolens.kit.idempotency import Once
from foliolens.ports.object_store import ObjectStore

__all__ = ["DatabaseRecords"]


class _NotAnswered(Exception):
    """No request with this idempotency key was answered before."""


class DatabaseRecords(Struct, frozen=True):
    """The database within reach; see `AccountRecords`.

    Attributes:
        database: Holds profiles, idempotency keys, and everything of a user.
        objects: Holds the files of uploads.
        object_key: Names the file of an upload, given the user's and the upload's id.
    """

    database: Database
    objects: ObjectStore
    object_key: Callable[[UUID, UUID], str]

    def earlier_registration(self, once: Once, scope: str) -> RegisteredUser | None:
        """See `AccountRecords.earlier_registration`."""
        if once.key is None:
            return None

        def nothing_yet() -> RegisteredUser:
            raise _NotAnswered

        try:
            with self.database.system() as transaction:
                return once.run(transaction, scope, RegisteredUser, nothing_yet)
        except _NotAnswered:
            return None

    def keep_registration(self, once: Once, scope: str, answer: RegisteredUser) -> RegisteredUser:
        """See `AccountRecords.keep_registration`."""
        with self.database.system() as transaction:
            return once.run(transaction, scope, RegisteredUser, lambda: answer)

    def profile(self, user_id: UUID) -> Mapping[str, Any] | None:
        """See `AccountRecords.profile`."""
        with self.database.system() as transaction:
            return store.find(transaction, user_id)

    def void_tokens(self, user_id: UUID, at: datetime) -> None:
        """See `AccountRecords.void_tokens`."""
        with self.database.system() as transaction:
            store.revoke_sessions(transaction, user_id, at)

    def erase(self, user_id: UUID, email: str, uploads: Set[UUID] = frozenset()) -> Erased:
        """See `AccountRecords.erase`."""
        with self.database.system() as transaction:
            present = store.upload_ids(transaction, user_id)
        files = self._discard_files(user_id, present)
        with self.database.system() as transaction:
            removed = store.remove(transaction, user_id, email)
        files += self._discard_files(user_id, removed.upload_ids | uploads)
        return Erased(
            upload_ids=removed.upload_ids,
            portfolios=removed.portfolios,
            holdings=removed.holdings,
            shares=removed.shares,
            jobs=removed.jobs,
            files=files,
        )

    def _discard_files(self, user_id: UUID, uploads: Set[UUID]) -> int:
        keys = [self.object_key(user_id, upload_id) for upload_id in uploads]
        present = [key for key in keys if self.objects.exists(key)]
        for key in present:
            self.objects.delete(key)
        return len(present)
