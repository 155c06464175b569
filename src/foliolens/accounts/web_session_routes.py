"""The `auth/session` routes: signing in for the web app, with the refresh token in a cookie.

Another page of the same site must not be able to use the cookie: SameSite=Strict keeps other sites out, and
the header that every one of these requests must carry keeps out other origins of this site, because a
browser asks us before it lets a page send it, and we say no.
"""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Header, Request, Response

from foliolens.accounts.auth_models import LoginRequest, MfaAnswerRequest, MfaRequired, SignedIn
from foliolens.accounts.auth_routes import Auth
from foliolens.accounts.cookies import DeviceToken, forget_cookie, is_encrypted, remember_device
from foliolens.accounts.web_session import COOKIE, COOKIE_PATH, WebSession, WebSessions
from foliolens.errors import (
    AuthenticationFailed,
    AuthenticationRequired,
    EmailNotConfirmed,
    FolioLensError,
    Forbidden,
    TokenExpired,
)
from foliolens.kit.http import JSON_BODY, ContractRoute, error_response, errors, json_response
from foliolens.kit.logging import request_id

__all__ = ["router"]

router = APIRouter(prefix="/v1/auth/session", tags=["auth"], route_class=ContractRoute)

_OUR_APP = "FolioLens"


async def _from_our_app(
    requested_with: Annotated[
        str | None,
        Header(alias="X-Requested-With", description="Required; other origins cannot send it."),
    ] = None,
) -> None:
    if requested_with != _OUR_APP:
        raise Forbidden(f"This route is for the web app, which sends X-Requested-With: {_OUR_APP}.")


async def _web_sessions(request: Request) -> WebSessions:
    sessions: WebSessions = request.app.state.web_sessions
    return sessions


OurApp = Depends(_from_our_app)
Sessions = Annotated[WebSessions, Depends(_web_sessions)]


@router.post(
    "",
    response_model=WebSession | MfaRequired,
    dependencies=[OurApp],
    responses=errors(*JSON_BODY, AuthenticationFailed, EmailNotConfirmed, Forbidden),
)
def begin_web_session(
    body: LoginRequest, request: Request, auth: Auth, sessions: Sessions, device: DeviceToken = None
) -> Response:
    """Sign in as `POST /v1/auth/login` does, with the refresh token in a cookie."""
    outcome = auth.login(body.email, body.password, device)
    if isinstance(outcome, MfaRequired):
        return json_response(outcome)
    return _begun(outcome, request, auth, sessions)


@router.post(
    "/mfa",
    response_model=WebSession,
    dependencies=[OurApp],
    responses=errors(*JSON_BODY, AuthenticationFailed, Forbidden),
)
def verify_mfa_for_web_session(
    body: MfaAnswerRequest, request: Request, auth: Auth, sessions: Sessions
) -> Response:
    """Finish signing in with the authenticator app's code."""
    return _begun(auth.answer_mfa(body.session, body.code), request, auth, sessions)


@router.post(
    "/refresh",
    response_model=WebSession,
    dependencies=[OurApp],
    responses=errors(AuthenticationRequired, AuthenticationFailed, TokenExpired, Forbidden),
)
def refresh_web_session(
    request: Request,
    sessions: Sessions,
    token: Annotated[str | None, Cookie(alias=COOKIE, max_length=4096)] = None,
) -> Response:
    """Exchange the cookie's refresh token for a new one and a new access token."""
    if not token:
        raise AuthenticationRequired("There is no session in this browser: sign in.")
    try:
        return _with_cookie(sessions.replays.refresh(token), request, sessions)
    except FolioLensError as error:
        refused = error_response(error, request_id.get())
        if isinstance(error, AuthenticationRequired):  # a session that is over, not a fault of ours
            forget_cookie(refused)
        return refused


def _begun(signed_in: SignedIn, request: Request, auth: Auth, sessions: WebSessions) -> Response:
    response = _with_cookie(signed_in, request, sessions)
    remember_device(response, request, auth.devices.token(signed_in.user.email))
    return response


def _with_cookie(signed_in: SignedIn, request: Request, sessions: WebSessions) -> Response:
    response = json_response(WebSession.of(signed_in))
    response.set_cookie(
        COOKIE,
        signed_in.refresh_token,
        max_age=sessions.lifetime_seconds,
        path=COOKIE_PATH,
        secure=is_encrypted(request),
        httponly=True,
        samesite="strict",
    )
    return response
