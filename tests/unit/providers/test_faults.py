"""A provider that misbehaves over real HTTP: what is tried again and waited for, what a client is told."""

from __future__ import annotations

import gzip
import json
import socket
import zlib
from datetime import date
from email.utils import format_datetime

import pytest

from foliolens.adapters.providers import wire
from foliolens.adapters.providers.wire import Unanswered, Wire
from foliolens.errors import ProviderError, ServiceUnavailable, ValidationFailed
from tests import providers as fakes
from tests.providers import Behaviour, Drip, Hang, Reply, Reset

from .conftest import Desk, MakeDesk

PAST = (date(2026, 2, 23), date(2026, 2, 27))
BODY = json.dumps([fakes.day(date(2026, 2, 27))]).encode()
SOON = 0.5
"""Seconds that are really waited for, where a provider keeps us waiting."""


def refusal(desk: Desk) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        desk.market.prices("AAPL", *PAST)
    return caught.value


def retry_after(error: ProviderError | ServiceUnavailable) -> int:
    return int(error.headers["Retry-After"])


class TestWhatIsTriedAgain:
    @pytest.mark.parametrize(
        "fault",
        [
            Reply(429),
            Reply(500),
            Reply(502, b"<html>"),
            Reply(503),
            Reply(504),
            Reset(),
            Reply(body=BODY, sent=30),
        ],
        ids=["429", "500", "502", "503", "504", "reset", "cut off"],
    )
    def test_helps_when_it_passes(self, desk: Desk, fault: Behaviour) -> None:
        desk.tiingo.script(fault, fault)

        assert desk.market.prices("AAPL", *PAST).state == "MISS"
        assert len(desk.tiingo.asked) == 3

    @pytest.mark.parametrize("fault", [Reply(429), Reply(500), Reset()], ids=["429", "500", "reset"])
    def test_is_given_up_after_three_calls(self, desk: Desk, fault: Behaviour) -> None:
        desk.tiingo.down = fault

        error = refusal(desk)

        assert error.message.startswith("Tiingo failed: ")
        assert retry_after(error) > 0
        assert len(desk.tiingo.asked) == 3

    def test_waits_a_random_time_that_grows(self, make_desk: MakeDesk) -> None:
        desk = make_desk(attempts=6, seconds=60, backoff=0.1)
        desk.tiingo.down = Reply(500)

        refusal(desk)

        bounds = [0.1, 0.2, 0.4, 0.8, 1.6]
        assert all(0 <= pause <= most for pause, most in zip(desk.clock.slept, bounds, strict=True))
        assert len(set(desk.clock.slept)) == len(bounds)

    def test_is_not_tried_when_no_time_is_left(self, make_desk: MakeDesk) -> None:
        desk = make_desk(attempts=10, seconds=0.5, backoff=10)
        desk.tiingo.down = Reply(500)

        refusal(desk)

        assert sum(desk.clock.slept) < 0.5

    def test_a_server_that_is_not_there(self, make_desk: MakeDesk) -> None:
        desk = make_desk()
        desk.tiingo.close()

        error = refusal(desk)

        assert "connection failed" in error.message
        assert len(desk.clock.slept) == 2


class TestWhatIsNotTriedAgain:
    @pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 401, 402, 403, 405, 410, 418, 451])
    def test_is_the_providers_error_at_once(self, desk: Desk, status: int) -> None:
        desk.tiingo.script(Reply(status, b"[]" if status != 204 else b""))

        refusal(desk)

        assert len(desk.tiingo.asked) == 1

    def test_redirects_are_not_followed(self, desk: Desk) -> None:
        with fakes.running(lambda _: Reply(body=BODY)) as elsewhere:
            desk.tiingo.script(Reply(302, headers={"Location": f"{elsewhere.url}/tiingo/daily/AAPL/prices"}))

            refusal(desk)

            assert elsewhere.asked == []

    def test_a_question_that_is_not_accepted_is_the_clients_mistake(self, desk: Desk) -> None:
        desk.tiingo.script(fakes.as_json({"detail": "Error: no such date"}, 400))

        with pytest.raises(ValidationFailed):
            desk.market.prices("AAPL", *PAST)
        assert len(desk.tiingo.asked) == 1

    def test_an_answer_that_repeats_our_key_is_not_passed_on(self, desk: Desk) -> None:
        row = fakes.day(PAST[1])
        desk.tiingo.script(fakes.as_json([row | {"hint": f"token={fakes.TIINGO_KEY}"}]))

        refusal(desk)

        assert desk.kept() == {}


class TestRetryAfter:
    def test_is_waited_for_within_the_time_there_is(self, desk: Desk) -> None:
        desk.tiingo.script(Reply(429, headers={"Retry-After": "2"}))

        assert desk.market.prices("AAPL", *PAST).state == "MISS"
        assert desk.clock.slept == [2]

    def test_may_be_a_date(self, desk: Desk) -> None:
        desk.clock.time = desk.clock.time.replace(microsecond=0)
        when = format_datetime(desk.clock.time.replace(second=3), usegmt=True)
        desk.tiingo.script(Reply(503, headers={"Retry-After": when}))

        desk.market.prices("AAPL", *PAST)

        assert desk.clock.slept == [3]

    @pytest.mark.parametrize("nonsense", ["soon", "-5", "1e9", "²", "9" * 40, ""])
    def test_that_makes_no_sense_is_ignored(self, desk: Desk, nonsense: str) -> None:
        desk.tiingo.script(Reply(429, headers={"Retry-After": nonsense}))

        assert desk.market.prices("AAPL", *PAST).state == "MISS"

    def test_beyond_the_time_there_is_goes_to_the_client_and_nothing_is_asked_meanwhile(
        self, desk: Desk
    ) -> None:
        desk.tiingo.script(Reply(429, headers={"Retry-After": "120"}))

        told = retry_after(refusal(desk))
        desk.clock.advance(seconds=119)
        with pytest.raises(ServiceUnavailable, match="pause") as still:
            desk.market.describe("AAPL")
        desk.clock.advance(seconds=1)

        assert (told, retry_after(still.value), len(desk.tiingo.asked)) == (120, 1, 1)
        assert desk.market.describe("AAPL").state == "MISS"

    def test_is_believed_for_an_hour_at_most(self, desk: Desk) -> None:
        desk.tiingo.script(Reply(429, headers={"Retry-After": "31536000"}))

        assert retry_after(refusal(desk)) == 3600
        desk.clock.advance(hours=1)
        assert desk.market.prices("AAPL", *PAST).state == "MISS"


