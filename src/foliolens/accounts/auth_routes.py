"""The `auth` routes of the HTTP contract."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from foliolens.accounts.admission import SignedInPerson
from foliolens.accounts.auth_models import (
    Acknowledged,
    CodeRequest,
    ConfirmRequest,
    ForgotPasswordRequest,
    JsonWebKeySet,
    LoginRequest,
    MfaAnswerRequest,
    MfaDisableRequest,
    MfaEnableRequest,
    MfaRequired,
    MfaSecret,
    MfaState,
    RefreshRequest,
    RegisteredUser,
    RegisterRequest,
    ResetPasswordRequest,
    SignedIn,
)
from foliolens.accounts.auth_service import AuthService
from foliolens.accounts.cookies import DeviceToken, forget_cookie, remember_device
from foliolens.errors import (
    AuthenticationFailed,
    Conflict,
    EmailExists,
    EmailNotConfirmed,
    TokenExpired,
)
from foliolens.kit.http import JSON_BODY, PRIVATE, ContractRoute, errors, json_response
from foliolens.kit.idempotency import Idempotency

__all__ = ["Auth", "router", "well_known_router"]

router = APIRouter(prefix="/v1/auth", tags=["auth"], route_class=ContractRoute)
well_known_router = APIRouter(prefix="/.well-known", tags=["auth"], route_class=ContractRoute)

_KEYS_MAY_BE_KEPT = "public, max-age=300"


async def _service(request: Request) -> AuthService:
    service: AuthService = request.app.state.auth
    return service


Auth = Annotated[AuthService, Depends(_service)]


@router.post("/register", status_code=201, responses=errors(*JSON_BODY, EmailExists, Conflict))
def register(body: RegisterRequest, auth: Auth, once: Idempotency) -> RegisteredUser:
    """Create an account; a code is mailed that confirms the address."""
    return auth.register(body, once)


@router.post("/confirm", responses=errors(*JSON_BODY, AuthenticationFailed))
def confirm_email(body: ConfirmRequest, auth: Auth) -> Acknowledged:
    """Confirm the e-mail address with the mailed code, which is good once and for five tries."""
    auth.confirm(body.email, body.code)
    return Acknowledged(message="Your address is confirmed: sign in.")


@router.post("/resend-code", responses=errors(*JSON_BODY))
def resend_code(body: CodeRequest, auth: Auth) -> Acknowledged:
    """Mail a new confirmation code; the pause between two grows from a minute to an hour."""
    auth.resend_code(body.email)
    return Acknowledged(
        message="If an account with this address waits for a code, one was mailed in the last minutes."
    )


@router.post(
    "/login",
    response_model=SignedIn | MfaRequired,
    responses=errors(*JSON_BODY, AuthenticationFailed, EmailNotConfirmed),
)
def login(body: LoginRequest, request: Request, auth: Auth, device: DeviceToken = None) -> Response:
    """Sign in: tokens, or a challenge where the account has a second factor.

    A wrong address, a wrong password and an account that pauses after too many failures get the same answer
    after the same time. A cookie lets this device in again while strangers' failures pause the account.
    """
    outcome = auth.login(body.email, body.password, device)
    return json_response(outcome) if isinstance(outcome, MfaRequired) else _signed_in(outcome, request, auth)


@router.post("/mfa/verify", response_model=SignedIn, responses=errors(*JSON_BODY, AuthenticationFailed))
def verify_mfa(body: MfaAnswerRequest, request: Request, auth: Auth) -> Response:
    """Finish signing in with the authenticator app's code."""
    return _signed_in(auth.answer_mfa(body.session, body.code), request, auth)


@router.post("/mfa/setup", responses=errors(*PRIVATE, Conflict))
def set_up_mfa(caller: SignedInPerson, auth: Auth) -> MfaSecret:
    """Make a secret for an authenticator app; `POST /auth/mfa/enable` makes it count."""
    setup = auth.setup_mfa(caller.token)
    return MfaSecret(secret=setup.secret, otpauth_uri=setup.uri)


@router.post("/mfa/enable", responses=errors(*JSON_BODY, *PRIVATE, Conflict))
def enable_mfa(body: MfaEnableRequest, caller: SignedInPerson, auth: Auth) -> MfaState:
    """Turn the second factor on by proving its secret with a code."""
    auth.enable_mfa(caller.token, body.code)
    return MfaState(message="Signing in takes a code from now on.", mfa_enabled=True)


@router.post("/mfa/disable", responses=errors(*JSON_BODY, *PRIVATE))
def disable_mfa(body: MfaDisableRequest, caller: SignedInPerson, auth: Auth) -> MfaState:
    """Turn the second factor off; takes the password."""
    auth.disable_mfa(caller.token, body.password)
    return MfaState(message="Signing in takes no code any more.", mfa_enabled=False)


@router.post("/refresh", responses=errors(*JSON_BODY, AuthenticationFailed, TokenExpired))
def refresh(body: RefreshRequest, auth: Auth) -> SignedIn:
    """Exchange the refresh token for new tokens; a token that comes twice ends its session."""
    return auth.refresh(body.refresh_token)


@router.post("/logout", response_model=Acknowledged, responses=errors(*PRIVATE))
def logout(caller: SignedInPerson, auth: Auth) -> Response:
    """Sign out everywhere: every token of the user ends, access tokens included."""
    auth.logout(caller.token)
    response = json_response(Acknowledged(message="You are signed out everywhere."))
    forget_cookie(response)
    return response


@router.post("/forgot-password", responses=errors(*JSON_BODY))
def forgot_password(body: ForgotPasswordRequest, auth: Auth) -> Acknowledged:
    """Mail a code for a new password; the answer is the same whether or not there is an account."""
    auth.forgot_password(body.email)
    return Acknowledged(
        message="If there is an account with this address, a code was mailed in the last minutes."
    )


@router.post(
    "/reset-password",
    response_model=Acknowledged,
    responses=errors(*JSON_BODY, AuthenticationFailed),
)
def reset_password(body: ResetPasswordRequest, request: Request, auth: Auth) -> Response:
    """Set a new password with the mailed code; every session ends, and this device may sign in at once."""
    auth.reset_password(body.email, body.code, body.new_password)
    response = json_response(Acknowledged(message="The new password counts from now on: sign in."))
    remember_device(response, request, auth.devices.token(body.email))
    return response


@router.get("/jwks", response_model=JsonWebKeySet, responses=errors())
def key_set(auth: Auth) -> Response:
    """The public keys that verify our tokens."""
    response = json_response(JsonWebKeySet.model_validate(auth.jwks()))
    response.headers["Cache-Control"] = _KEYS_MAY_BE_KEPT
    return response


@well_known_router.get("/jwks.json", response_model=JsonWebKeySet, responses=errors())
def well_known_key_set(auth: Auth) -> Response:
    """The public keys that verify our tokens, where OpenID Connect libraries look for them."""
    return key_set(auth)


def _signed_in(signed_in: SignedIn, request: Request, auth: AuthService) -> Response:
    response = json_response(signed_in)
    remember_device(response, request, auth.devices.token(signed_in.user.email))
    return response
