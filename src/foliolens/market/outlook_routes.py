"""The outlook route of the HTTP contract; open to anonymous callers by default."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from foliolens.errors import TickerNotFound
from foliolens.kit.http import PRIVATE, ContractRoute, errors
from foliolens.market.outlook import OutlookService
from foliolens.market.outlook_schemas import OutlookView

__all__ = ["router"]

router = APIRouter(prefix="/v1/market", tags=["market"], route_class=ContractRoute)


async def _service(request: Request) -> OutlookService:
    service: OutlookService = request.app.state.outlook
    return service


Ticker = Annotated[
    str,
    Path(
        pattern=r"^\^?[A-Za-z0-9][A-Za-z0-9.-]{0,18}$",
        description="A ticker; an index begins with `^`.",
        examples=["AAPL"],
    ),
]


@router.get("/{ticker}/outlook", responses=errors(*PRIVATE, TickerNotFound))
async def get_outlook(
    ticker: Ticker,
    outlooks: Annotated[OutlookService, Depends(_service)],
    days: Annotated[
        int, Query(ge=1, le=36_600, description="Calendar days of prices, counted back from the last.")
    ] = 365,
) -> OutlookView:
    """Prices, daily sentiment and predictions of one ticker; a missing part is null, with the reason."""
    return OutlookView.of(await outlooks.outlook(ticker.upper(), days))
