"""`foliolens parity`: a real server of ours beside services that answer as the originals did."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import Server, command, environment, free_port

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "original-prediction-vectors.json").read_text())[
    "vectors"
][:6]
ARTICLES = (
    {"text": ["Profit rose sharply.", "The plant in Ohio was closed."], "hash": 17},
    {"text": ["Shares fell after the warning.", "Sales grew by a fifth."], "hash": "a-b-c"},
    {"text": [], "hash": "empty"},
)


@dataclass
class Original:
    """Answers recorded requests with recorded answers.

    Attributes:
        answers: By the request's body.
        busy: How often it says that it is busy before it answers.
        asked: The bodies it was sent.
    """

    answers: dict[str, tuple[int, Any]]
    busy: int = 0
    url: str = ""
    asked: list[Any] = field(default_factory=list)


@contextmanager
def serving(original: Original) -> Iterator[Original]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            original.asked.append(body)
            if original.busy:
                original.busy -= 1
                self._answer(429, {})
            else:
                self._answer(*original.answers[json.dumps(body, sort_keys=True)])

        def _answer(self, status: int, body: Any) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if status == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it so
            """Nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    original.url = f"http://127.0.0.1:{listening.server_address[1]}"
    try:
        yield original
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def keyed(body: Any) -> str:
    return json.dumps(body, sort_keys=True)


@pytest.fixture
def prediction() -> Iterator[Original]:
    """What the original really answered, string for string."""
    answers = {keyed(vector["request"]): (200, vector["response"]) for vector in VECTORS}
    with serving(Original(answers)) as original:
        yield original


@pytest.fixture
def sentiment(server: Server) -> Iterator[Original]:
    """An original with a model that judges as ours does."""
    answers = {
        keyed(article): (200, httpx.post(f"{server.url}/v1/sentiment", json=article).json())
        for article in ARTICLES
    }
    with serving(Original(answers)) as original:
        yield original


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    file = tmp_path / "requests.jsonl"
    bodies = [*(vector["request"] for vector in VECTORS), *ARTICLES]
    file.write_text("".join(f"{json.dumps(body)}\n" for body in bodies))
    return file


@dataclass(frozen=True)
class Ended:
    """How the command ended."""

    code: int
    out: str
    err: str

    def report(self) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(self.out)
        return decoded


Run = Callable[..., Ended]


@pytest.fixture
def parity(server: Server, prediction: Original, sentiment: Original, recording: Path) -> Run:
    def run(*options: str) -> Ended:
        arguments = ["parity", "--new", f"{server.url}/v1", "--requests", str(recording)]
        originals = ["--old-prediction", prediction.url, "--old-sentiment", sentiment.url]
        ended = subprocess.run(
            command(*arguments, *originals, *options),
            capture_output=True,
            text=True,
            check=False,
            env=environment(),
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run


def planted(original: Original, request: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    status, answer = original.answers[keyed(request)]
    original.answers[keyed(request)] = status, change(json.loads(json.dumps(answer)))


def test_equal_services_are_said_to_be_equal(parity: Run, prediction: Original, sentiment: Original) -> None:
    ended = parity("--json")

    assert (ended.code, ended.err) == (0, "")
    report = ended.report()
    assert (report["requests"], report["different"]) == (len(VECTORS) + len(ARTICLES), 0)
    assert report["examples"] == []
    compared = {each["field"]: each["compared"] for each in report["fields"]}
    assert compared["next.score"] == compared["month.class"] == len(VECTORS)
    assert compared["positive[0]"] == len(ARTICLES)
    for sides in report["milliseconds"].values():
        assert all(sides[side]["p99"] > 0 for side in ("old", "new"))
    # The originals get what the client sent, and nothing of ours.
    assert all("engine" not in body for body in prediction.asked)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda answer: answer | {"month": answer["month"][:-1] + "9"}, "month.class"),
        (lambda answer: answer | {"week": "0.001 1"}, "week.score"),
        (lambda answer: answer | {"ticker": "OTHER"}, "ticker"),
        (lambda answer: {name: answer[name] for name in sorted(answer)}, "(order of keys)"),
        (lambda answer: {**answer, "more": 1}, "more"),
        (lambda answer: {name: answer[name] for name in ("next", "week", "ticker")}, "month.score"),
    ],
)
def test_one_planted_difference_is_found(
    parity: Run, prediction: Original, change: Callable[[dict[str, Any]], dict[str, Any]], name: str
) -> None:
    planted(prediction, VECTORS[3]["request"], change)

    ended = parity("--json")

    assert ended.code == 1
    report = ended.report()
    assert report["different"] == 1
    assert name in {each["field"] for each in report["fields"] if each["different"]}
    assert {example["line"] for example in report["examples"]} == {4}


