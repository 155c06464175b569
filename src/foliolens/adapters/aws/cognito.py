"""The identity provider on AWS: a Cognito user pool.

Cognito keeps passwords, codes and sessions, and decides by rules of its own, which resemble ours; this says
its decisions in the contract's words. Pauses after failures are ours, and come before Cognito's, which would
keep the owner out as well; so nobody but us may ask it about a password (the calls are those of an
administrator). `docs/decisions/identity.md` tells where they differ.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

import pyotp

from foliolens.adapters import identity_words as words
from foliolens.adapters.access_tokens import AccessTokens
from foliolens.adapters.aws import clients
from foliolens.adapters.aws.account_attributes import MFA, OPERATORS, as_pairs, stated
from foliolens.adapters.aws.ended_sessions import EndedSessions
from foliolens.adapters.aws.pool_keys import PoolKeys
from foliolens.adapters.aws.security_trail import SecurityTrail
from foliolens.adapters.aws.sign_in_failures import SignInFailures
from foliolens.adapters.lockout import Lane
from foliolens.errors import (
    AuthenticationFailed,
    Conflict,
    EmailExists,
    EmailNotConfirmed,
    FolioLensError,
    RateLimited,
    ServiceUnavailable,
    TokenExpired,
    ValidationFailed,
)
from foliolens.kit.pacing import evened
from foliolens.ports.clock import Clock
from foliolens.ports.identity import (
    AccountHistory,
    Attributes,
    Claims,
    IdentityUser,
    MfaChallenge,
    MfaSetup,
    Registered,
    SessionsEnded,
    Tokens,
)

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import (
        AdminInitiateAuthResponseTypeDef,
        AttributeTypeTypeDef,
        AuthenticationResultTypeTypeDef,
    )

__all__ = ["CognitoIdentity"]

_log = logging.getLogger(__name__)

_ISSUER_NAME = "FolioLens"  # what authenticator apps show
_TOTP: Final = "SOFTWARE_TOKEN_MFA"
_AFTER_USERNAME = "."
_EVEN_SECONDS = 1.0  # several times what Cognito takes to mail a code
_SLOW_DOWN_SECONDS = 60
_ELSEWHERE = "EXTERNAL_PROVIDER"  # the status of who signs in at Google, say, and has no password here
_RECENT = timedelta(minutes=5)
_TOO_MANY = frozenset(
    {"LimitExceededException", "TooManyFailedAttemptsException", "TooManyRequestsException"}
)

_Answer = TypeVar("_Answer")
_Refusal = Callable[[str], FolioLensError]
"""Makes our error of the message of Cognito's."""
_Refusals = Mapping[str, _Refusal]
"""By the code of Cognito's error."""


def _says(kind: type[FolioLensError], words_of_ours: str | None = None) -> _Refusal:
    return lambda _: kind(words_of_ours)


def _weak_password(_: str) -> FolioLensError:
    return ValidationFailed.of(
        "password",
        "WEAK_PASSWORD",
        "The password needs at least 12 characters: letters A to Z of both cases, a digit and a symbol, and"
        " no space at its ends.",
    )


_WRONG_PASSWORD = _says(AuthenticationFailed, words.WRONG_SIGN_IN)
_WRONG_CODE = _says(AuthenticationFailed, words.WRONG_CODE)
_WRONG_TOTP = _says(AuthenticationFailed, words.WRONG_TOTP)
_WRONG_PROOF = _says(AuthenticationFailed, words.WRONG_PROOF)
_NO_SECRET = _says(Conflict, words.NOT_SET_UP)
_ENDED = _says(AuthenticationFailed, words.SESSION_ENDED)

