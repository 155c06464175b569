"""The sharing routes of the HTTP contract."""

from typing import Annotated
from urllib.parse import urljoin
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from starlette.convertors import Convertor, register_url_convertor

from foliolens.accounts.access import CurrentCaller
from foliolens.errors import Conflict, Forbidden, PortfolioNotFound, ShareNotFound, Unprocessable
from foliolens.kit.http import JSON_BODY, PRIVATE, ContractRoute, errors
from foliolens.kit.idempotency import Idempotency
from foliolens.sharing.risk_view import SharedRiskReport
from foliolens.sharing.schemas import (
    CreatedShare,
    IssuedShare,
    RevokedShare,
    SharedPortfolio,
    SharedPortfolioWithAmounts,
    ShareList,
    ShareRequest,
)
from foliolens.sharing.service import SharingService
from foliolens.sharing.tokens import token_from
from foliolens.sharing.viewing import LinkViewer

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["sharing"], route_class=ContractRoute)


class _AnyText(Convertor[str]):
    """Tokens have no slash and no line break, but what is offered as one may: it gets the same answer."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anytext", _AnyText())

_PAGE = "/shared/#"
"""The web app's page that shows a link: what follows the # never leaves the browser by itself."""


async def _service(request: Request) -> SharingService:
    service: SharingService = request.app.state.sharing
    return service


async def _viewer(request: Request) -> LinkViewer:
    viewer: LinkViewer = request.app.state.link_viewer
    return viewer


Sharing = Annotated[SharingService, Depends(_service)]
Viewer = Annotated[LinkViewer, Depends(_viewer)]
PortfolioId = Annotated[UUID, Path(alias="portfolioId")]
Token = Annotated[str, Path(description="The `shareToken` of a link.")]


@router.post(
    "/portfolios/{portfolioId}/share",
    status_code=201,
    responses=errors(*PRIVATE, *JSON_BODY, PortfolioNotFound, Conflict, Unprocessable),
)
def share_portfolio(
    portfolio_id: PortfolioId,
    body: ShareRequest,
    request: Request,
    caller: CurrentCaller,
    sharing: Sharing,
    once: Idempotency,
) -> CreatedShare:
    """Make a read-only link to a portfolio; its token is shown this once."""
    with caller.transaction() as transaction:
        issued = once.run(
            transaction,
            str(caller.user_id),
            IssuedShare,
            lambda: sharing.create(transaction, caller.user_id, portfolio_id, body, once.secret),
        )
    token = token_from(once.secret(issued.seed_bytes))
    base = request.app.state.public_url or str(request.base_url)
    return CreatedShare(
        share_id=issued.share_id,
        share_token=token,
        share_url=urljoin(base, _PAGE + token),
        permissions=issued.permissions,
        show_amounts=issued.show_amounts,
        created_at=issued.created_at,
        expires_at=issued.expires_at,
    )


@router.get("/portfolios/{portfolioId}/shares", responses=errors(*PRIVATE, PortfolioNotFound))
def list_shares(portfolio_id: PortfolioId, caller: CurrentCaller, sharing: Sharing) -> ShareList:
    """The links to a portfolio that work, and how often they were opened."""
    with caller.transaction() as transaction:
        return sharing.shares(transaction, caller.user_id, portfolio_id)


@router.delete(
    "/portfolios/{portfolioId}/shares/{shareId}",
    responses=errors(*PRIVATE, PortfolioNotFound, ShareNotFound),
)
def revoke_share(
    portfolio_id: PortfolioId,
    share_id: Annotated[UUID, Path(alias="shareId")],
    caller: CurrentCaller,
    sharing: Sharing,
) -> RevokedShare:
    """Take a link back: from now on it leads nowhere."""
    with caller.transaction() as transaction:
        return sharing.revoke(transaction, caller.user_id, portfolio_id, share_id)


@router.get("/shared/{token:anytext}/risk", responses=errors(ShareNotFound, Forbidden))
def read_shared_risk(token: Token, viewer: Viewer) -> SharedRiskReport:
    """The risk report of the portfolio behind a link, if its owner shares it."""
    return viewer.risk(token)


@router.get("/shared/{token:anytext}", responses=errors(ShareNotFound))
def read_shared_portfolio(token: Token, viewer: Viewer) -> SharedPortfolio | SharedPortfolioWithAmounts:
    """The portfolio behind a link: percentages, and amounts where its owner shows them."""
    return viewer.portfolio(token)
