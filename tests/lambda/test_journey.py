"""An investor's whole way through the functions, answer for answer what the local server says.

The same requests go to a local server and to the functions `api` and `uploads`, each behind its own database;
S3, SQS and DynamoDB are moto's, API Gateway's events are canned.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import httpx
import pytest

from tests.api.conftest import Server, running_server, signed_up
from tests.api.exchanges import FINAL, STANDARD_CSV, ask_for_upload, holding, portfolio, send_file, settled
from tests.aws import aws_environment, create_table
from tests.gateway_events import rest_call
from tests.lambda_runtime import LambdaFunction, running
from tests.postgres import cloned_database

from .queues import Arrivals, arrivals

CALENDAR = "%a %b %d %H:%M:%S UTC %Y"
DOCUMENT = json.loads((Path(__file__).parents[2] / "openapi.json").read_text(encoding="utf-8"))
OTHER_FUNCTIONS = {
    "auth": "the function `auth`, which speaks to Cognito",
    "market": "compared in test_market.py, but for the outlook, which no function answers yet",
    "sentiment": "compared in test_sentiment.py",
    "prediction": "compared in test_predict.py",
}
"""Tags of operations that the function `api` does not answer, with the reason."""
NOT_HERE = {
    ("GET", "/v1/ops/summary"): "CloudWatch's dashboards and alarms",
    ("POST", "/v1/ops/dead-letters/redrive"): "`foliolens admin dead-letters --redrive`",
    ("DELETE", "/v1/user"): "the function `auth`, since it asks for the password",
}


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        headers: With names in lower case.
    """

    operation: tuple[str, str]
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Side(Protocol):
    """One of the two systems, used by one signed-in person."""

    answers: list[Answer]

    def call(
        self, method: str, path: str, body: Any = None, *, signed_in: bool = True, **headers: str
    ) -> Answer: ...

    def upload(self, content: bytes, portfolio_id: str | None = None, **options: object) -> str: ...


def operation_of(method: str, path: str) -> tuple[str, str]:
    """The operation of the API document that a request asks for."""
    asked = f"/v1{path.partition('?')[0]}"
    for template in DOCUMENT["paths"]:
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), asked) and (
            method.lower() in DOCUMENT["paths"][template]
        ):
            return method, template
    return method, asked


@dataclass
class Local:
    """The local server."""

    server: Server
    client: httpx.Client
    answers: list[Answer] = field(default_factory=list)

    def call(
        self, method: str, path: str, body: Any = None, *, signed_in: bool = True, **headers: str
    ) -> Answer:
        sent = {"X-Request-Id": "a-request", **headers}
        if signed_in:
            sent["Authorization"] = self.client.headers["Authorization"]
        with httpx.Client(base_url=f"{self.server.url}/v1", timeout=60) as anybody:
            response = anybody.request(method, path, json=body, headers=sent)
        answer = Answer(
            operation_of(method, path), response.status_code, dict(response.headers), response.text
        )
        self.answers.append(answer)
        return answer

    def upload(self, content: bytes, portfolio_id: str | None = None, **options: object) -> str:
        ticket = ask_for_upload(self.client, content, portfolio_id, **options)
        assert send_file(ticket, content).is_success
        settled(self.client, ticket["uploadId"])
        return str(ticket["uploadId"])


