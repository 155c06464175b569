"""The news of a day, summed by ticker."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from foliolens.sentiment.daily import ArticleSentiment, DailySentiment, DayClass, daily_sentiment
from foliolens.sentiment.models import Judgement, Label


def article(
    day: datetime, positive: int = 0, neutral: int = 0, negative: int = 0, *tickers: str
) -> ArticleSentiment:
    counts = {Label.POSITIVE: positive, Label.NEUTRAL: neutral, Label.NEGATIVE: negative}
    return ArticleSentiment(tickers or ("AAPL",), day, counts)


NOON = datetime(2024, 5, 3, 12, tzinfo=UTC)


def test_the_counts_of_a_days_articles_are_summed_for_each_ticker() -> None:
    days = daily_sentiment([article(NOON, 2, 1, 0, "AAPL", "msft"), article(NOON, 0, 0, 3, "AAPL")])

    assert days == [
        DailySentiment("AAPL", date(2024, 5, 3), 2, 2, 1, 3),
        DailySentiment("MSFT", date(2024, 5, 3), 1, 2, 1, 0),
    ]


def test_days_are_days_in_utc_and_come_newest_first() -> None:
    evening_in_new_york = datetime(2024, 5, 3, 22, tzinfo=timezone(timedelta(hours=-4)))

    days = daily_sentiment([article(NOON, 1), article(evening_in_new_york, 1)])

    assert [item.day for item in days] == [date(2024, 5, 4), date(2024, 5, 3)]


def test_a_time_without_zone_is_refused_since_its_day_is_unknown() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        daily_sentiment([article(datetime(2024, 5, 3), 1)])  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((3, 9, 2), DayClass.POSITIVE),
        ((2, 9, 3), DayClass.NEGATIVE),
        ((2, 9, 2), DayClass.NEUTRAL),
        ((0, 4, 0), DayClass.NEUTRAL),
        ((0, 0, 0), DayClass.NONE),
    ],
)
def test_positive_and_negative_sentences_vote_on_the_class_of_a_day(
    counts: tuple[int, int, int], expected: DayClass
) -> None:
    assert daily_sentiment([article(NOON, *counts)])[0].day_class is expected


def test_the_classes_have_the_numbers_of_the_predictions_contract() -> None:
    assert [int(DayClass[name]) for name in ("NONE", "POSITIVE", "NEUTRAL", "NEGATIVE")] == [0, 1, 2, 3]


def test_a_judged_article_counts_its_sentences() -> None:
    counted = ArticleSentiment.of(["AAPL"], NOON, [Judgement(0.8, 0.1, 0.1), Judgement(0.1, 0.1, 0.8)])

    assert counted.counts == {Label.POSITIVE: 1, Label.NEUTRAL: 0, Label.NEGATIVE: 1}
