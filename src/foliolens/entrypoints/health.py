"""Liveness and readiness."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import Field

from foliolens import __version__
from foliolens.errors import NotReady
from foliolens.kit.http import ContractRoute, errors
from foliolens.kit.readiness import check_all
from foliolens.kit.schema import ResponseModel

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["operations"], route_class=ContractRoute)


class Health(ResponseModel):
    """The process is alive."""

    status: Literal["ok"]
    version: str


class PartReadiness(ResponseModel):
    """One part of what the process needs."""

    name: str = Field(description="`database`, `queue` or `models`.")
    state: str = Field(
        description="`ready`; of models `idle` before their first use, `busy` while they compute."
    )


class Readiness(ResponseModel):
    """The process can do its work."""

    status: Literal["ready"]
    parts: list[PartReadiness]


@router.get("/health", responses=errors())
async def check_health() -> Health:
    """Whether the process is alive; needs nothing."""
    return Health(status="ok", version=__version__)


@router.get("/ready", responses=errors(NotReady))
def check_readiness(request: Request) -> Readiness:
    """Whether everything that work needs can be used; 503 names what cannot."""
    states = check_all(request.app.state.readiness)
    return Readiness(
        status="ready", parts=[PartReadiness(name=name, state=state) for name, state in states.items()]
    )
