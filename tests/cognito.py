"""Cognito for tests: moto's, and what moto leaves out, added as Cognito's reference describes it.

moto takes any mailed code, and knows neither new codes, nor rotation and reuse of refresh tokens, nor their
revocation, nor pauses after wrong passwords. Without these, half of what an identity provider promises could
not be asked of the adapter.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pyotp
from joserfc import jwt as moto_jwt
from moto.cognitoidp import models, utils
from moto.cognitoidp.exceptions import (
    CodeMismatchException,
    InvalidParameterException,
    NotAuthorizedError,
    UserNotConfirmedException,
    UserNotFoundError,
)
from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPool, UserStatus
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult

from foliolens.adapters.aws import clients

__all__ = ["STEP_SECONDS", "CognitoForTests", "UserPool", "completed_cognito", "create_user_pool", "totp_now"]

STEP_SECONDS = 30
"""How long a TOTP code is the present one (RFC 6238)."""

_SECONDS_TO_USE_IT = 5

CONFIRM, RESET = "confirm", "reset"
_FREE_FAILURES, _FORGOTTEN_SECONDS = 5, 900.0
_TOTP_SECRET = "ORSXG5BNMZXXELLMN5RWC3BNORSXG5DT"


def totp_now(secret: str) -> str:
    """The present code, with time left to use it: the stand-in takes no other."""
    left = STEP_SECONDS - time.time() % STEP_SECONDS
    if left < _SECONDS_TO_USE_IT:
        time.sleep(left)
    return pyotp.TOTP(secret).now()


@dataclass
class CognitoForTests:
    """What tests see of it and turn on it.

    Attributes:
        waiting: The codes that were mailed and not used, by purpose and user.
        mails: Every code mailed, with its purpose.
        seconds_ahead: How far its clock is ahead of ours.
        failures: Wrong passwords of each user since a right one or 15 minutes without an attempt.
    """

    waiting: dict[tuple[str, str], str] = field(default_factory=dict)
    mails: list[tuple[str, str]] = field(default_factory=list)
    seconds_ahead: float = 0.0
    failures: dict[str, list[float]] = field(default_factory=dict)

    def time(self) -> float:
        return time.time() + self.seconds_ahead

    def mail(self, purpose: str, user: CognitoIdpUser) -> None:
        self.waiting[purpose, user.id] = f"{secrets.randbelow(1_000_000):06d}"
        self.mails.append((purpose, self.waiting[purpose, user.id]))

    def redeem(self, purpose: str, user: CognitoIdpUser, code: str) -> None:
        if self.waiting.get((purpose, user.id)) != code:
            raise CodeMismatchException("Invalid verification code provided, please try again.")
        del self.waiting[purpose, user.id]

    def check_pause(self, user: CognitoIdpUser) -> None:
        """Refuse during the pause of 2^(n-5) seconds, 15 minutes at most, that n wrong passwords earn."""
        failed = self.failures.get(user.id, [])
        if failed and self.time() - failed[-1] >= _FORGOTTEN_SECONDS:
            failed.clear()
        if len(failed) >= _FREE_FAILURES:
            pause = min(2.0 ** (len(failed) - _FREE_FAILURES), _FORGOTTEN_SECONDS)
            if self.time() < failed[-1] + pause:
                raise NotAuthorizedError("Password attempts exceeded")

    def newest(self) -> str:
        """The code of the last mail."""
        return self.mails[-1][1]


@dataclass(frozen=True)
class UserPool:
    """A pool like the stack's, and its client."""

    pool_id: str
    client_id: str