_SIGN_IN: _Refusals = {
    "NotAuthorizedException": _WRONG_PASSWORD,
    "UserNotFoundException": _WRONG_PASSWORD,
    "PasswordResetRequiredException": _WRONG_PASSWORD,
    "InvalidParameterException": _WRONG_PASSWORD,
    "UserNotConfirmedException": _says(EmailNotConfirmed),
}
_CODE: _Refusals = dict.fromkeys(
    (
        "CodeMismatchException",
        "ExpiredCodeException",
        "UserNotFoundException",
        "NotAuthorizedException",
        "AliasExistsException",
        "InvalidParameterException",
        "UserNotConfirmedException",
    ),
    _WRONG_CODE,
)
_TOTP_CODE: _Refusals = dict.fromkeys(
    (
        "CodeMismatchException",
        "ExpiredCodeException",
        "NotAuthorizedException",
        "UserNotFoundException",
        "InvalidParameterException",
        "ResourceNotFoundException",
    ),
    _WRONG_TOTP,
)
_PASSWORD: _Refusals = {
    "InvalidPasswordException": _weak_password,
    "PasswordHistoryPolicyViolationException": _weak_password,
}
_REGISTRATION: _Refusals = {
    **_PASSWORD,
    "InvalidParameterException": _weak_password,
    "UsernameExistsException": _says(EmailExists),
    "CodeDeliveryFailureException": _says(ServiceUnavailable, "Mail cannot be sent now: try again shortly."),
}
_SIGNED_IN: _Refusals = {
    "NotAuthorizedException": _says(AuthenticationFailed, words.SIGNED_OUT),
    "UserNotFoundException": _says(AuthenticationFailed, words.ACCOUNT_GONE),
}
_PROOF: _Refusals = {
    **_SIGNED_IN,
    "EnableSoftwareTokenMFAException": _WRONG_PROOF,
    "CodeMismatchException": _WRONG_PROOF,
    "SoftwareTokenMFANotFoundException": _NO_SECRET,
    "InvalidParameterException": _NO_SECRET,
}


def _ask(refusals: _Refusals, call: Callable[[], _Answer]) -> _Answer:
    """What Cognito answers, its refusals as ours.

    Args:
        refusals: What it may refuse; every other error is a fault.
        call: Asks.

    Raises:
        RateLimited: Too many attempts, as Cognito counts them.
        ServiceUnavailable: Cognito does not answer, or not what it should.
    """
    try:
        return call()
    except clients.cognito().exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        if code in refusals:
            raise refusals[code](error.response["Error"]["Message"]) from error
        if code in _TOO_MANY:
            raise RateLimited(_SLOW_DOWN_SECONDS) from error
        _log.exception("Cognito refused for a reason we do not know")
        raise ServiceUnavailable(words.UNAVAILABLE) from error
    except clients.unreachable() as error:
        raise ServiceUnavailable(words.UNAVAILABLE) from error


