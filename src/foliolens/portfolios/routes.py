"""The portfolio routes of the HTTP contract."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.convertors import Convertor, register_url_convertor

from foliolens.accounts.access import Caller, CurrentCaller
from foliolens.errors import (
    Conflict,
    PortfolioNotFound,
    Unprocessable,
)
from foliolens.kit.http import JSON_BODY, PRIVATE, ContractRoute, errors
from foliolens.kit.idempotency import Idempotency
from foliolens.kit.schema import Ticker
from foliolens.portfolios.schemas import (
    DeletedPortfolio,
    PortfolioInput,
    PortfolioList,
    PortfolioUpdate,
    PortfolioView,
    SavedPortfolio,
    UpdatedPortfolio,
)
from foliolens.portfolios.service import LoadedPortfolio, PortfolioService
from foliolens.portfolios.store import SortKey
from foliolens.risk.models import RiskReport

__all__ = ["router"]

router = APIRouter(prefix="/v1/portfolios", tags=["portfolios"], route_class=ContractRoute)


class _NoWord(Convertor[str]):
    """Anything but a word that is a path of its own beside the portfolios: its other methods are a 405."""

    regex = "(?!compare$)[^/]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("noword", _NoWord())


async def _service(request: Request) -> PortfolioService:
    service: PortfolioService = request.app.state.portfolios
    return service


Portfolios = Annotated[PortfolioService, Depends(_service)]
PortfolioId = Annotated[UUID, Path(alias="portfolioId")]


@router.get("", responses=errors(*PRIVATE))
def list_portfolios(
    caller: CurrentCaller,
    portfolios: Portfolios,
    limit: Annotated[int, Query(ge=1, le=100, description="Rows a page.")] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="Rows to pass over.")] = 0,
    sort_by: Annotated[SortKey, Query(alias="sortBy")] = "created_at",
    sort_order: Annotated[Literal["asc", "desc"], Query(alias="sortOrder")] = "desc",
) -> PortfolioList:
    """The caller's portfolios, a page at a time."""
    with caller.transaction() as transaction:
        return portfolios.page(
            transaction,
            caller.user_id,
            sort=sort_by,
            descending=sort_order == "desc",
            limit=limit,
            offset=offset,
        )


@router.post("", status_code=201, responses=errors(*PRIVATE, *JSON_BODY, Conflict, Unprocessable))
def create_portfolio(
    body: PortfolioInput, caller: CurrentCaller, portfolios: Portfolios, once: Idempotency
) -> SavedPortfolio:
    """Create a portfolio; every validation error comes at once."""
    with caller.transaction() as transaction:
        return once.run(
            transaction,
            str(caller.user_id),
            SavedPortfolio,
            lambda: portfolios.create(transaction, caller.user_id, body),
        )


@router.get("/{portfolioId:noword}", responses=errors(*PRIVATE, PortfolioNotFound))
def read_portfolio(
    portfolio_id: PortfolioId,
    caller: CurrentCaller,
    portfolios: Portfolios,
) -> PortfolioView:
    """One portfolio with its holdings and its risk report."""
    with caller.transaction() as transaction:
        loaded = portfolios.load(transaction, caller.user_id, portfolio_id)
    return portfolios.view(loaded, _report(caller, portfolios, loaded))


@router.put("/{portfolioId:noword}", responses=errors(*PRIVATE, *JSON_BODY, PortfolioNotFound, Conflict))
def update_portfolio(
    portfolio_id: PortfolioId,
    body: PortfolioUpdate,
    caller: CurrentCaller,
    portfolios: Portfolios,
) -> UpdatedPortfolio:
    """Replace a whole portfolio; a stale `version` is a 409."""
    with caller.transaction() as transaction:
        return portfolios.update(transaction, caller.user_id, portfolio_id, body)


@router.delete("/{portfolioId:noword}", responses=errors(*PRIVATE, PortfolioNotFound))
def delete_portfolio(
    portfolio_id: PortfolioId,
    caller: CurrentCaller,
    portfolios: Portfolios,
) -> DeletedPortfolio:
    """Delete a portfolio with its holdings, uploads and shares."""
    with caller.transaction() as transaction:
        return portfolios.delete(transaction, caller.user_id, portfolio_id)


@router.get("/{portfolioId}/risk", responses=errors(*PRIVATE, PortfolioNotFound))
def read_risk(
    portfolio_id: PortfolioId,
    caller: CurrentCaller,
    portfolios: Portfolios,
    benchmark: Annotated[Ticker | None, Query(description="What beta refers to.")] = None,
) -> RiskReport:
    """What the portfolio is exposed to, with the score explained."""
    with caller.transaction() as transaction:
        loaded = portfolios.load_counted(transaction, caller.user_id, portfolio_id)
    report = _report(caller, portfolios, loaded, benchmark)
    return report.model_copy(update={"as_of": loaded.row["last_analyzed_at"]})  # as it was counted


def _report(
    caller: Caller, portfolios: PortfolioService, loaded: LoadedPortfolio, benchmark: str | None = None
) -> RiskReport:
    """The report, outside of any transaction; its score is kept where prices have changed it."""
    report = portfolios.report(loaded, benchmark)
    if not loaded.scored(report):
        with caller.transaction() as transaction:
            portfolios.keep_score(transaction, caller.user_id, loaded, report.overall_risk_score)
    return report
