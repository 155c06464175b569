"""The user behind an account: first visit, profile, preferences, export."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct

from foliolens.accounts import store
from foliolens.accounts.export import AccountExport, portfolios_of, shares_of, uploads_of
from foliolens.accounts.models import (
    Preferences,
    PreferencesChange,
    PreferencesUpdated,
    Profile,
    ProfileChange,
    ProfileUpdated,
)
from foliolens.errors import AuthenticationFailed
from foliolens.kit.database import Database, Transaction
from foliolens.ports.clock import Clock
from foliolens.ports.identity import AccountDirectory, AccountHistory, IdentityUser

__all__ = ["AccountService"]


class AccountService(Struct, frozen=True):
    """What the `user` routes do.

    Attributes:
        identity: Knows accounts.
        database: Holds profiles.
        clock: Tells when something changed.
    """

    identity: AccountDirectory
    database: Database
    clock: Clock

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
