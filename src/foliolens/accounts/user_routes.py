"""The `user` routes of the HTTP contract."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from foliolens.accounts.access import CurrentCaller
from foliolens.accounts.export import AccountExport
from foliolens.accounts.models import (
    Preferences,
    PreferencesChange,
    PreferencesUpdated,
    Profile,
    ProfileChange,
    ProfileUpdated,
)
from foliolens.accounts.service import AccountService
from foliolens.kit.http import JSON_BODY, PRIVATE, ContractRoute, errors, json_response

__all__ = ["router"]

router = APIRouter(prefix="/v1/user", tags=["user"], route_class=ContractRoute)


async def _service(request: Request) -> AccountService:
    service: AccountService = request.app.state.accounts
    return service


Accounts = Annotated[AccountService, Depends(_service)]


@router.get("/profile", responses=errors(*PRIVATE))
def read_profile(caller: CurrentCaller, accounts: Accounts) -> Profile:
    """The caller's profile."""
    with caller.transaction() as transaction:
        return accounts.profile(transaction, caller.user_id)


@router.put("/profile", responses=errors(*PRIVATE, *JSON_BODY))
def change_profile(body: ProfileChange, caller: CurrentCaller, accounts: Accounts) -> ProfileUpdated:
    """Change the stated fields of the profile; the others stay."""
    with caller.transaction() as transaction:
        return accounts.change_profile(transaction, caller.user_id, body)


@router.get("/preferences", responses=errors(*PRIVATE))
def read_preferences(caller: CurrentCaller, accounts: Accounts) -> Preferences:
    """The caller's preferences, with defaults where nothing was chosen."""
    with caller.transaction() as transaction:
        return accounts.preferences(transaction, caller.user_id)


@router.put("/preferences", responses=errors(*PRIVATE, *JSON_BODY))
def change_preferences(
    body: PreferencesChange, caller: CurrentCaller, accounts: Accounts
) -> PreferencesUpdated:
    """Change the stated preferences; the others stay."""
    with caller.transaction() as transaction:
        return accounts.change_preferences(transaction, caller.user_id, body)


@router.get("/export", response_model=AccountExport, responses=errors(*PRIVATE))
def export_account(caller: CurrentCaller, accounts: Accounts) -> Response:
    """Everything we hold about the caller, as a JSON file."""
    user, history = accounts.recorded(caller.token)
    with caller.transaction() as transaction:
        document = accounts.export(transaction, user, history)
    response = json_response(document)
    response.headers["Content-Disposition"] = 'attachment; filename="foliolens-export.json"'
    return response