@dataclass
class Cloud:
    """The functions behind API Gateway."""

    api: LambdaFunction
    worker: LambdaFunction
    arrivals: Arrivals
    email: str
    user_id: str = field(default_factory=lambda: str(uuid4()))
    answers: list[Answer] = field(default_factory=list)

    def claims(self) -> dict[str, str]:
        now = datetime.now(UTC)
        return {
            "sub": self.user_id,
            "email": self.email,
            "email_verified": "true",
            "given_name": "Ada",
            "family_name": "Lovelace",
            "token_use": "access",
            "iat": now.strftime(CALENDAR),
            "exp": (now + timedelta(minutes=15)).strftime(CALENDAR),
        }

    def call(
        self, method: str, path: str, body: Any = None, *, signed_in: bool = True, **headers: str
    ) -> Answer:
        answer = self._invoke(method, path, body, signed_in=signed_in, **headers)
        self.answers.append(answer)
        return answer

    def upload(self, content: bytes, portfolio_id: str | None = None, **options: object) -> str:
        path = f"/portfolios/{portfolio_id}/upload" if portfolio_id else "/uploads"
        body = {"filename": "holdings.csv", "size": len(content), "contentType": "text/csv", **options}
        ticket = self._invoke("POST", path, body).json
        assert ticket["method"] == "POST"
        sent = httpx.post(ticket["uploadUrl"], data=ticket["fields"], files={"file": content})
        assert sent.is_success, sent.text
        while self.arrivals.deliver(self.worker):
            pass
        status = self._invoke("GET", f"/upload/{ticket['uploadId']}/status").json
        assert status["status"] in FINAL, status
        return str(ticket["uploadId"])

    def _invoke(
        self, method: str, path: str, body: Any = None, *, signed_in: bool = True, **headers: str
    ) -> Answer:
        bare, _, query = path.partition("?")
        event = rest_call(
            method,
            bare,
            None if body is None else json.dumps(body),
            dict(pair.split("=") for pair in query.split("&")) if query else None,
            claims=self.claims() if signed_in else None,
            **{"X-Request-Id": "a-request", "x-viewer-host": "app.example.com", **headers},
        )
        if signed_in:
            event["headers"]["Authorization"] = "Bearer verified.by.the.gateway"
        answered = self.api.invoke(event)
        headers = {name.lower(): value for name, value in answered["headers"].items()}
        return Answer(operation_of(method, path), answered["statusCode"], headers, answered["body"])


def journey(side: Side) -> None:
    """Everything that the function `api` answers, what is refused included."""
    side.call("GET", "/health", signed_in=False)
    side.call("GET", "/ready", signed_in=False)
    side.call("GET", "/portfolios")
    _profile(side)
    first = _portfolios(side)
    imported = _uploads(side)
    _analysis(side, first, imported)
    _sharing(side, first)
    side.call("GET", "/portfolios?limit=1&sortBy=name&sortOrder=desc")
    side.call("GET", "/portfolios?limit=0")
    side.call("GET", "/user/export")
    side.call("DELETE", f"/portfolios/{first}")
    side.call("GET", f"/portfolios/{first}")
    side.call("GET", "/portfolios", signed_in=False)


def _profile(side: Side) -> None:
    side.call("GET", "/user/profile")
    side.call("PUT", "/user/profile", {"firstName": "Augusta", "riskTolerance": "aggressive"})
    side.call("PUT", "/user/profile", {"riskTolerance": "reckless"})
    side.call("GET", "/user/preferences")
    side.call("PUT", "/user/preferences", {"notifications": {"weeklyReports": False}})


def _portfolios(side: Side) -> str:
    body = portfolio("Retirement", holding("VTI", 6000), holding("BND", 3000), holding("AAPL", 1000))
    key = {"Idempotency-Key": "one-and-the-same"}
    created = side.call("POST", "/portfolios", body, **key).json
    side.call("POST", "/portfolios", body, **key)
    side.call("POST", "/portfolios", {**body, "name": "Another"}, **key)
    side.call("POST", "/portfolios", {"name": "", "assets": [{"symbol": "VTI", "dollarAmount": "much"}]})
    side.call("POST", "/portfolios", portfolio("Cash", holding("SPAXX", 100, type="cash")))
    identifier = str(created["id"])
    read = side.call("GET", f"/portfolios/{identifier}").json
    changed = {**body, "name": "Retirement, changed", "version": read["version"]}
    side.call("PUT", f"/portfolios/{identifier}", changed)
    side.call("PUT", f"/portfolios/{identifier}", changed)
    side.call("GET", "/portfolios/00000000-0000-4000-8000-000000000000")
    side.call("GET", "/portfolios/no-id")
    return identifier


