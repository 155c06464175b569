"""The outlook of a ticker: its prices, the sentiment of its news, and what is predicted from its prices.

Nothing here waits for a provider: each part is what is known now, or the reason why it is not.
"""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date, timedelta

from anyio.to_thread import run_sync
from msgspec import Struct

from foliolens.errors import ServiceUnavailable, TickerNotFound, Unprocessable
from foliolens.market.missing import MissingPart, without_prices
from foliolens.market.news_sentiment import JudgedNews, NewsSentiment
from foliolens.market.symbols import stored_spelling
from foliolens.ports.clock import Clock
from foliolens.ports.prices import DailyPrice, PriceReader, PriceStore
from foliolens.prediction.market_days import knows_volume, market_days
from foliolens.prediction.models import Forecast
from foliolens.prediction.service import PredictionService

__all__ = ["Outlook", "OutlookService", "Predicted", "PricedDays"]

_DAYS_LEARNED_FROM = 1260
"""Five years of trading days: a fit of some 10 ms, and older days say less about the next."""

_REMEMBERED = 128


class PricedDays(Struct, frozen=True):
    """Stored days of a ticker, oldest first, at least one.

    Attributes:
        version: Of the prices.
    """

    days: Sequence[DailyPrice]
    source: str
    version: int


class Predicted(Struct, frozen=True):
    """A forecast and what it was made from.

    Attributes:
        first_day: The first day learned from; the last is that of the prices.
        days: How many.
        with_volume: Whether their volume is known, and so was learned from.
    """

    forecast: Forecast
    first_day: date
    days: int
    with_volume: bool


class Outlook(Struct, frozen=True):
    """What is known of a ticker now; each part, or why it is missing."""

    ticker: str
    prices: PricedDays | MissingPart
    sentiment: JudgedNews | MissingPart
    prediction: Predicted | MissingPart


class OutlookService:
    """Puts an outlook together.

    Args:
        prices: Reads series, and has missing ones fetched.
        store: Has the days in full.
        news: Has judged news.
        predictions: Predicts.
        clock: Tells the time.
    """

    def __init__(
        self,
        prices: PriceReader,
        store: PriceStore,
        news: NewsSentiment,
        predictions: PredictionService,
        clock: Clock,
    ) -> None:
        self._prices = prices
        self._store = store
        self._news = news
        self._predictions = predictions
        self._clock = clock
        self._predicted: OrderedDict[tuple[str, int], Predicted] = OrderedDict()

    async def outlook(self, ticker: str, days: int) -> Outlook:
        """The outlook with the prices of the last `days` calendar days there are.

        Args:
            ticker: In upper case, checked.
            days: At least 1.

        Raises:
            TickerNotFound: The provider of prices knows no such ticker.
        """
        prices = await run_sync(self._days, ticker)
        if isinstance(prices, MissingPart) and prices.reason == "UNKNOWN_SYMBOL":
            raise TickerNotFound(f"The provider knows no ticker {ticker}.")
        return Outlook(
            ticker=ticker,
            prices=prices if isinstance(prices, MissingPart) else _newest(prices, days),
            sentiment=await run_sync(self._news.read, ticker),
            prediction=prices if isinstance(prices, MissingPart) else await self._prediction(ticker, prices),
        )

    def _days(self, ticker: str) -> PricedDays | MissingPart:
        history = self._prices.read([ticker], date.min, self._clock.now().date())
        if ticker in history.missing:
            return without_prices(history.missing[ticker], history.retry_after)
        series = history.series[ticker]
        days = self._store.days(stored_spelling(ticker), date.min, series.days[-1].item())
        return PricedDays(days, series.source, series.version)

    async def _prediction(self, ticker: str, prices: PricedDays) -> Predicted | MissingPart:
        """From prices and volume alone: of news a month is known, too little to learn from."""
        key = (ticker, prices.version)
        if key in self._predicted:
            self._predicted.move_to_end(key)
            return self._predicted[key]
        learned_from = prices.days[-_DAYS_LEARNED_FROM:]
        try:
            forecast = await self._predictions.predict(market_days(ticker, learned_from), "calibrated")
        except Unprocessable as error:
            return MissingPart("NOT_PREDICTABLE", error.message)
        except ServiceUnavailable as error:
            return MissingPart("BUSY", error.message, int(error.headers["Retry-After"]))
        predicted = Predicted(
            forecast, learned_from[0].day, len(learned_from), with_volume=knows_volume(learned_from)
        )
        self._predicted[key] = predicted
        while len(self._predicted) > _REMEMBERED:
            self._predicted.popitem(last=False)
        return predicted


def _newest(prices: PricedDays, days: int) -> PricedDays:
    """The last days, counted from the last one there is: it may be long ago."""
    first = prices.days[-1].day - timedelta(days=days)
    newest = [price for price in prices.days if price.day > first]
    return PricedDays(newest, prices.source, prices.version)
