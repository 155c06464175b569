"""The news of a day in figures, by the rule with which the stocks app feeds the prediction."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import IntEnum
from statistics import fmean

from msgspec import Struct

from foliolens.sentiment.models import Judgement, Label, Tally, tally

__all__ = ["ArticleSentiment", "DailySentiment", "DayClass", "daily_sentiment"]


class DayClass(IntEnum):
    """The class of a day, in the numbers the prediction's contract uses."""

    NONE = 0
    POSITIVE = 1
    NEUTRAL = 2
    NEGATIVE = 3


class ArticleSentiment(Struct, frozen=True):
    """One article judged, as `POST /v1/sentiment` answers.

    Attributes:
        tickers: What it is about; it counts for each of them.
        published: When, with a time zone.
        tallies: Sentences by label with their mean confidence; a missing label counts 0.
    """

    tickers: tuple[str, ...]
    published: datetime
    tallies: Mapping[Label, Tally]

    @classmethod
    def of(
        cls, tickers: Iterable[str], published: datetime, judgements: Iterable[Judgement]
    ) -> "ArticleSentiment":
        """An article by the judgements of its sentences."""
        return cls(tuple(tickers), published, tally(list(judgements)))

    @property
    def label(self) -> Label | None:
        """The label of the most sentences; None without sentences.

        In a tie the worse of the labels: positive has to be ahead of both others, neutral ahead of negative.
        """
        counts = {label: self.sentences(label) for label in Label}
        return _foremost(counts) if any(counts.values()) else None

    @property
    def confidence(self) -> float:
        """The mean confidence of the sentences with the article's label; 0 without sentences."""
        return 0.0 if self.label is None else self.tallies[self.label].mean or 0.0

    def sentences(self, label: Label) -> int:
        """How many sentences have this label."""
        return self.tallies[label].count if label in self.tallies else 0


class DailySentiment(Struct, frozen=True):
    """The news about one ticker on one day (UTC).

    Attributes:
        ticker: In capitals.
        day: The day of publication in UTC.
        articles: How many with at least one sentence.
        positive: Sentences of this label, in all articles together.
        neutral: See positive.
        negative: See positive.
        day_class: What most articles are; see `daily_sentiment`.
    """

    ticker: str
    day: date
    articles: int
    positive: int
    neutral: int
    negative: int
    day_class: DayClass


def daily_sentiment(articles: Iterable[ArticleSentiment]) -> list[DailySentiment]:
    """Sum articles by ticker and day; ordered by ticker, then newest day first, as predictions are asked for.

    Articles vote on the class of a day, each with its label: the class is the label of strictly most of them.
    Where two labels lead, it is the one whose articles have the highest mean confidence, and where that is
    equal too, the worse one. Source: the stocks app (docs/decisions/sentiment.md).

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
        articles=sum(article.label is not None for article in articles),
        positive=sum(article.sentences(Label.POSITIVE) for article in articles),
        neutral=sum(article.sentences(Label.NEUTRAL) for article in articles),
        negative=sum(article.sentences(Label.NEGATIVE) for article in articles),
        day_class=_class_of(articles),
    )


def _class_of(articles: list[ArticleSentiment]) -> DayClass:
    confidences: dict[Label, list[float]] = {label: [] for label in Label}
    for article in articles:
        if article.label is not None:
            confidences[article.label].append(article.confidence)
    most = max(map(len, confidences.values()))
    if most == 0:
        return DayClass.NONE
    leading = [label for label, values in confidences.items() if len(values) == most]
    if len(leading) > 1:
        # As in the app, every label takes part that an article has, not only those that lead.
        leading = [_foremost({label: fmean(values or [0.0]) for label, values in confidences.items()})]
    return DayClass[leading[0].name]


def _foremost(values: Mapping[Label, float]) -> Label:
    """The label of the highest value, in a tie the worse one."""
    return max(reversed(Label), key=values.__getitem__)
