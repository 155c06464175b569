"""`DELETE /user`: its own router, since it needs the identity provider itself."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from foliolens.accounts.admission import SignedInPerson
from foliolens.accounts.deletion import AccountDeletion
from foliolens.accounts.models import DeletedAccount, DeletionRequest
from foliolens.kit.http import JSON_BODY, PRIVATE, ContractRoute, errors

__all__ = ["router"]

router = APIRouter(prefix="/v1/user", tags=["user"], route_class=ContractRoute)


async def _service(request: Request) -> AccountDeletion:
    service: AccountDeletion = request.app.state.account_deletion
    return service


@router.delete("", responses=errors(*PRIVATE, *JSON_BODY))
def delete_account(
    body: DeletionRequest, caller: SignedInPerson, deletion: Annotated[AccountDeletion, Depends(_service)]
) -> DeletedAccount:
    """Delete the account with everything in it, at once and for good; takes the password.

    Who has none, signing in elsewhere, leaves it out and has to have signed in within the last five minutes.
    """
    return deletion.delete(caller.user_id, caller.token, body.password)
