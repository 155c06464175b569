"""The user behind an account: first visit, profile, preferences, deletion."""

import logging
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from foliolens.accounts import store
from foliolens.accounts.export import AccountExport, portfolios_of, shares_of, uploads_of
from foliolens.accounts.models import (
    DeletedAccount,
    DeletedAccountItems,
    Preferences,
    PreferencesChange,
    PreferencesUpdated,
    Profile,
    ProfileChange,
    ProfileUpdated,
)
from foliolens.accounts.throttle import AccountThrottle
from foliolens.errors import AuthenticationFailed
from foliolens.kit.database import Database, Transaction
from foliolens.ports.clock import Clock
from foliolens.ports.identity import AccountHistory, Identity, IdentityUser
from foliolens.ports.mail import Mail
from foliolens.ports.object_store import ObjectStore

__all__ = ["AccountService"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccountService:
    """What the `user` routes do.

    Attributes:
        identity: Knows passwords and tokens.
        database: Holds profiles.
        mail: May hold messages to a user who leaves.
        clock: Tells when something changed.
        throttle: Limits how often a password may be tried.
        objects: Holds the files of uploads.
        object_key: Names the file of an upload, given the user's and the upload's id.
    """

    identity: Identity
    database: Database
    mail: Mail
    clock: Clock
    throttle: AccountThrottle
    objects: ObjectStore
    object_key: Callable[[UUID, UUID], str]

    def welcome(self, user_id: UUID, access_token: str) -> None:
        """Create the user's row on the first authenticated request.

        Raises:
            AuthenticationFailed: The identity provider knows the user no more: a token outlived its account.
        """
        user = self.identity.describe(access_token)
        with self.database.system() as transaction:
            store.create(transaction, user)
        try:
            self.identity.describe(access_token)
        except AuthenticationFailed:
            # The account was deleted meanwhile, by somebody who could not see the row yet.
            with self.database.system() as transaction:
                store.remove(transaction, user_id, user.email)
            raise

    def profile(self, transaction: Transaction, user_id: UUID) -> Profile:
        """The user's profile."""
        return Profile.model_validate(_found(store.find(transaction, user_id)))

    def change_profile(
        self, transaction: Transaction, user_id: UUID, change: ProfileChange
    ) -> ProfileUpdated:
        """Change the stated fields of the profile."""
        row = _found(store.find(transaction, user_id, lock=True))
        stated = change.model_dump(exclude_unset=True)
        changes = {field: value for field, value in stated.items() if row[field] != value}
        if changes:
            store.save_profile(transaction, user_id, changes, self.clock.now())
        return ProfileUpdated(
            updated_fields=[_alias(field) for field in changes],
            profile=self.profile(transaction, user_id),
        )

    def preferences(self, transaction: Transaction, user_id: UUID) -> Preferences:
        """The user's preferences, defaults filled in."""
        return Preferences.model_validate(_found(store.find(transaction, user_id))["preferences"])

    def change_preferences(
        self, transaction: Transaction, user_id: UUID, change: PreferencesChange
    ) -> PreferencesUpdated:
        """Change the stated preferences."""
        row = _found(store.find(transaction, user_id, lock=True))
        before = Preferences.model_validate(row["preferences"]).model_dump()
        after = _merged(before, change.model_dump(by_alias=True, exclude_unset=True))
        changed = _differences(before, after)
        if changed:
            store.save_preferences(transaction, user_id, after, self.clock.now())
        return PreferencesUpdated(updated_fields=changed, preferences=Preferences.model_validate(after))

    def recorded(self, access_token: str) -> tuple[IdentityUser, AccountHistory]:
        """What the identity provider holds about the user; ask before the transaction of `export`."""
        return self.identity.describe(access_token), self.identity.history(access_token)

    def export(self, transaction: Transaction, user: IdentityUser, history: AccountHistory) -> AccountExport:
        """Everything we hold about the user."""
        return AccountExport.of(
            user,
            history,
            profile=self.profile(transaction, user.id),
            preferences=self.preferences(transaction, user.id),
            portfolios=portfolios_of(transaction, user.id),
            uploads=uploads_of(transaction, user.id),
            shares=shares_of(transaction, user.id),
            now=self.clock.now(),
        )

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


def _found(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        raise AuthenticationFailed
    return row


def _merged(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The document with a change of some of its fields applied, also inside of nested ones."""
    merged = dict(before)
    for field, value in change.items():
        merged[field] = _merged(before[field], value) if isinstance(value, Mapping) else value
    return merged


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The dotted names of the fields whose value differs."""
    names = []
    for field, value in after.items():
        if isinstance(value, Mapping):
            names += [f"{field}.{inner}" for inner in _differences(before[field], value)]
        elif value != before[field]:
            names.append(field)
    return names


def _alias(field: str) -> str:
    return ProfileChange.model_fields[field].alias or field
