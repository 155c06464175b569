"""The routes of whoever runs the server."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from foliolens.accounts.access import CurrentCaller
from foliolens.errors import Forbidden
from foliolens.kit.http import PRIVATE, ContractRoute, errors
from foliolens.operations.models import OpsSummary, Redriven
from foliolens.operations.service import OperationsService

__all__ = ["router"]

router = APIRouter(prefix="/v1/ops", tags=["operations"], route_class=ContractRoute)


def _operators_service(request: Request, caller: CurrentCaller) -> OperationsService:
    if not caller.claims.operator:
        raise Forbidden
    with caller.transaction():  # whoever signed out everywhere is no caller
        pass
    service: OperationsService = request.app.state.operations
    return service


Operations = Annotated[OperationsService, Depends(_operators_service)]


@router.get("/summary", responses=errors(*PRIVATE, Forbidden))
def read_summary(operations: Operations) -> OpsSummary:
    """Requests, latencies, errors, queues and dead letters; for operators only."""
    return operations.summary()


@router.post("/dead-letters/redrive", responses=errors(*PRIVATE, Forbidden))
def redrive_dead_letters(operations: Operations) -> Redriven:
    """Put every job that was given up back into its queue; for operators only."""
    return Redriven(jobs=operations.redrive())