class CognitoIdentity:
    """The accounts of one user pool, through one client of it.

    Args:
        pool_id: The pool.
        client_id: The client, which has no secret.
        keys_url: Where the pool's keys are, if not where Cognito publishes them.
        ended: Remembers whose tokens are void, for functions without a way to Cognito.
        failures: Counts failures to sign in.
        trail: Remembers what happened to an account.
        clock: Decides about the expiry of access tokens.
        pause: Sleeps.
    """

    def __init__(
        self,
        pool_id: str,
        client_id: str,
        *,
        ended: EndedSessions,
        failures: SignInFailures,
        trail: SecurityTrail,
        clock: Clock,
        keys_url: str | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        issuer = f"https://cognito-idp.{pool_id.partition('_')[0]}.amazonaws.com/{pool_id}"
        self._pool_id = pool_id
        self._client_id = client_id
        self._ended = ended
        self._failures = failures
        self._trail = trail
        self._clock = clock
        self._pause = pause
        self._keys = PoolKeys(keys_url or f"{issuer}/.well-known/jwks.json")
        self._tokens = AccessTokens(self._keys.public, clock, issuer, client_id, _is_operator)

    def verify(self, access_token: str) -> Claims:
        """See `TokenVerifier.verify`; reads the pool's keys at first."""
        return self._tokens.verify(access_token)

    def jwks(self) -> Mapping[str, Any]:
        """See `Identity.jwks`."""
        return self._keys.jwks()

    def register(self, email: str, password: str, attributes: Attributes) -> Registered:
        """See `Identity.register`."""
        email = email.lower()
        answer = _ask(
            _REGISTRATION,
            lambda: clients.cognito().sign_up(
                ClientId=self._client_id,
                Username=email,
                Password=password,
                UserAttributes=as_pairs(email, attributes),
            ),
        )
        self._trail.record(email, "registered")
        if not answer["UserConfirmed"]:
            self._trail.record(email, "code mailed: confirm")
        return Registered(UUID(answer["UserSub"]), verification_required=not answer["UserConfirmed"])

    def confirm(self, email: str, code: str) -> None:
        """See `Identity.confirm`."""
        with self._refusal_recorded(email, "wrong code: confirm"):
            _ask(
                _CODE,
                lambda: clients.cognito().confirm_sign_up(
                    ClientId=self._client_id, Username=email.lower(), ConfirmationCode=code
                ),
            )
        self._trail.record(email, "e-mail address confirmed")

    def resend_code(self, email: str) -> None:
        """See `Identity.resend_code`."""
        self._mail_quietly(
            email,
            "confirm",
            lambda: clients.cognito().resend_confirmation_code(
                ClientId=self._client_id, Username=email.lower()
            ),
        )

    def login(self, email: str, password: str, *, known_device: bool = False) -> Tokens | MfaChallenge:
        """See `Identity.login`."""
        outcome = self._sign_in(email, password, Lane.of(known=known_device))
        return outcome if isinstance(outcome, MfaChallenge) else self._recorded(self._signed_in(outcome))

    def answer_mfa(self, session: str, code: str) -> Tokens:
        """See `Identity.answer_mfa`."""
        username, _, challenge = session.partition(_AFTER_USERNAME)
        if not challenge:
            raise AuthenticationFailed(words.WRONG_TOTP)
        with self._refusal_recorded(_user_id(username), "sign-in failed: code"):
            answer = _ask(
                _TOTP_CODE,
                lambda: clients.cognito().admin_respond_to_auth_challenge(
                    UserPoolId=self._pool_id,
                    ClientId=self._client_id,
                    ChallengeName=_TOTP,
                    Session=challenge,
                    ChallengeResponses={"USERNAME": username, f"{_TOTP}_CODE": code},
                ),
            )
        return self._recorded(self._signed_in(answer["AuthenticationResult"]))

    def setup_mfa(self, access_token: str) -> MfaSetup:
        """See `Identity.setup_mfa`."""
        user = self.describe(access_token)
        if user.mfa_enabled:
            raise Conflict(words.SECOND_FACTOR_STAYS_ON)
        secret = _ask(
            _SIGNED_IN, lambda: clients.cognito().associate_software_token(AccessToken=access_token)
        )["SecretCode"]
        return MfaSetup(
            secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=_ISSUER_NAME)
        )

    def enable_mfa(self, access_token: str, code: str) -> None:
        """See `Identity.enable_mfa`."""
        user = self.describe(access_token)
        if user.mfa_enabled:
            raise Conflict(words.SECOND_FACTOR_IS_ON)
        answer = _ask(
            _PROOF,
            lambda: clients.cognito().verify_software_token(AccessToken=access_token, UserCode=code),
        )
        if answer["Status"] != "SUCCESS":
            raise AuthenticationFailed(words.WRONG_PROOF)
        self._switch_mfa(access_token, user.id, enabled=True)
        self._trail.record(user.id, "second factor on")

    def disable_mfa(self, access_token: str, password: str) -> None:
        """See `Identity.disable_mfa`."""
        user = self._reassured(access_token, password)
        self._switch_mfa(access_token, user.id, enabled=False)
        if user.mfa_enabled:
            self._trail.record(user.id, "second factor off")

    def refresh(self, refresh_token: str) -> Tokens:
        """See `Identity.refresh`; Cognito forgets the token at once, for the client has no grace period."""

        def reused(_: str) -> FolioLensError:
            # It was copied, and nobody can tell who holds the copy.
            self._revoke(refresh_token)
            return AuthenticationFailed(words.SESSION_ENDED)

        def refused(message: str) -> FolioLensError:
            if "expired" in message.lower():
                return TokenExpired(words.SESSION_EXPIRED)
            return AuthenticationFailed(words.SESSION_ENDED)

        answer = _ask(
            {
                "RefreshTokenReuseException": reused,
                "NotAuthorizedException": refused,
                "InvalidParameterException": refused,
                "UserNotFoundException": refused,
            },
            lambda: clients.cognito().get_tokens_from_refresh_token(
                ClientId=self._client_id, RefreshToken=refresh_token
            ),
        )
        return self._signed_in(answer["AuthenticationResult"])

    def logout(self, access_token: str) -> SessionsEnded:
        """See `Identity.logout`."""
        user_id = self.verify(access_token).user_id
        _ask(_SIGNED_IN, lambda: clients.cognito().global_sign_out(AccessToken=access_token))
        self._trail.record(user_id, "signed out everywhere")
        return self._sessions_ended(user_id)

    def forgot_password(self, email: str) -> None:
        """See `Identity.forgot_password`."""
        self._mail_quietly(
            email,
            "reset",
            lambda: clients.cognito().forgot_password(ClientId=self._client_id, Username=email.lower()),
        )

    def reset_password(self, email: str, code: str, password: str) -> SessionsEnded:
        """See `Identity.reset_password`."""
        email = email.lower()
        with self._refusal_recorded(email, "wrong code: reset"):
            _ask(
                {**_CODE, **_PASSWORD},
                lambda: clients.cognito().confirm_forgot_password(
                    ClientId=self._client_id, Username=email, ConfirmationCode=code, Password=password
                ),
            )
        self._trail.record(email, "password reset")
        self._failures.forget(email)
        account = _ask(
            _CODE, lambda: clients.cognito().admin_get_user(UserPoolId=self._pool_id, Username=email)
        )
        _ask(
            _CODE,
            lambda: clients.cognito().admin_user_global_sign_out(UserPoolId=self._pool_id, Username=email),
        )
        return self._sessions_ended(UUID(_pairs(account["UserAttributes"])["sub"]))

    def describe(self, access_token: str) -> IdentityUser:
        """See `AccountDirectory.describe`."""
        user, _ = self._looked_up(access_token)
        return user

    def history(self, access_token: str) -> AccountHistory:
        """The events; of sessions Cognito tells in a dearer plan only."""
        user = self.describe(access_token)
        return AccountHistory((), self._trail.of(user.id, user.email))

    def check_password(self, access_token: str, password: str) -> None:
        """See `Identity.check_password`."""
        self._reassured(access_token, password)

    def check_recent_sign_in(self, access_token: str) -> None:
        """See `Identity.check_recent_sign_in`; those without a password signed in at another provider."""
        signed_in_at = self.verify(access_token).signed_in_at
        _, name = self._looked_up(access_token)
        account = _ask(
            _SIGNED_IN, lambda: clients.cognito().admin_get_user(UserPoolId=self._pool_id, Username=name)
        )
        if account["UserStatus"] != _ELSEWHERE:
            raise ValidationFailed.of("password", "MISSING_REQUIRED_FIELD", words.PASSWORD_MISSING)
        if signed_in_at is None or self._clock.now() - signed_in_at > _RECENT:
            raise AuthenticationFailed(words.LONG_SINCE_SIGN_IN)

    def delete(self, access_token: str) -> None:
        """See `Identity.delete`."""
        user, name = self._looked_up(access_token)
        # First: who cannot ask Cognito must not take a token of a user who is gone.
        self._ended.put(user.id, self._clock.now(), gone=True)
        _ask(
            _SIGNED_IN,
            lambda: clients.cognito().admin_delete_user(UserPoolId=self._pool_id, Username=name),
        )
        self._failures.forget(user.email)
        self._trail.forget(user.id, user.email)

    def _looked_up(self, access_token: str) -> tuple[IdentityUser, str]:
        """The token's user, and what Cognito calls it: not the id where the user signs in elsewhere."""
        claims = self.verify(access_token)
        ended = self._ended.of(claims.user_id)
        account = _ask(_SIGNED_IN, lambda: clients.cognito().get_user(AccessToken=access_token))
        pairs = _pairs(account["UserAttributes"])
        user = IdentityUser(
            id=claims.user_id,
            email=pairs["email"].lower(),
            email_confirmed=pairs.get("email_verified") == "true",
            mfa_enabled=_TOTP in account.get("UserMFASettingList", []),
            operator=claims.operator,
            attributes=stated(pairs),
            created_at=None,
            sessions_revoked_at=None if ended is None else ended.at,
        )
        return user, account["Username"]

    def _sign_in(
        self, email: str, password: str, lane: Lane
    ) -> "AuthenticationResultTypeTypeDef | MfaChallenge":
        if _ask({}, lambda: self._failures.too_many(email, lane)):
            self._trail.record(email, "sign-in refused: locked")
            raise AuthenticationFailed(words.WRONG_SIGN_IN)
        try:
            with self._refusal_recorded(email, "sign-in failed: password"):
                answer = self._asked_about(email, password)
        except AuthenticationFailed:
            self._failures.count(email, lane)
            raise
        self._failures.forget(email)
        challenge = answer.get("ChallengeName")
        if challenge == _TOTP:
            username = answer["ChallengeParameters"]["USER_ID_FOR_SRP"]
            return MfaChallenge(f"{username}{_AFTER_USERNAME}{answer['Session']}")
        if challenge is not None:
            _log.error("Cognito asks for what we do not know", extra={"challenge": challenge})
            raise ServiceUnavailable(words.UNAVAILABLE)
        return answer["AuthenticationResult"]

    def _asked_about(self, email: str, password: str) -> "AdminInitiateAuthResponseTypeDef":
        """What Cognito says to a password."""
        return _ask(
            _SIGN_IN,
            lambda: clients.cognito().admin_initiate_auth(
                UserPoolId=self._pool_id,
                ClientId=self._client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": email.lower(), "PASSWORD": password},
            ),
        )

    def _signed_in(self, result: "AuthenticationResultTypeTypeDef") -> Tokens:
        access_token = result["AccessToken"]
        return Tokens(
            access_token=access_token,
            id_token=result["IdToken"],
            refresh_token=result["RefreshToken"],
            expires_in=result["ExpiresIn"],
            user=self.describe(access_token),
        )

    def _recorded(self, tokens: Tokens) -> Tokens:
        self._trail.record(tokens.user.id, "signed in")
        return tokens

    def _reassured(self, access_token: str, password: str) -> IdentityUser:
        """The token's user, whose password this is."""
        user = self.describe(access_token)
        outcome = self._sign_in(user.email, password, Lane.KNOWN)
        if not isinstance(outcome, MfaChallenge):
            self._revoke(outcome["RefreshToken"])  # nobody is to hold a session that was opened for asking
        return user

    def _switch_mfa(self, access_token: str, user_id: UUID, *, enabled: bool) -> None:
        _ask(
            _PROOF,
            lambda: clients.cognito().set_user_mfa_preference(
                AccessToken=access_token,
                SoftwareTokenMfaSettings={"Enabled": enabled, "PreferredMfa": enabled},
            ),
        )
        _ask(
            _SIGNED_IN,
            lambda: clients.cognito().admin_update_user_attributes(
                UserPoolId=self._pool_id,
                Username=str(user_id),
                UserAttributes=[{"Name": MFA, "Value": "true" if enabled else "false"}],
            ),
        )

    def _revoke(self, refresh_token: str) -> None:
        """End a session: its refresh tokens, and what they got."""
        _ask({}, lambda: clients.cognito().revoke_token(ClientId=self._client_id, Token=refresh_token))

    def _sessions_ended(self, user_id: UUID) -> SessionsEnded:
        """Void the tokens that were issued until now, and wait until none can be issued in this second.

        Cognito dates tokens by whole seconds: one of a moment later would look as old as the void ones.
        """
        ended_at = self._clock.now()
        self._ended.put(user_id, ended_at)
        self._pause(1.0 - ended_at.microsecond / 1_000_000)
        return SessionsEnded(user_id, ended_at)

    @contextmanager
    def _refusal_recorded(self, whose: str | UUID | None, event: str) -> Iterator[None]:
        """Record the event if what is proved inside is refused."""
        try:
            yield
        except AuthenticationFailed:
            if whose is not None:
                self._trail.record(whose, event)
            raise

    def _mail_quietly(self, email: str, purpose: str, call: Callable[[], object]) -> None:
        """Let Cognito mail a code if there is reason to; neither answer nor time tells whether there was."""
        with evened(_EVEN_SECONDS, self._pause):
            try:
                call()
                self._trail.record(email, f"code mailed: {purpose}")
            except clients.cognito().exceptions.ClientError as error:
                _log.info("no code was mailed", extra={"reason": error.response["Error"]["Code"]})
            except clients.unreachable() as error:
                raise ServiceUnavailable(words.UNAVAILABLE) from error


def _pairs(attributes: "Iterable[AttributeTypeTypeDef]") -> dict[str, str]:
    return {attribute["Name"]: attribute.get("Value", "") for attribute in attributes}


def _user_id(username: str) -> UUID | None:
    """Whom a challenge says that it is of; None if it is made up."""
    try:
        return UUID(username)
    except ValueError:
        return None


def _is_operator(claims: Mapping[str, Any]) -> bool:
    groups = claims.get("cognito:groups")
    return isinstance(groups, list) and OPERATORS in groups
