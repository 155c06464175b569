"""The outlook in the HTTP contract."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from foliolens.kit.schema import DecimalNumber, ResponseModel, Timestamp
from foliolens.market.missing import MissingPart, PartReason
from foliolens.market.news_sentiment import DayLabel, JudgedNews
from foliolens.market.outlook import Outlook, Predicted, PricedDays
from foliolens.ports.prices import DailyPrice
from foliolens.prediction.models import EngineName
from foliolens.prediction.schemas import DetailedPrediction, PredictionDetail

__all__ = ["OutlookView"]

_CENTS = Decimal("0.01")


class PricedDayView(ResponseModel):
    """One trading day; a figure that the source does not know is null."""

    date: date
    open: DecimalNumber | None
    high: DecimalNumber | None
    low: DecimalNumber | None
    close: DecimalNumber
    adj_close: DecimalNumber = Field(description="Adjusted for splits and dividends.")
    volume: int | None


class PricesView(ResponseModel):
    """The last days of a ticker, oldest first."""

    as_of: date = Field(description="The last day there is; it may be long ago.")
    source: str
    change_percent: DecimalNumber | None = Field(
        description="Of the last adjusted close against the one before; null where there is one day only."
    )
    days: list[PricedDayView]

    @classmethod
    def of(cls, prices: PricedDays) -> "PricesView":
        """The view of some stored days."""
        return cls(
            as_of=prices.days[-1].day,
            source=prices.source,
            change_percent=_change(prices.days[-2:]) if len(prices.days) > 1 else None,
            days=[_day(price) for price in prices.days],
        )


class SentimentDayView(ResponseModel):
    """The news of one day in UTC: articles, their sentences by label, and what most articles are."""

    date: date
    articles: int
    positive: int
    neutral: int
    negative: int
    label: DayLabel


class HeadlineView(ResponseModel):
    """An article with the label of most of its sentences."""

    published: Timestamp
    title: str
    url: str
    publisher: str
    label: Literal["positive", "neutral", "negative"] | None


class NewsSentimentView(ResponseModel):
    """The sentiment of the news of the last 30 days."""

    as_of: Timestamp = Field(description="When the news was read and judged.")
    source: str
    model: str | None = Field(description="Which model judged; null where there was no news.")
    first_day: date = Field(description="The first day whose news were asked for.")
    last_day: date
    complete: bool = Field(description="Whether these are all articles of those days.")
    days: list[SentimentDayView] = Field(description="Days with news, newest first.")
    headlines: list[HeadlineView] = Field(description="Newest first, at most 20.")

    @classmethod
    def of(cls, news: JudgedNews) -> "NewsSentimentView":
        """The view of judged news."""
        return cls(
            as_of=news.judged_at,
            source=news.source,
            model=news.model,
            first_day=news.first,
            last_day=news.last,
            complete=news.complete,
            days=[
                SentimentDayView(
                    date=day.day,
                    articles=day.articles,
                    positive=day.positive,
                    neutral=day.neutral,
                    negative=day.negative,
                    label=day.label,
                )
                for day in news.days
            ],
            headlines=[
                HeadlineView(
                    published=each.published,
                    title=each.title,
                    url=each.url,
                    publisher=each.publisher,
                    label=each.label,
                )
                for each in news.headlines
            ],
        )


class OutlookPrediction(ResponseModel):
    """What the prices alone say about the next days, with the skill such predictions have shown."""

    as_of: date = Field(description="The day it looks ahead from.")
    engine: EngineName
    first_day: date = Field(description="The first day learned from.")
    days: int = Field(description="Trading days learned from.")
    uses_volume: bool = Field(description="Whether the volume of these days is known.")
    detail: PredictionDetail

    @classmethod
    def of(cls, predicted: Predicted, as_of: date) -> "OutlookPrediction":
        """The view of a forecast."""
        return cls(
            as_of=as_of,
            engine=predicted.forecast.engine,
            first_day=predicted.first_day,
            days=predicted.days,
            uses_volume=predicted.with_volume,
            detail=DetailedPrediction.of(predicted.forecast).detail,
        )


class MissingPartView(ResponseModel):
    """Why a part is null."""

    reason: PartReason
    message: str
    retry_after: int | None = Field(description="Seconds after which asking again makes sense.")


class MissingParts(ResponseModel):
    """Why parts are null; null itself for parts that are there."""

    prices: MissingPartView | None
    sentiment: MissingPartView | None
    prediction: MissingPartView | None


class OutlookView(ResponseModel):
    """What is known of a ticker now. It is information, not advice."""

    ticker: str
    prices: PricesView | None
    sentiment: NewsSentimentView | None
    prediction: OutlookPrediction | None
    missing: MissingParts

    @classmethod
    def of(cls, outlook: Outlook) -> "OutlookView":
        """The view of an outlook."""
        prices, sentiment, prediction = outlook.prices, outlook.sentiment, outlook.prediction
        shown = None if isinstance(prices, MissingPart) else PricesView.of(prices)
        return cls(
            ticker=outlook.ticker,
            prices=shown,
            sentiment=None if isinstance(sentiment, MissingPart) else NewsSentimentView.of(sentiment),
            prediction=None
            if shown is None or isinstance(prediction, MissingPart)
            else OutlookPrediction.of(prediction, shown.as_of),
            missing=MissingParts(
                prices=_missing(prices), sentiment=_missing(sentiment), prediction=_missing(prediction)
            ),
        )


def _day(price: DailyPrice) -> PricedDayView:
    return PricedDayView(
        date=price.day,
        open=price.open,
        high=price.high,
        low=price.low,
        close=price.close,
        adj_close=price.adjusted_close,
        volume=price.volume,
    )


def _change(days: Sequence[DailyPrice]) -> Decimal:
    before, last = days
    return ((last.adjusted_close / before.adjusted_close - 1) * 100).quantize(_CENTS)


def _missing(part: object) -> MissingPartView | None:
    if not isinstance(part, MissingPart):
        return None
    return MissingPartView(reason=part.reason, message=part.message, retry_after=part.retry_after)
