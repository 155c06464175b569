"""Liveness and readiness."""

from typing import Literal

from fastapi import APIRouter, Request

from foliolens import __version__
from foliolens.kit.http import ContractRoute, errors
from foliolens.kit.schema import ResponseModel

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["operations"], route_class=ContractRoute)


class Health(ResponseModel):
    """The process is alive."""

    status: Literal["ok"]
    version: str


class Readiness(ResponseModel):
    """The process can do its work."""

    status: Literal["ready"]


@router.get("/health", responses=errors())
async def check_health() -> Health:
    """Whether the process is alive; needs nothing."""
    return Health(status="ok", version=__version__)


@router.get("/ready", responses=errors())
def check_readiness(request: Request) -> Readiness:
    """Whether the database answers; 503 while it does not."""
    request.app.state.readiness()
    return Readiness(status="ready")