def create_user_pool() -> UserPool:
    """Make a pool as the stack makes it."""
    cognito = clients.cognito()
    own = ("user_type", "experience", "risk_tolerance", "marketing", "mfa")
    pool_id = cognito.create_user_pool(
        PoolName="foliolens",
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        Schema=[{"Name": name, "AttributeDataType": "String", "Mutable": True} for name in own],
        Policies={"PasswordPolicy": {"MinimumLength": 12}},
        MfaConfiguration="OPTIONAL",
    )["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )
    cognito.create_group(UserPoolId=pool_id, GroupName="operators")
    return UserPool(pool_id, client["UserPoolClient"]["ClientId"])


@contextmanager
def completed_cognito() -> Iterator[CognitoForTests]:
    """Complete moto's Cognito, in this process, while the block lasts."""
    cognito = CognitoForTests()
    added = _Completion(cognito, used_refresh_tokens={})
    replaced = {
        "sign_up": added.sign_up,
        "confirm_sign_up": added.confirm_sign_up,
        "resend_confirmation_code": added.resend_confirmation_code,
        "admin_initiate_auth": added.admin_initiate_auth,
        "admin_respond_to_auth_challenge": added.admin_respond_to_auth_challenge,
        "forgot_password": added.forgot_password,
        "confirm_forgot_password": added.confirm_forgot_password,
        "get_tokens_from_refresh_token": added.get_tokens_from_refresh_token,
        "revoke_token": added.revoke_token,
        "global_sign_out": added.global_sign_out,
    }
    with (
        mock.patch.dict("os.environ", MOTO_COGNITO_IDP_USER_POOL_ENABLE_TOTP="true"),
        # Its clock, and a secret of the length that authenticator apps ask for.
        mock.patch.object(utils, "time", cognito),
        mock.patch.object(models, "time", cognito),
        mock.patch.object(models, "COGNITO_TOTP_MFA_SECRET", _TOTP_SECRET),
        mock.patch.multiple(CognitoIdpResponse, create=True, **{k: _method(v) for k, v in replaced.items()}),
    ):
        yield cognito


_ORIGINAL = {
    name: getattr(CognitoIdpResponse, name)
    for name in ("sign_up", "confirm_sign_up", "admin_initiate_auth", "admin_respond_to_auth_challenge")
}


def _method(function: Callable[[CognitoIdpResponse], Any]) -> Callable[[CognitoIdpResponse], Any]:
    """A plain function, which a class turns into a method."""

    def method(response: CognitoIdpResponse) -> Any:
        return function(response)

    return method


class _RefreshTokenReuse(JsonRESTError):
    def __init__(self) -> None:
        super().__init__("RefreshTokenReuseException", "Refresh Token has been used before")


@dataclass
class _Completion:
    cognito: CognitoForTests
    used_refresh_tokens: dict[str, str]

    def sign_up(self, response: CognitoIdpResponse) -> Any:
        answer = _ORIGINAL["sign_up"](response)
        self.cognito.mail(CONFIRM, _known(response))
        return answer

    def confirm_sign_up(self, response: CognitoIdpResponse) -> Any:
        user = _known(response)
        if user.status is UserStatus.CONFIRMED:
            raise NotAuthorizedError("User cannot be confirmed. Current status is CONFIRMED")
        self.cognito.redeem(CONFIRM, user, response._get_param("ConfirmationCode"))
        user.update_attributes([{"Name": "email_verified", "Value": "true"}])
        return _ORIGINAL["confirm_sign_up"](response)

    def resend_confirmation_code(self, response: CognitoIdpResponse) -> Any:
        user = _known(response)
        if user.status is UserStatus.CONFIRMED:
            raise InvalidParameterException("User is already confirmed.")
        self.cognito.mail(CONFIRM, user)
        return ActionResult({})

    def admin_initiate_auth(self, response: CognitoIdpResponse) -> Any:
        user = _pool(response)._get_user(response._get_param("AuthParameters")["USERNAME"])
        if user is None:
            raise UserNotFoundError("User does not exist.")
        self.cognito.check_pause(user)
        try:
            answer = _ORIGINAL["admin_initiate_auth"](response)
        except NotAuthorizedError:
            self.cognito.failures.setdefault(user.id, []).append(self.cognito.time())
            raise
        self.cognito.failures.pop(user.id, None)
        if user.status is UserStatus.UNCONFIRMED:
            raise UserNotConfirmedException("User is not confirmed.")
        challenged = answer.result
        if "ChallengeParameters" in challenged:
            challenged["ChallengeParameters"]["USER_ID_FOR_SRP"] = user.id
        return answer

    def admin_respond_to_auth_challenge(self, response: CognitoIdpResponse) -> Any:
        session = response._get_param("Session")
        backend = _backend(response)
        if session not in backend.sessions:
            raise NotAuthorizedError("Invalid session for the user.")
        answer = _ORIGINAL["admin_respond_to_auth_challenge"](response)
        backend.sessions.pop(session, None)
        return answer

    def forgot_password(self, response: CognitoIdpResponse) -> Any:
        user = _known(response)
        if user.status is UserStatus.UNCONFIRMED:
            raise InvalidParameterException("There is no registered/verified email or phone_number")
        self.cognito.mail(RESET, user)
        return ActionResult({})

    def confirm_forgot_password(self, response: CognitoIdpResponse) -> Any:
        user = _known(response)
        self.cognito.redeem(RESET, user, response._get_param("ConfirmationCode"))
        user.password = response._get_param("Password")
        return EmptyResult()

    def get_tokens_from_refresh_token(self, response: CognitoIdpResponse) -> Any:
        pool, token = _pool(response), response._get_param("RefreshToken")
        if token in self.used_refresh_tokens:
            raise _RefreshTokenReuse
        held = pool.refresh_tokens.get(token)
        if held is None:
            raise NotAuthorizedError("Invalid Refresh Token")
        client_id, username, family = held
        if pool._get_user(username) is None:
            raise NotAuthorizedError("Invalid Refresh Token")
        access_token, id_token, seconds = pool.create_tokens_from_refresh_token(token)
        successor = secrets.token_urlsafe()
        pool.refresh_tokens[successor] = (client_id, username, family)
        del pool.refresh_tokens[token]
        self.used_refresh_tokens[token] = family
        result = {
            "AccessToken": access_token,
            "IdToken": id_token,
            "RefreshToken": successor,
            "ExpiresIn": seconds,
        }
        return ActionResult({"AuthenticationResult": result})

    def global_sign_out(self, response: CognitoIdpResponse) -> Any:
        # moto looks in the region of the signature, and this call has none.
        response._get_region_agnostic_backend()._find_backend_by_access_token(
            response._get_param("AccessToken")
        ).global_sign_out(response._get_param("AccessToken"))
        return EmptyResult()

    def revoke_token(self, response: CognitoIdpResponse) -> Any:
        pool, token = _pool(response), response._get_param("Token")
        held = pool.refresh_tokens.get(token)
        family = held[2] if held else self.used_refresh_tokens.get(token)
        for other, other_held in list(pool.refresh_tokens.items()):
            if other_held is not None and other_held[2] == family:
                pool.refresh_tokens[other] = None
        for access_token in list(pool.access_tokens):
            claims = moto_jwt.decode(access_token, pool.json_web_key, algorithms=["RS256"]).claims
            if claims["origin_jti"] == family:
                del pool.access_tokens[access_token]
        return EmptyResult()


def _backend(response: CognitoIdpResponse) -> Any:
    return response._get_region_agnostic_backend()._find_backend_for_clientid(response._get_param("ClientId"))


def _pool(response: CognitoIdpResponse) -> CognitoIdpUserPool:
    client_id = response._get_param("ClientId")
    return next(pool for pool in _backend(response).user_pools.values() if client_id in pool.clients)


def _known(response: CognitoIdpResponse) -> CognitoIdpUser:
    user = _pool(response)._get_user(response._get_param("Username"))
    if user is None:
        raise UserNotFoundError("Username/client id combination not found.")
    return user