def test_it_is_shown_to_people_too(parity: Run, prediction: Original) -> None:
    planted(prediction, VECTORS[3]["request"], lambda answer: answer | {"ticker": "OTHER"})

    ended = parity()

    assert ended.code == 1
    assert f"line 4, ticker: OTHER there, {VECTORS[3]['response']['ticker']} here" in ended.out
    assert "1 of 9 requests differ." in ended.out


def test_a_count_of_a_sentiment_that_differs_is_found(parity: Run, sentiment: Original) -> None:
    def one_more(answer: dict[str, Any]) -> dict[str, Any]:
        answer["neutral"][0] += 1
        return answer

    planted(sentiment, ARTICLES[0], one_more)

    ended = parity("--json")

    assert ended.code == 1
    assert [(example["line"], example["field"]) for example in ended.report()["examples"]] == [
        (7, "neutral[0]")
    ]


def test_a_number_is_not_the_string_of_it(parity: Run, sentiment: Original) -> None:
    planted(sentiment, ARTICLES[0], lambda answer: answer | {"hash": "17"})

    assert [example["field"] for example in parity("--json").report()["examples"]] == ["hash"]


def test_the_tolerance_and_the_allowed_share_decide_about_the_end(parity: Run, sentiment: Original) -> None:
    def nearly(answer: dict[str, Any]) -> dict[str, Any]:
        for label in ("positive", "neutral", "negative"):
            if answer[label][0]:
                answer[label][1] += 0.01
        return answer

    planted(sentiment, ARTICLES[0], nearly)

    assert parity().code == 1
    assert parity("--tolerance", "0.02").code == 0
    assert parity("--allowed", "0.2").code == 0
    within = parity("--tolerance", "0.02", "--json").report()["fields"]
    assert max(each["largest"] for each in within) == pytest.approx(0.01)


def test_an_original_that_crashed_is_a_difference_of_status(parity: Run, prediction: Original) -> None:
    prediction.answers[keyed(VECTORS[0]["request"])] = 500, {"error": "crashed"}

    (example,) = parity("--json").report()["examples"]

    assert (example["field"], example["old"], example["new"]) == ("(status)", 500, 200)


def test_a_busy_service_is_asked_again(parity: Run, prediction: Original) -> None:
    prediction.busy = 2

    assert parity().code == 0
    assert len(prediction.asked) == len(VECTORS) + 2


class TestMistakes:
    def test_a_line_that_is_no_request_is_named_before_anything_is_sent(
        self, parity: Run, recording: Path, prediction: Original
    ) -> None:
        recording.write_text(recording.read_text() + '{"ticker": "AAPL"}\n')

        ended = parity()

        assert ended.code == 2
        assert f"{recording}: line 10 has neither" in ended.err
        assert prediction.asked == []

    def test_a_line_that_is_no_json_is_named(self, parity: Run, recording: Path) -> None:
        recording.write_text("{\n")

        assert "line 1 is not valid JSON" in parity().err

    def test_a_service_that_is_down_is_named(self, parity: Run, server: Server) -> None:
        url = f"http://127.0.0.1:{free_port()}"

        ended = parity("--old-prediction", url)

        assert ended.code == 3
        assert f"No answer from {url}" in ended.err

    def test_an_original_that_is_not_named_is_asked_for(self, server: Server, recording: Path) -> None:
        ended = subprocess.run(
            command("parity", "--new", f"{server.url}/v1", "--requests", str(recording)),
            capture_output=True,
            text=True,
            check=False,
            env=environment(),
        )

        assert ended.returncode == 2
        assert "--old-prediction URL" in ended.stderr

    def test_an_empty_file_is_said_to_be_empty(self, parity: Run, recording: Path) -> None:
        recording.write_text("\n")

        assert "There is nothing to send." in parity().err
