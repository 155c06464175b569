"""Puts into access tokens what an account states about itself: Cognito leaves it out of them by itself.

The functions that are given these tokens lie in a network without a way to Cognito.
"""

from typing import Any

_STATED = (
    "email",
    "email_verified",
    "given_name",
    "family_name",
    "custom:user_type",
    "custom:experience",
    "custom:risk_tolerance",
    "custom:marketing",
    "custom:mfa",
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer Cognito's question, in the second version of its form."""
    attributes = event["request"]["userAttributes"]
    claims = {name: attributes[name] for name in _STATED if name in attributes}
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "accessTokenGeneration": {"claimsToAddOrOverride": claims}
    }
    return event
