"""The news of a day, summed by ticker, with the class that the stocks app gives it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foliolens.sentiment.daily import ArticleSentiment, DailySentiment, DayClass, daily_sentiment
from foliolens.sentiment.models import Judgement, Label, Tally

NOON = datetime(2024, 5, 3, 12, tzinfo=UTC)

Counted = tuple[int, float]


def article(
    *tallies: Counted, tickers: tuple[str, ...] = ("AAPL",), published: datetime = NOON
) -> ArticleSentiment:
    """An article with (count, mean confidence) of its positive, neutral and negative sentences."""
    told = {
        label: Tally(count, mean if count else None)
        for label, (count, mean) in zip(Label, tallies, strict=False)
    }
    return ArticleSentiment(tickers, published, told)


def positive(confidence: float = 0.9) -> ArticleSentiment:
    return article((2, confidence), (1, 0.5), (0, 0))


def neutral(confidence: float = 0.9) -> ArticleSentiment:
    return article((0, 0), (1, confidence), (0, 0))


def negative(confidence: float = 0.9) -> ArticleSentiment:
    return article((0, 0), (1, 0.5), (3, confidence))


NOTHING = article()


def test_sentences_are_summed_for_each_ticker() -> None:
    days = daily_sentiment(
        [
            article((2, 0.9), (1, 0.9), (0, 0), tickers=("AAPL", "msft")),
            article((0, 0), (0, 0), (3, 0.9), tickers=("AAPL",)),
        ]
    )

    assert days == [
        DailySentiment("AAPL", date(2024, 5, 3), 2, 2, 1, 3, DayClass.NEGATIVE),
        DailySentiment("MSFT", date(2024, 5, 3), 1, 2, 1, 0, DayClass.POSITIVE),
    ]


def test_days_are_days_in_utc_and_come_newest_first() -> None:
    evening_in_new_york = datetime(2024, 5, 3, 22, tzinfo=timezone(timedelta(hours=-4)))

    days = daily_sentiment([positive(), article((1, 0.9), published=evening_in_new_york)])

    assert [item.day for item in days] == [date(2024, 5, 4), date(2024, 5, 3)]


def test_a_time_without_zone_is_refused_since_its_day_is_unknown() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        daily_sentiment([article((1, 0.9), published=datetime(2024, 5, 3))])  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((3, 2, 1), Label.POSITIVE),
        ((3, 9, 2), Label.NEUTRAL),
        ((2, 2, 1), Label.NEUTRAL),
        ((2, 1, 2), Label.NEGATIVE),
        ((1, 2, 2), Label.NEGATIVE),
        ((1, 1, 1), Label.NEGATIVE),
        ((0, 0, 0), None),
    ],
)
def test_an_article_has_the_label_of_most_sentences_and_the_worse_one_in_a_tie(
    counts: tuple[int, int, int], expected: Label | None
) -> None:
    assert article(*((count, 0.9) for count in counts)).label is expected


@pytest.mark.parametrize(
    ("articles", "expected"),
    [
        pytest.param([positive(0.5), positive(0.5), negative(0.99)], DayClass.POSITIVE, id="most articles"),
        pytest.param([neutral(0.5), neutral(0.5), negative(0.99)], DayClass.NEUTRAL, id="neutral votes too"),
        pytest.param([positive(0.6), negative(0.7)], DayClass.NEGATIVE, id="tie: higher confidence"),
        pytest.param(
            [positive(0.8), negative(0.7)], DayClass.POSITIVE, id="tie: higher confidence, positive"
        ),
        pytest.param(
            [positive(0.6), positive(0.9), neutral(0.8), neutral(0.8)],
            DayClass.NEUTRAL,
            id="tie: mean confidence",
        ),
        pytest.param(
            [positive(0.6)] * 2 + [neutral(0.7)] * 2 + [negative(0.9)],
            DayClass.NEGATIVE,
            id="tie: a single article of the third label may decide",
        ),
        pytest.param([positive(0.8), negative(0.8)], DayClass.NEGATIVE, id="tie of everything: the worse"),
        pytest.param(
            [NOTHING, positive()], DayClass.POSITIVE, id="an article without sentences does not vote"
        ),
        pytest.param([NOTHING], DayClass.NONE, id="no sentences"),
    ],
)
def test_articles_vote_on_the_class_of_a_day(articles: list[ArticleSentiment], expected: DayClass) -> None:
    assert daily_sentiment(articles)[0].day_class is expected


def test_one_long_article_does_not_outvote_two_short_ones() -> None:
    long = article((40, 0.9), (0, 0), (0, 0))

    day = daily_sentiment([long, negative(), negative()])[0]

    assert (day.positive, day.negative, day.day_class) == (40, 6, DayClass.NEGATIVE)


_counted = st.tuples(st.integers(0, 3), st.sampled_from([0.4, 0.6, 0.8]))


@given(st.lists(st.tuples(_counted, _counted, _counted), min_size=1, max_size=5), st.randoms())
def test_the_order_of_articles_changes_nothing(
    tallies: list[tuple[Counted, Counted, Counted]], random: st.random_module
) -> None:
    articles = [article(*each) for each in tallies]
    shuffled = sorted(articles, key=lambda _: random.random())  # type: ignore[attr-defined]

    assert daily_sentiment(shuffled) == daily_sentiment(articles)


def test_the_classes_have_the_numbers_of_the_predictions_contract() -> None:
    assert [int(DayClass[name]) for name in ("NONE", "POSITIVE", "NEUTRAL", "NEGATIVE")] == [0, 1, 2, 3]


def test_a_judged_article_counts_its_sentences_and_keeps_their_confidence() -> None:
    judged = ArticleSentiment.of(["AAPL"], NOON, [Judgement(0.8, 0.1, 0.1), Judgement(0.6, 0.3, 0.1)])

    assert (judged.sentences(Label.POSITIVE), judged.sentences(Label.NEGATIVE)) == (2, 0)
    assert (judged.label, judged.confidence) == (Label.POSITIVE, pytest.approx(0.7))
