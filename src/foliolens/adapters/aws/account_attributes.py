"""What people state about themselves, under the names that Cognito keeps it by."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from foliolens.ports.identity import Attributes

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

__all__ = ["MFA", "OPERATORS", "as_pairs", "stated"]

OPERATORS = "operators"
"""The group of the user pool whose members may see the operations pages."""

MFA = "custom:mfa"
"""Whether the second factor is on, for the claims of tokens: Cognito's own setting is in none."""

_FIRST_NAME, _LAST_NAME = "given_name", "family_name"
_USER_TYPE = "custom:user_type"
_EXPERIENCE = "custom:experience"
_RISK_TOLERANCE = "custom:risk_tolerance"
_MARKETING = "custom:marketing"


def stated(pairs: Mapping[str, str]) -> Attributes:
    """The attributes that Cognito's names stand for."""
    return Attributes(
        first_name=pairs.get(_FIRST_NAME, ""),
        last_name=pairs.get(_LAST_NAME, ""),
        user_type=pairs.get(_USER_TYPE),
        investment_experience=pairs.get(_EXPERIENCE),
        risk_tolerance=pairs.get(_RISK_TOLERANCE),
        marketing_consent=pairs.get(_MARKETING) == "true",
    )


def as_pairs(email: str, attributes: Attributes) -> "list[AttributeTypeTypeDef]":
    """What registers an account; what was not stated is left out."""
    values = {
        "email": email,
        _FIRST_NAME: attributes.first_name,
        _LAST_NAME: attributes.last_name,
        _USER_TYPE: attributes.user_type,
        _EXPERIENCE: attributes.investment_experience,
        _RISK_TOLERANCE: attributes.risk_tolerance,
        _MARKETING: "true" if attributes.marketing_consent else "false",
    }
    return [{"Name": name, "Value": value} for name, value in values.items() if value]
