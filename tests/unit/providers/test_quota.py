"""The quota of a provider's plan: counted over all processes, and never exceeded by a call of ours."""

from __future__ import annotations

from datetime import date

import pytest

from foliolens.errors import ProviderError, ServiceUnavailable
from foliolens.ports.market import NewsQuery
from tests.providers import Reply

from .conftest import Desk, MakeDesk

PAST = (date(2026, 2, 23), date(2026, 2, 27))


def use_up(desk: Desk, calls: int) -> None:
    for number in range(calls):
        desk.market.prices("AAPL", date(2026, 1, 1 + number), None)


def test_no_call_is_made_beyond_it(make_desk: MakeDesk) -> None:
    desk = make_desk(quota=3)
    use_up(desk, 3)
    desk.clock.advance(minutes=10)

    for _ in range(5):
        with pytest.raises(ServiceUnavailable, match="quota") as refused:
            desk.market.describe("AAPL")

    assert int(refused.value.headers["Retry-After"]) == 3000
    assert len(desk.tiingo.asked) == 3
    assert desk.market.status().quota_left == 0


def test_it_begins_anew_with_the_next_window(make_desk: MakeDesk) -> None:
    desk = make_desk(quota=3)
    use_up(desk, 3)
    desk.clock.advance(hours=1)

    assert desk.market.describe("AAPL").state == "MISS"
    assert desk.market.status().quota_left == 2


def test_what_is_cached_costs_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk(quota=1)

    states = [desk.market.describe("AAPL").state for _ in range(5)]

    assert states == ["MISS"] + ["HIT"] * 4


def test_stale_answers_are_served_when_it_is_used_up(make_desk: MakeDesk) -> None:
    desk = make_desk(quota=1, quota_window=30 * 24 * 3600)
    desk.market.describe("AAPL")
    desk.clock.advance(days=8)

    assert desk.market.describe("AAPL").state == "STALE"
    assert len(desk.tiingo.asked) == 1


def test_every_attempt_counts(make_desk: MakeDesk) -> None:
    desk = make_desk(quota=10)
    desk.tiingo.script(Reply(500), Reply(500))

    desk.market.describe("AAPL")

    assert desk.market.status().quota_left == 7


def test_it_bounds_the_attempts(make_desk: MakeDesk) -> None:
    desk = make_desk(quota=2)
    desk.tiingo.down = Reply(500)

    with pytest.raises(ProviderError):
        desk.market.describe("AAPL")

    assert len(desk.tiingo.asked) == 2


def test_processes_share_it(make_desk: MakeDesk) -> None:
    one, other = make_desk(quota=4), make_desk(quota=4)
    use_up(one, 3)
    other.market.describe("AAPL")

    for desk in (one, other):
        with pytest.raises(ServiceUnavailable):
            desk.market.search("apple")
        assert desk.market.status().quota_left == 0
    assert len(one.tiingo.asked) == 4


def test_each_provider_has_its_own(make_desk: MakeDesk) -> None:
    desk = make_desk(quota=2)
    use_up(desk, 2)

    assert desk.news.page(NewsQuery(ticker="AAPL"))[1] == "MISS"
    assert (desk.market.status().quota_left, desk.news.status().quota_left) == (0, 1)


def test_a_used_up_quota_is_no_failure_of_the_provider(make_desk: MakeDesk) -> None:
    desk = make_desk(quota=1, breaker_failures=1)
    desk.market.describe("AAPL")
    with pytest.raises(ServiceUnavailable):
        desk.market.prices("AAPL", *PAST)

    assert desk.market.status().breaker == "closed"
