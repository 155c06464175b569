"""What people tell us about themselves, and how they like the application: profile and preferences."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from foliolens.kit.schema import NO_NUL, RequestModel, ResponseModel

__all__ = [
    "DeletedAccount",
    "DeletedAccountItems",
    "DeletionRequest",
    "InvestmentExperience",
    "Name",
    "Notifications",
    "NotificationsChange",
    "Preferences",
    "PreferencesChange",
    "PreferencesUpdated",
    "Profile",
    "ProfileChange",
    "ProfileUpdated",
    "RiskTolerance",
    "TypedPassword",
    "UserType",
]

UserType = Literal["individual", "professional", "advisor", "institution"]
InvestmentExperience = Literal["beginner", "intermediate", "advanced", "expert"]
RiskTolerance = Literal["conservative", "moderate", "aggressive"]

Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$",
        description="One line, not beginning with a space.",
        examples=["Ada"],
    ),
]

TypedPassword = Annotated[
    str,
    Field(
        min_length=1,
        max_length=256,
        json_schema_extra={"format": "password", "pattern": NO_NUL},
        description="As it is.",
    ),
]

_Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217.", examples=["USD"])]
_Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9.-]{1,20}$", examples=["SPY"])]


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def _unchanged(default: object) -> Any:
    """A field that may be left out, and then changes nothing; `default` is never looked at."""
    return Field(default=default, json_schema_extra=_without_default)


class Profile(ResponseModel):
    """The caller's profile."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    user_type: UserType | None
    investment_experience: InvestmentExperience | None
    risk_tolerance: RiskTolerance | None
    marketing_consent: bool
    created_at: datetime
    updated_at: datetime


class ProfileChange(RequestModel):
    """The fields to change; the others stay. Null takes an answer back."""

    first_name: Name = _unchanged("")
    last_name: Name = _unchanged("")
    user_type: UserType | None = _unchanged(None)
    investment_experience: InvestmentExperience | None = _unchanged(None)
    risk_tolerance: RiskTolerance | None = _unchanged(None)
    marketing_consent: bool = _unchanged(default=False)


class ProfileUpdated(ResponseModel):
    """The profile after a change."""

    updated_fields: list[str] = Field(description="The fields whose value is another one now.")
    profile: Profile


class Notifications(ResponseModel):
    """What the user wants to be told about."""

    uploads: bool = True
    risk_changes: bool = False
    weekly_summary: bool = False


class Preferences(ResponseModel):
    """How the application looks and behaves for its user."""

    theme: Literal["system", "light", "dark"] = "system"
    currency: _Currency = "USD"
    hide_amounts: bool = False
    default_benchmark: _Symbol = "SPY"
    default_range: Literal["1M", "3M", "6M", "YTD", "1Y", "5Y", "ALL"] = "1Y"
    notifications: Notifications = Notifications()


class NotificationsChange(RequestModel):
    """The notifications to switch; the others stay."""

    uploads: bool = _unchanged(default=True)
    risk_changes: bool = _unchanged(default=False)
    weekly_summary: bool = _unchanged(default=False)


class PreferencesChange(RequestModel):
    """The preferences to change; the others stay."""

    theme: Literal["system", "light", "dark"] = _unchanged("system")
    currency: _Currency = _unchanged("USD")
    hide_amounts: bool = _unchanged(default=False)
    default_benchmark: _Symbol = _unchanged("SPY")
    default_range: Literal["1M", "3M", "6M", "YTD", "1Y", "5Y", "ALL"] = _unchanged("1Y")
    notifications: NotificationsChange = _unchanged(None)


class PreferencesUpdated(ResponseModel):
    """The preferences after a change."""

    updated_fields: list[str] = Field(description="The fields whose value is another one now.")
    preferences: Preferences


class DeletionRequest(RequestModel):
    """Deleting an account cannot be undone, so it takes the password, or a sign-in of this moment."""

    password: TypedPassword | None = Field(
        default=None,
        description="Left out by who has none, and signed in elsewhere in the last five minutes.",
    )


class DeletedAccountItems(ResponseModel):
    """How much went with an account."""

    portfolios: int
    holdings: int
    uploads: int
    shares: int
    files: int
    jobs: int


class DeletedAccount(ResponseModel):
    """The account is gone."""

    message: str
    deleted_items: DeletedAccountItems
