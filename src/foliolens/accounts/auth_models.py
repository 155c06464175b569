"""Requests and answers of signing up and signing in."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from foliolens.accounts.models import InvestmentExperience, Name, RiskTolerance, TypedPassword, UserType
from foliolens.kit.schema import NO_NUL, RequestModel, ResponseModel
from foliolens.ports.identity import Attributes

__all__ = [
    "AccountUser",
    "Acknowledged",
    "CodeRequest",
    "ConfirmRequest",
    "ForgotPasswordRequest",
    "JsonWebKeySet",
    "LoginRequest",
    "MfaAnswerRequest",
    "MfaDisableRequest",
    "MfaEnableRequest",
    "MfaRequired",
    "MfaSecret",
    "MfaState",
    "RefreshRequest",
    "RegisterRequest",
    "RegisteredUser",
    "ResetPasswordRequest",
    "SignedIn",
    "missing_requirements",
]

_SHORTEST, _LONGEST = 12, 256

Email = Annotated[
    str,
    Field(
        max_length=254,
        pattern=r"^[A-Za-z0-9_%+'-]{1,64}(\.[A-Za-z0-9_%+'-]{1,64}){0,8}"
        r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,63}$",
        description="An e-mail address; upper and lower case are the same.",
        examples=["ada@example.com"],
    ),
    AfterValidator(str.lower),
]


def missing_requirements(password: str) -> list[str]:
    """What a new password lacks, all at once; empty when it is good."""
    requirements = {
        f"at least {_SHORTEST} characters": len(password) >= _SHORTEST,
        f"at most {_LONGEST} characters": len(password) <= _LONGEST,
        "an upper-case letter": any(character.isupper() for character in password),
        "a lower-case letter": any(character.islower() for character in password),
        "a digit": any(character.isdecimal() for character in password),
        "a symbol": any(not (c.isalnum() or c.isspace()) for c in password),
    }
    return [requirement for requirement, met in requirements.items() if not met]


def _strong(password: str) -> str:
    missing = missing_requirements(password)
    if missing:
        raise PydanticCustomError(
            "WEAK_PASSWORD", "The password needs {missing}", {"missing": ", ".join(missing)}
        )
    return password


NewPassword = Annotated[
    str,
    AfterValidator(_strong),
    Field(
        description=f"{_SHORTEST} to {_LONGEST} characters with an upper-case letter, a lower-case letter,"
        " a digit and a symbol.",
        examples=["correct Horse 7 battery!"],
        json_schema_extra={
            "format": "password",
            "minLength": _SHORTEST,
            "maxLength": _LONGEST,
            "pattern": NO_NUL,
        },
    ),
]

SixDigits = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["123456"])]
ResetCode = Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{6})?$", examples=["482199301174"])]
"""Twelve digits from our own store; six from Cognito."""
OpaqueToken = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[!-~]+$")]


class RegisterRequest(RequestModel):
    """A new account."""

    email: Email
    password: NewPassword
    first_name: Name
    last_name: Name
    user_type: UserType | None = None
    investment_experience: InvestmentExperience | None = None
    risk_tolerance: RiskTolerance | None = None
    marketing_consent: bool = False

    def attributes(self) -> Attributes:
        """What the person states beside address and password."""
        return Attributes(
            first_name=self.first_name,
            last_name=self.last_name,
            user_type=self.user_type,
            investment_experience=self.investment_experience,
            risk_tolerance=self.risk_tolerance,
            marketing_consent=self.marketing_consent,
        )


class RegisteredUser(ResponseModel):
    """The account exists."""

    message: str
    user_id: UUID
    verification_required: bool


class ConfirmRequest(RequestModel):
    """The code from the mail."""

    email: Email
    code: SixDigits


class CodeRequest(RequestModel):
    """Whom to mail a new confirmation code."""

    email: Email


class LoginRequest(RequestModel):
    """Address and password."""

    email: Email
    password: TypedPassword


class AccountUser(ResponseModel):
    """Who signed in."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    user_type: UserType | None
    investment_experience: InvestmentExperience | None
    risk_tolerance: RiskTolerance | None
    mfa_enabled: bool
    operator: bool


class SignedIn(ResponseModel):
    """The tokens of a session."""

    access_token: str = Field(description="A JWT: send it as `Authorization: Bearer`.")
    id_token: str = Field(description="A JWT about the user, for the client itself.")
    refresh_token: str = Field(description="Opaque; good for one `POST /auth/refresh`.")
    expires_in: int = Field(description="Seconds the access token lives.")
    user: AccountUser


class MfaRequired(ResponseModel):
    """The password is right; answer with the code of the authenticator app within five minutes."""

    challenge: Literal["SOFTWARE_TOKEN_MFA"]
    session: str


class MfaAnswerRequest(RequestModel):
    """The second half of signing in."""

    session: OpaqueToken
    code: SixDigits


class MfaSecret(ResponseModel):
    """A secret for an authenticator app; it counts once a code of it was entered."""

    secret: str = Field(description="Base32, for typing.")
    otpauth_uri: str = Field(description="The same for a QR code.")


class MfaEnableRequest(RequestModel):
    """A code that proves the secret."""

    code: SixDigits


class MfaDisableRequest(RequestModel):
    """Turning the second factor off takes the password."""

    password: TypedPassword


class MfaState(ResponseModel):
    """Whether signing in takes a code."""

    message: str
    mfa_enabled: bool


class RefreshRequest(RequestModel):
    """The refresh token of the last answer."""

    refresh_token: OpaqueToken


class ForgotPasswordRequest(RequestModel):
    """Whom to mail a code for a new password."""

    email: Email


class ResetPasswordRequest(RequestModel):
    """The code from the mail and the new password."""

    email: Email
    code: ResetCode
    new_password: NewPassword


class Acknowledged(ResponseModel):
    """It was done, or will be if there is reason to."""

    message: str


class JsonWebKeySet(ResponseModel):
    """The public keys that verify our tokens (RFC 7517)."""

    keys: list[dict[str, Any]]