def _uploads(side: Side) -> str:
    side.call("POST", "/uploads", {"filename": "h.csv", "size": 10, "contentType": "text/csv"})
    side.call("POST", "/uploads", {"filename": "h.csv", "size": 0})
    good = side.upload(STANDARD_CSV, portfolioName="Imported")
    status = side.call("GET", f"/upload/{good}/status").json
    imported = str(status["portfolioId"])
    replaced = side.upload(STANDARD_CSV.replace(b"6000", b"7000"), imported)
    side.call("POST", f"/portfolios/{imported}/upload", {"filename": "h.csv", "size": 10})
    side.call("GET", f"/upload/{replaced}/status")
    side.call("POST", f"/upload/{replaced}/undo")
    broken = side.upload(b"Symbol,Dollar Amount\nVTI,many\nBND,1\n")
    side.call("GET", f"/upload/{broken}/status")
    side.call("GET", f"/upload/{broken}/errors.csv")
    side.call("POST", f"/upload/{broken}/undo")
    return imported


def _analysis(side: Side, first: str, imported: str) -> None:
    side.call("GET", f"/portfolios/{imported}/risk")
    side.call("GET", f"/portfolios/{imported}/risk?benchmark=QQQ")
    side.call("GET", f"/portfolios/{imported}/rebalance")
    side.call(
        "POST", f"/portfolios/{imported}/rebalance", {"targets": {"model": "moderate"}, "cashFlow": 500}
    )
    side.call("POST", f"/portfolios/{imported}/rebalance", {"targets": {"method": "risk_parity"}})
    side.call("POST", "/portfolios/compare", {"portfolioIds": [first, imported]})
    side.call("POST", "/portfolios/compare", {"portfolioIds": [first]})


def _sharing(side: Side, first: str) -> None:
    shared = side.call(
        "POST", f"/portfolios/{first}/share", {"expiresIn": "7d", "permissions": ["view", "analyze"]}
    ).json
    side.call("POST", f"/portfolios/{first}/share", {"expiresIn": "for ever"})
    token = shared["shareToken"]
    side.call("GET", f"/shared/{token}", signed_in=False)
    side.call("GET", f"/shared/{token}/risk", signed_in=False)
    side.call("GET", f"/shared/{'A' * 43}", signed_in=False)
    (link,) = side.call("GET", f"/portfolios/{first}/shares").json["shares"]
    side.call("DELETE", f"/portfolios/{first}/shares/{link['shareId']}")
    side.call("GET", f"/shared/{token}", signed_in=False)


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    with (
        running_server(rate_limits="on", rate_anonymous_per_minute="1000") as server,
        signed_up(server) as user,
    ):
        side = Local(server, user.client)
        journey(side)
        yield side


@contextmanager
def functions(built: Path, aws: str, template_url: str, folder: Path) -> Iterator[Cloud]:
    with ExitStack() as stack:
        database = stack.enter_context(cloned_database(template_url))
        queue = arrivals()
        environment = {
            **aws_environment(aws),
            "FOLIOLENS_MODE": "aws",
            "FOLIOLENS_DATABASE_URL": database,
            "FOLIOLENS_AWS_BUCKET": queue.bucket,
            "FOLIOLENS_AWS_TABLE": create_table(),
            "FOLIOLENS_RATE_ANONYMOUS_PER_MINUTE": "1000",
        }
        started = {}
        for name in ("api", "uploads"):
            (folder / name).mkdir()
            started[name] = stack.enter_context(
                running(
                    built / f"{name}.zip",
                    f"foliolens.entrypoints.lambda_{name}.handler",
                    folder / name,
                    environment,
                )
            )
        yield Cloud(started["api"], started["uploads"], queue, "ada@example.com")


