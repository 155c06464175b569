"""Everything we hold about a user, as one document.

Rows are exported with all their columns, so that a column added tomorrow is exported tomorrow. Left out are
what is no fact about the user (hashes, secrets, idempotency keys of a day, jobs of a second) and mails that
wait in the local outbox: with them, a stolen access token could read the code that resets the password.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from pydantic import Field
from pydantic.alias_generators import to_camel

from foliolens.accounts.models import Preferences, Profile
from foliolens.kit.database import Transaction
from foliolens.kit.schema import ResponseModel
from foliolens.ports.identity import AccountHistory, IdentityUser

__all__ = ["AccountExport", "portfolios_of", "shares_of", "uploads_of"]

_Row = dict[str, Any]


class SignInFacts(ResponseModel):
    """What the identity provider knows."""

    email: str
    email_confirmed: bool
    mfa_enabled: bool
    operator: bool
    registered_at: datetime
    first_name: str
    last_name: str
    user_type: str | None
    investment_experience: str | None
    risk_tolerance: str | None
    marketing_consent: bool

    @classmethod
    def of(cls, user: IdentityUser, first_visit: datetime) -> "SignInFacts":
        """The facts of an account, with what was stated at registration.

        Args:
            user: The account.
            first_visit: What stands for the registration where the provider does not tell when that was.
        """
        return cls(
            email=user.email,
            email_confirmed=user.email_confirmed,
            mfa_enabled=user.mfa_enabled,
            operator=user.operator,
            registered_at=user.created_at or first_visit,
            first_name=user.attributes.first_name,
            last_name=user.attributes.last_name,
            user_type=user.attributes.user_type,
            investment_experience=user.attributes.investment_experience,
            risk_tolerance=user.attributes.risk_tolerance,
            marketing_consent=user.attributes.marketing_consent,
        )


class SessionFacts(ResponseModel):
    """One sign-in."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_reason: str | None


class EventFacts(ResponseModel):
    """Something that happened to the account."""

    event: str
    at: datetime


class AccountExport(ResponseModel):
    """Everything we hold about the caller."""

    exported_at: datetime
    profile: Profile
    preferences: Preferences
    sign_in: SignInFacts
    sessions: list[SessionFacts]
    security_events: list[EventFacts]
    portfolios: list[_Row] = Field(description="All fields of each portfolio, with its `holdings`.")
    uploads: list[_Row] = Field(description="All fields of each upload, with its rejected rows as CSV text.")
    shares: list[_Row] = Field(description="All fields of each share but the hash of its token.")

    @classmethod
    def of(
        cls,
        user: IdentityUser,
        history: AccountHistory,
        *,
        profile: Profile,
        preferences: Preferences,
        portfolios: list[_Row],
        uploads: list[_Row],
        shares: list[_Row],
        now: datetime,
    ) -> "AccountExport":
        """Put the parts together."""
        return cls(
            exported_at=now,
            profile=profile,
            preferences=preferences,
            sign_in=SignInFacts.of(user, profile.created_at),
            sessions=[SessionFacts.model_validate(s, from_attributes=True) for s in history.sessions],
            security_events=[EventFacts.model_validate(e, from_attributes=True) for e in history.events],
            portfolios=portfolios,
            uploads=uploads,
            shares=shares,
        )


def portfolios_of(transaction: Transaction, user_id: UUID) -> list[_Row]:
    """Every portfolio with its holdings in order."""
    portfolios = _rows(
        transaction, "SELECT * FROM portfolios WHERE user_id = %s ORDER BY created_at, id", user_id
    )
    holdings = _rows(
        transaction,
        "SELECT * FROM holdings WHERE user_id = %s ORDER BY portfolio_id, position",
        user_id,
    )
    within: dict[UUID, list[_Row]] = {portfolio["id"]: [] for portfolio in portfolios}
    for holding in holdings:
        within[holding["portfolioId"]].append(holding)
    return [{**portfolio, "holdings": within[portfolio["id"]]} for portfolio in portfolios]


def uploads_of(transaction: Transaction, user_id: UUID) -> list[_Row]:
    """Every upload with its outcome."""
    return _rows(transaction, "SELECT * FROM uploads WHERE user_id = %s ORDER BY created_at, id", user_id)


def shares_of(transaction: Transaction, user_id: UUID) -> list[_Row]:
    """Every share with its views; their hashes stay here."""
    shares = _rows(
        transaction,
        "SELECT shares.*, coalesce(sum(views), 0)::bigint AS view_count,"
        " max(last_viewed_at) AS last_viewed_at FROM shares LEFT JOIN share_views ON share_id = shares.id"
        " WHERE user_id = %s GROUP BY shares.id ORDER BY created_at, shares.id",
        user_id,
    )
    return [{name: value for name, value in share.items() if name != "tokenHash"} for share in shares]


def _rows(transaction: Transaction, query: LiteralString, user_id: UUID) -> list[_Row]:
    return [_camel(row) for row in transaction.execute(query, (user_id,)).fetchall()]


def _camel(row: Mapping[str, Any]) -> _Row:
    return {
        to_camel(column): value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        for column, value in row.items()
    }
