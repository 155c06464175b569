"""The shapes of market data in the API document; the bodies themselves are passed on as they are kept."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from foliolens.kit.schema import ResponseModel

__all__ = ["NewsList", "SearchMatch", "TickerDescription", "TradingDay"]


class TradingDay(ResponseModel):
    """One trading day, in Tiingo's shape; a figure that the source does not know is null."""

    date: str = Field(description="The day, as `2024-05-01T00:00:00.000Z`.")
    close: float
    high: float | None
    low: float | None
    open: float | None
    volume: float | None
    adj_close: float = Field(description="Adjusted for splits and dividends.")
    adj_high: float | None
    adj_low: float | None
    adj_open: float | None
    adj_volume: float | None
    div_cash: float | None
    split_factor: float | None


class TickerDescription(ResponseModel):
    """What a ticker is, in Tiingo's shape."""

    ticker: str
    name: str | None
    exchange_code: str | None
    description: str | None
    start_date: str | None
    end_date: str | None


class SearchMatch(ResponseModel):
    """A hit of a search, in Tiingo's shape."""

    ticker: str
    name: str | None
    asset_type: str | None
    is_active: bool | None
    perma_ticker: str | None
    open_figi_composite: str | None = Field(alias="openFIGIComposite")
    country_code: str | None


class _PolygonModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class NewsPublisher(_PolygonModel):
    """Who published an article."""

    name: str
    homepage_url: str | None
    logo_url: str | None
    favicon_url: str | None


class NewsInsight(_PolygonModel):
    """What the provider thinks an article says of a ticker."""

    ticker: str
    sentiment: str
    sentiment_reasoning: str | None


class NewsArticle(_PolygonModel):
    """A piece of news, in Polygon's shape."""

    id: str
    publisher: NewsPublisher
    title: str
    published_utc: str
    article_url: str
    tickers: list[str]
    author: str | None = None
    amp_url: str | None = None
    image_url: str | None = None
    description: str | None = None
    keywords: list[str] | None = None
    insights: list[NewsInsight] | None = None


class NewsList(_PolygonModel):
    """A page of news, newest first, in Polygon's shape."""

    results: list[NewsArticle]
    status: Literal["OK"]
    request_id: str
    count: int
    next_url: str | None = Field(default=None, description="The next page, on this server; no key in it.")
