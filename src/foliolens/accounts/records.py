"""What the database knows of accounts, for who signs people in and out and lets them go."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from foliolens.accounts.auth_models import RegisteredUser
from foliolens.kit.idempotency import Once

__all__ = ["AccountRecords", "Erased"]


class Erased(Struct, frozen=True):
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
