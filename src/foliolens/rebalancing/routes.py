"""The rebalancing routes of the HTTP contract. They change nothing: a plan is carried out elsewhere."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request

from foliolens.accounts.access import CurrentCaller
from foliolens.errors import PortfolioNotFound, Unprocessable
from foliolens.kit.http import JSON_BODY, PRIVATE, ContractRoute, errors
from foliolens.portfolios.service import PortfolioService
from foliolens.portfolios.stored import StoredPortfolio
from foliolens.rebalancing.model_portfolios import Model
from foliolens.rebalancing.schemas import RebalanceAdvice, RebalancePlan, RebalanceRequest
from foliolens.rebalancing.service import RebalancingService, Subject

__all__ = ["router"]

router = APIRouter(prefix="/v1/portfolios", tags=["rebalancing"], route_class=ContractRoute)


async def _service(request: Request) -> RebalancingService:
    service: RebalancingService = request.app.state.rebalancing
    return service


async def _portfolios(request: Request) -> PortfolioService:
    service: PortfolioService = request.app.state.portfolios
    return service


PortfolioId = Annotated[UUID, Path(alias="portfolioId")]
Portfolios = Annotated[PortfolioService, Depends(_portfolios)]
Rebalancing = Annotated[RebalancingService, Depends(_service)]


@router.get("/{portfolioId}/rebalance", responses=errors(*PRIVATE, PortfolioNotFound))
def read_recommendations(
    portfolio_id: PortfolioId, caller: CurrentCaller, portfolios: Portfolios, rebalancing: Rebalancing
) -> RebalanceAdvice:
    """What to mend, and the plan that leads to the model of the portfolio's risk profile."""
    with caller.transaction() as transaction:
        stored = portfolios.stored.read(transaction, caller.user_id, portfolio_id)
    return rebalancing.advise(_subject(stored))


@router.post(
    "/{portfolioId}/rebalance", responses=errors(*PRIVATE, *JSON_BODY, PortfolioNotFound, Unprocessable)
)
def plan_rebalancing(
    portfolio_id: PortfolioId,
    body: RebalanceRequest,
    caller: CurrentCaller,
    portfolios: Portfolios,
    rebalancing: Rebalancing,
) -> RebalancePlan:
    """The trades that lead to the targets, with the portfolio before and after; nothing is saved."""
    with caller.transaction() as transaction:
        stored = portfolios.stored.read(transaction, caller.user_id, portfolio_id)
    return rebalancing.plan(_subject(stored), body)


def _subject(stored: StoredPortfolio) -> Subject:
    profile = stored.fields.risk_profile
    return Subject(
        stored.holdings,
        stored.fields.currency,
        stored.updated_at.date(),
        None if profile is None else Model(profile),
    )
