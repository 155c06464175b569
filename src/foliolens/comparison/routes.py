"""The comparison route of the HTTP contract. It changes nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from foliolens.accounts.access import CurrentCaller
from foliolens.comparison.schemas import Comparison, ComparisonRequest
from foliolens.comparison.service import ComparisonService, Entry
from foliolens.errors import PortfolioNotFound, Unprocessable
from foliolens.kit.http import JSON_BODY, PRIVATE, ContractRoute, errors
from foliolens.portfolios.service import PortfolioService

__all__ = ["router"]

router = APIRouter(prefix="/v1/portfolios", tags=["comparison"], route_class=ContractRoute)


async def _service(request: Request) -> ComparisonService:
    service: ComparisonService = request.app.state.comparison
    return service


async def _portfolios(request: Request) -> PortfolioService:
    service: PortfolioService = request.app.state.portfolios
    return service


@router.post("/compare", responses=errors(*PRIVATE, *JSON_BODY, PortfolioNotFound, Unprocessable))
def compare_portfolios(
    body: ComparisonRequest,
    caller: CurrentCaller,
    portfolios: Annotated[PortfolioService, Depends(_portfolios)],
    comparison: Annotated[ComparisonService, Depends(_service)],
) -> Comparison:
    """Two to ten portfolios side by side: performance on common days, overlap, correlation, who is best."""
    with caller.transaction() as transaction:
        stored = [portfolios.stored.read(transaction, caller.user_id, each) for each in body.portfolio_ids]
    return comparison.compare([Entry(str(each.id), each.fields.name, each.holdings) for each in stored], body)