class TestTime:
    """Real time passes here: the clock stands, the wire does not."""

    @pytest.mark.parametrize(
        "fault", [Hang(), Drip("body"), Drip("headers")], ids=["hang", "slow body", "slow headers"]
    )
    def test_a_slow_answer_is_cut_off(self, make_desk: MakeDesk, fault: Behaviour) -> None:
        desk = make_desk(seconds=SOON)
        desk.tiingo.down = fault

        assert "timeout" in refusal(desk).message
        assert len(desk.tiingo.asked) <= 1  # there was no time for another

    def test_a_connection_that_is_not_accepted_is_cut_off(self) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            address = full.getsockname()
            waiting = [socket.socket() for _ in range(4)]
            try:
                for one in waiting:  # fill the queue of connections that nobody accepts
                    one.setblocking(False)
                    one.connect_ex(address)
                silent = Wire(f"http://127.0.0.1:{address[1]}", {}, connect_seconds=SOON)
                with pytest.raises(Unanswered):
                    silent.get("/", {}, 2 * SOON)
                silent.close()
            finally:
                for one in waiting:
                    one.close()

    def test_the_next_request_is_served_after_one_was_cut_off(self, make_desk: MakeDesk) -> None:
        desk = make_desk(seconds=SOON, background_seconds=30)
        desk.tiingo.script(Hang())

        refusal(desk)

        assert desk.market.daily_prices("AAPL", *PAST)


class TestSize:
    def zipped(self, body: bytes, **more: str) -> Reply:
        return Reply(body=gzip.compress(body), headers={"Content-Encoding": "gzip", **more})

    def test_compressed_answers_are_understood(self, desk: Desk) -> None:
        desk.tiingo.script(self.zipped(BODY))

        assert json.loads(desk.market.prices("AAPL", *PAST).body) == json.loads(BODY)
        assert desk.tiingo.asked[0].headers["accept-encoding"] == "gzip"

    @pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
    def test_a_body_over_the_limit_is_refused(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, packed: bool
    ) -> None:
        monkeypatch.setattr(wire, "_MAX_BYTES", 10_000)
        body = BODY + b" " * 10_000
        desk.tiingo.script(self.zipped(body) if packed else Reply(body=body))

        assert "unreadable" in refusal(desk).message

    @pytest.mark.parametrize(
        "answer",
        [
            Reply(body=gzip.compress(BODY)[:-10], headers={"Content-Encoding": "gzip"}),
            Reply(body=BODY, headers={"Content-Encoding": "gzip"}),
            Reply(body=zlib.compress(BODY), headers={"Content-Encoding": "deflate"}),
            Reply(body=BODY, headers={"Content-Encoding": "br"}),
        ],
        ids=["half", "not compressed", "deflate", "brotli"],
    )
    def test_what_cannot_be_unpacked_is_refused(self, desk: Desk, answer: Reply) -> None:
        desk.tiingo.script(answer)

        assert "unreadable" in refusal(desk).message


class TestStaleness:
    """Better old than nothing, and said to be old."""

    @pytest.mark.parametrize(
        "fault",
        [
            Reply(500),
            Reply(429, headers={"Retry-After": "60"}),
            Reply(401),
            Reply(302),
            Reply(body=b"["),
            Reply(body=b"[{}]"),
            Reset(),
        ],
        ids=["500", "429", "401", "302", "truncated", "wrong types", "reset"],
    )
    def test_what_was_known_is_served_whatever_the_fault(self, desk: Desk, fault: Behaviour) -> None:
        fresh = desk.market.prices("AAPL", *PAST)
        desk.clock.advance(days=8)
        desk.tiingo.down = fault

        stale = desk.market.prices("AAPL", *PAST)

        assert (stale.state, stale.body) == ("STALE", fresh.body)

    def test_a_hang_too(self, make_desk: MakeDesk) -> None:
        make_desk().market.describe("AAPL")
        desk = make_desk(seconds=SOON)
        desk.clock.advance(days=8)
        desk.tiingo.down = Hang()

        assert desk.market.describe("AAPL").state == "STALE"

    def test_ends_after_thirty_days(self, desk: Desk) -> None:
        desk.market.describe("AAPL")
        desk.tiingo.down = Reply(500)
        desk.clock.advance(days=30, seconds=-1)
        before = desk.market.describe("AAPL").state
        desk.clock.advance(seconds=1)

        assert before == "STALE"
        with pytest.raises(ProviderError):
            desk.market.describe("AAPL")

    def test_ends_when_the_provider_is_back(self, desk: Desk) -> None:
        desk.market.describe("AAPL")
        desk.clock.advance(days=8)
        desk.tiingo.script(Reply(500), Reply(500), Reply(500))

        assert [desk.market.describe("AAPL").state for _ in range(3)] == ["STALE", "MISS", "HIT"]
