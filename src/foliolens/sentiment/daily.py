"""The news of a day in figures, as the stocks app gives them to the prediction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum

from foliolens.sentiment.models import Judgement, Label, tally

__all__ = ["ArticleSentiment", "DailySentiment", "DayClass", "daily_sentiment"]


class DayClass(IntEnum):
    """The class of a day, in the numbers the prediction's contract uses."""

    NONE = 0
    POSITIVE = 1
    NEUTRAL = 2
    NEGATIVE = 3


@dataclass(frozen=True, slots=True)
class ArticleSentiment:
    """The counts of one article.

    Attributes:
        tickers: What it is about; it counts for each of them.
        published: When, with a time zone.
        counts: Sentences by label; a missing label counts 0.
    """

    tickers: tuple[str, ...]
    published: datetime
    counts: Mapping[Label, int]

    @classmethod
    def of(
        cls, tickers: Iterable[str], published: datetime, judgements: Iterable[Judgement]
    ) -> "ArticleSentiment":
        """The counts of an article that was judged."""
        tallies = tally(list(judgements))
        return cls(tuple(tickers), published, {label: tallies[label].count for label in Label})


@dataclass(frozen=True, slots=True)
class DailySentiment:
    """The news about one ticker on one day (UTC).

    Attributes:
        ticker: In capitals.
        day: The day of publication in UTC.
        articles: How many.
        positive: Sentences of this label.
        neutral: See positive.
        negative: See positive.
    """

    ticker: str
    day: date
    articles: int
    positive: int
    neutral: int
    negative: int

    @property
    def day_class(self) -> DayClass:
        """Positive or negative by the larger count of the two; neutral where they are equal or both 0.

        Neutral sentences are the most in nearly every article; were they to vote, every day would be neutral.
        """
        if self.positive + self.neutral + self.negative == 0:
            return DayClass.NONE
        if self.positive > self.negative:
            return DayClass.POSITIVE
        if self.negative > self.positive:
            return DayClass.NEGATIVE
        return DayClass.NEUTRAL


def daily_sentiment(articles: Iterable[ArticleSentiment]) -> list[DailySentiment]:
    """Sum articles by ticker and day; ordered by ticker, then newest day first, as predictions are asked for.

    Raises:
        ValueError: A time of publication has no zone, so its day is unknown.
    """
    days: dict[tuple[str, date], list[ArticleSentiment]] = {}
    for article in articles:
        if article.published.tzinfo is None:
            raise ValueError(f"the time of publication {article.published} has no time zone")
        day = article.published.astimezone(UTC).date()
        for ticker in {ticker.strip().upper() for ticker in article.tickers}:
            days.setdefault((ticker, day), []).append(article)
    ordered = sorted(days.items(), key=lambda item: (item[0][0], -item[0][1].toordinal()))
    return [_summed(ticker, day, together) for (ticker, day), together in ordered]


def _summed(ticker: str, day: date, articles: list[ArticleSentiment]) -> DailySentiment:
    return DailySentiment(
        ticker=ticker,
        day=day,
        articles=len(articles),
        positive=sum(article.counts.get(Label.POSITIVE, 0) for article in articles),
        neutral=sum(article.counts.get(Label.NEUTRAL, 0) for article in articles),
        negative=sum(article.counts.get(Label.NEGATIVE, 0) for article in articles),
    )