@pytest.fixture(scope="module")
def cloud(
    built: Path, aws: str, template_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cloud]:
    with functions(built, aws, template_url, tmp_path_factory.mktemp("functions")) as side:
        journey(side)
        yield side


def test_every_answer_is_the_local_servers(local: Local, cloud: Cloud) -> None:
    assert len(local.answers) == len(cloud.answers)
    for ours, theirs in zip(cloud.answers, local.answers, strict=True):
        assert ours.operation == theirs.operation
        assert ours.status == theirs.status, (ours, theirs)
    for ours, theirs in zip(comparable(cloud.answers), comparable(local.answers), strict=True):
        assert differing(ours, theirs) == []


def test_most_of_it_went_well(cloud: Cloud) -> None:
    statuses = [answer.status for answer in cloud.answers]

    assert sum(status < 300 for status in statuses) > 25
    assert max(statuses) < 500
    assert {400, 401, 404, 409} <= set(statuses)


def test_every_header_is_the_local_servers(local: Local, cloud: Cloud) -> None:
    for ours, theirs in zip(cloud.answers, local.answers, strict=True):
        assert {**headers_of(ours), "location": None} == {**headers_of(theirs), "location": None}, ours


def test_every_route_of_the_function_is_compared(cloud: Cloud) -> None:
    compared = {answer.operation for answer in cloud.answers}
    expected = {
        (method.upper(), path)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if not set(operation["tags"]) & OTHER_FUNCTIONS.keys()
    }

    assert expected - compared == NOT_HERE.keys()


def test_the_log_holds_nothing_of_the_person(cloud: Cloud) -> None:
    for function in (cloud.api, cloud.worker):
        written = function.log.read_text()
        assert "Lovelace" not in written
        assert cloud.email not in written
        assert "6000" not in written


IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")
ADDRESS = re.compile(r"https?://[^/#]+")
MAIL = re.compile(r"[\w.-]+@example\.com")
WHERE_TO_SEND = ("uploadUrl", "method", "headers", "fields")
"""How a file is sent differs by design: a PUT to the local store, a form to S3."""


def comparable(answers: list[Answer]) -> Iterator[Any]:
    """The bodies with what no two systems have in common replaced: ids by their order, moments, tokens."""
    seen: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        return seen.setdefault(found.group(), f"id {len(seen)}")

    def plain(text: str) -> str:
        text = IDENTIFIER.sub(numbered, text)
        for pattern, name in ((MOMENT, "moment"), (ADDRESS, "address"), (TOKEN, "token"), (MAIL, "mail")):
            text = pattern.sub(name, text)
        return text

    for answer in answers:
        if not answer.headers["content-type"].startswith("application/json"):
            yield answer.operation, plain(answer.text)
            continue
        body = answer.json
        if "uploadUrl" in body:
            body = {name: value for name, value in body.items() if name not in WHERE_TO_SEND}
        if answer.operation[1] == "/v1/user/export":
            body = {**body, "sessions": None, "securityEvents": None}  # Cognito's own records
        yield answer.operation, json.loads(plain(json.dumps(body)))


def differing(ours: Any, theirs: Any, place: str = "") -> list[str]:
    """The paths of the fields in which two bodies differ, with both values."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        names = [*ours, *(name for name in theirs if name not in ours)]
        return [
            found
            for name in names
            for found in differing(ours.get(name, "absent"), theirs.get(name, "absent"), f"{place}.{name}")
        ]
    if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [found for at, (one, other) in pairs for found in differing(one, other, f"{place}[{at}]")]
    return [] if ours == theirs else [f"{place}: {ours!r} instead of {theirs!r}"]


COUNTED = frozenset({"x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"})
OF_THE_SERVER = frozenset({"server", "date", "content-length", "vary", "content-encoding"})


def headers_of(answer: Answer) -> dict[str, str | None]:
    """The headers, counts and lengths left out."""
    return {
        name: None if name in COUNTED else value
        for name, value in answer.headers.items()
        if name not in OF_THE_SERVER
    }
