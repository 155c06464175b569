"""What the database knows of accounts, for who signs people in and out and lets them go."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from foliolens.accounts import store
from foliolens.accounts.auth_models import RegisteredUser
from foliolens.kit.database import Database
from foliolens.kit.idempotency import Once
from foliolens.ports.object_store import ObjectStore

__all__ = ["AccountRecords", "DatabaseRecords", "Erased"]


@dataclass(frozen=True, slots=True)
class Erased:
    """What went with a user: the uploads, and how many rows of other kinds and files."""

    upload_ids: frozenset[UUID]
    portfolios: int
    holdings: int
    shares: int
    jobs: int
    files: int


class AccountRecords(Protocol):
    """The database, within reach or behind a function that reaches it (`remote_records`)."""

    def earlier_registration(self, once: Once, scope: str) -> RegisteredUser | None:
        """What a registration with this idempotency key was answered; None where there was none.

        Raises:
            Conflict: The key was used with another request.
        """
        ...

    def keep_registration(self, once: Once, scope: str, answer: RegisteredUser) -> RegisteredUser:
        """Keep the answer under the key; what a twin kept a moment earlier counts.

        Raises:
            Conflict: The key was used with another request.
        """
        ...

    def profile(self, user_id: UUID) -> Mapping[str, Any] | None:
        """The user's row; None before the first visit."""
        ...

    def void_tokens(self, user_id: UUID, at: datetime) -> None:
        """Void every access token issued until then."""
        ...

    def erase(self, user_id: UUID, email: str, uploads: Set[UUID] = frozenset()) -> Erased:
        """Remove the user's files, then the rows that know of them.

        Args:
            user_id: Who goes.
            email: May stand in stored answers.
            uploads: Uploads whose rows went before, and whose files may have arrived since.
        """
        ...


class _NotAnswered(Exception):
    """No request with this idempotency key was answered before."""


@dataclass(frozen=True, slots=True)
class DatabaseRecords:
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
