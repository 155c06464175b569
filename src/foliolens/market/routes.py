"""The market data routes: Tiingo's and Polygon's own paths, and friendlier ones with the same bodies.

Open to anonymous callers by default, since the stocks app sends no credentials of ours. The keys that it does
send, `token` and `apiKey`, are read by nobody.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote, urljoin

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Query, Request, Response

from foliolens.errors import ProviderError, TickerNotFound
from foliolens.kit import json
from foliolens.kit.http import PRIVATE, ContractRoute, errors
from foliolens.kit.logging import request_id
from foliolens.market.news import NewsService, end_of
from foliolens.market.parameters import (
    POLYGON_OPTIONS,
    TIINGO_OPTIONS,
    Cursor,
    EndDate,
    FirstDay,
    LastDay,
    Limit,
    OptionalTicker,
    SearchText,
    StartDate,
    Supported,
    TickerInPath,
    TickerInQuery,
    Time,
    days_between,
    search_text,
    times_between,
)
from foliolens.market.reading import CacheState
from foliolens.market.schemas import NewsList, SearchMatch, TickerDescription, TradingDay
from foliolens.market.service import MarketService
from foliolens.ports.market import NewsQuery

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["market"], route_class=ContractRoute)

_Result = TypeVar("_Result")
_POLYGON_NEWS = "/v2/reference/news"
_USUAL_NEWS = 50

_HEADERS: dict[str, Any] = {
    "X-Cache": {
        "description": "`STALE`: older than it should be, for the provider could not be asked.",
        "required": True,
        "schema": {"type": "string", "enum": ["HIT", "MISS", "STALE"]},
    },
    "Warning": {"description": "`110` where the answer is stale.", "schema": {"type": "string"}},
}
_OF_A_TICKER = {200: {"headers": _HEADERS}, **errors(*PRIVATE, TickerNotFound, ProviderError)}
_OF_A_QUERY = {200: {"headers": _HEADERS}, **errors(*PRIVATE, ProviderError)}


async def _market(request: Request) -> MarketService:
    service: MarketService = request.app.state.market
    return service


async def _news(request: Request) -> NewsService:
    service: NewsService = request.app.state.news
    return service


async def _threads(request: Request) -> CapacityLimiter:
    limiter: CapacityLimiter = request.app.state.market_threads
    return limiter


Market = Annotated[MarketService, Depends(_market)]
News = Annotated[NewsService, Depends(_news)]
Threads = Annotated[CapacityLimiter, Depends(_threads)]
_AS_TIINGO = [Depends(Supported(TIINGO_OPTIONS))]
_AS_POLYGON = [Depends(Supported(POLYGON_OPTIONS))]


@router.get("/tiingo/daily/{ticker}", responses=_OF_A_TICKER, response_model=TickerDescription)
async def describe_ticker(ticker: TickerInPath, market: Market, threads: Threads) -> Response:
    """What a ticker is: Tiingo's path and body, with the server's key."""
    return await _description(ticker, market, threads)


@router.get(
    "/tiingo/daily/{ticker}/prices",
    responses=_OF_A_TICKER,
    response_model=list[TradingDay],
    dependencies=_AS_TIINGO,
)
async def list_prices(
    ticker: TickerInPath,
    market: Market,
    threads: Threads,
    start_date: StartDate = None,
    end_date: EndDate = None,
) -> Response:
    """End-of-day prices: Tiingo's path and body, with the server's key; without dates the latest day."""
    return await _prices(ticker, start_date, end_date, market, threads)


@router.get("/tiingo/utilities/search", responses=_OF_A_QUERY, response_model=list[SearchMatch])
async def search_tickers(query: SearchText, market: Market, threads: Threads) -> Response:
    """Tickers by symbol or name: Tiingo's path and body, with the server's key."""
    return await _matches(query, market, threads)


@router.get(_POLYGON_NEWS, responses=_OF_A_QUERY, response_model=NewsList, dependencies=_AS_POLYGON)
async def list_ticker_news(
    request: Request,
    news: News,
    threads: Threads,
    ticker: OptionalTicker = None,
    published_since: Annotated[Time, Query(alias="published_utc.gte")] = None,
    published_until: Annotated[Time, Query(alias="published_utc.lte")] = None,
    limit: Limit = None,
    cursor: Cursor = None,
) -> Response:
    """News, newest first: Polygon's path and body, with the server's key; `next_url` names this server."""
    if cursor is not None:
        return await _page(NewsQuery(cursor=cursor), request, news, threads)
    times_between(published_since, published_until, ("published_utc.gte", "published_utc.lte"))
    query = NewsQuery(ticker and ticker.upper(), published_since, published_until, limit)
    return await _page(query, request, news, threads)


@router.get(
    "/stocks",
    responses=_OF_A_TICKER,
    response_model=list[TradingDay] | TickerDescription,
    dependencies=_AS_TIINGO,
)
async def get_stocks(
    ticker: TickerInQuery,
    market: Market,
    threads: Threads,
    start_date: StartDate = None,
    end_date: EndDate = None,
    kind: Annotated[Literal["prices", "metadata"], Query(alias="type")] = "prices",
) -> Response:
    """End-of-day prices of a ticker, or what it is."""
    if kind == "metadata":
        return await _description(ticker, market, threads)
    return await _prices(ticker, start_date, end_date, market, threads)


@router.get("/search", responses=_OF_A_QUERY, response_model=list[SearchMatch])
async def search_stocks(query: SearchText, market: Market, threads: Threads) -> Response:
    """Tickers by symbol or name."""
    return await _matches(query, market, threads)


@router.get("/news", responses=_OF_A_QUERY, response_model=NewsList)
async def get_news(
    request: Request,
    ticker: TickerInQuery,
    news: News,
    threads: Threads,
    first: FirstDay = None,
    last: LastDay = None,
    limit: Limit = _USUAL_NEWS,
) -> Response:
    """News about a ticker, newest first, of the days from `from` to `to` in UTC."""
    since, until = days_between(first, last, ("from", "to"))
    query = NewsQuery(
        ticker=ticker.upper(),
        since=None if since is None else since.isoformat(),
        until=None if until is None else end_of(until),
        limit=limit,
    )
    return await _page(query, request, news, threads)


async def _description(ticker: str, market: MarketService, threads: CapacityLimiter) -> Response:
    reading = await _apart(partial(market.describe, ticker.upper()), threads)
    return _answer(reading.body, reading.state)


async def _prices(
    ticker: str, start: str | None, end: str | None, market: MarketService, threads: CapacityLimiter
) -> Response:
    first, last = days_between(start, end, ("startDate", "endDate"))
    reading = await _apart(partial(market.prices, ticker.upper(), first, last), threads)
    return _answer(reading.body, reading.state)


async def _matches(query: str, market: MarketService, threads: CapacityLimiter) -> Response:
    reading = await _apart(partial(market.search, search_text(query)), threads)
    return _answer(reading.body, reading.state)


async def _page(query: NewsQuery, request: Request, news: NewsService, threads: CapacityLimiter) -> Response:
    page, state = await _apart(partial(news.page, query), threads)
    body = {
        "results": page.results,
        "status": "OK",
        "request_id": request_id.get(),
        "count": page.count,
    }
    if page.cursor is not None:
        base = request.app.state.public_url or str(request.base_url)
        body["next_url"] = urljoin(base, f"/v1{_POLYGON_NEWS}?cursor={quote(page.cursor, safe='')}")
    return _answer(json.encode(body), state)


async def _apart(work: Callable[[], _Result], threads: CapacityLimiter) -> _Result:
    """Do what waits for a provider in threads of its own: those of all other routes stay free."""
    return await to_thread.run_sync(work, limiter=threads)


def _answer(body: bytes, state: CacheState) -> Response:
    response = Response(body, media_type="application/json", headers={"X-Cache": state})
    if state == "STALE":
        response.headers["Warning"] = '110 - "Response is Stale"'  # RFC 7234; many clients know it still
    return response
