"""The local server and the functions on AWS, each used by one signed-in person, and how they compare."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import httpx

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.dynamodb_prices import DynamoDbPriceStore
from foliolens.adapters.aws.streamed_jobs import StreamedJobs
from foliolens.market.price_orders import PriceOrders
from foliolens.ports.clock import SystemClock
from tests import providers
from tests.api.conftest import Server
from tests.api.exchanges import FINAL, ask_for_upload, send_file, settled
from tests.aws import aws_environment, create_table
from tests.gateway_events import rest_call
from tests.lambda_runtime import LambdaFunction, running
from tests.postgres import cloned_database
from tests.streams import JobStream

from .queues import Arrivals, arrivals

__all__ = [
    "DOCUMENT",
    "Answer",
    "Cloud",
    "Local",
    "Side",
    "comparable",
    "differing",
    "documented",
    "functions",
    "market_function",
    "operation_of",
]

CALENDAR = "%a %b %d %H:%M:%S UTC %Y"
DOCUMENT = json.loads((Path(__file__).parents[2] / "openapi.json").read_text(encoding="utf-8"))


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

    def fetch_prices(self, symbols: Sequence[str]) -> None:
        """Have the prices of these symbols there before anybody asks for them."""
        ...


def documented(tag: str) -> set[tuple[str, str]]:
    """The operations of the API document that have a tag."""
    return {
        (method.upper(), path)
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        if tag in operation["tags"]
    }


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

    def fetch_prices(self, symbols: Sequence[str]) -> None:
        deadline = time.monotonic() + 60
        for symbol in symbols:
            while self.client.get(f"/market/{symbol}/outlook").json()["prices"] is None:
                assert time.monotonic() < deadline
                time.sleep(0.1)


@dataclass
class Cloud:
    """The functions behind API Gateway.

    Attributes:
        worker: The function `uploads`.
        environment: The variables of those in the network.
    """

    api: LambdaFunction
    worker: LambdaFunction
    market: LambdaFunction
    arrivals: Arrivals
    jobs: JobStream
    environment: Mapping[str, str]
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

    def fetch_prices(self, symbols: Sequence[str]) -> None:
        table, clock = self.jobs.table, SystemClock()
        orders = PriceOrders(DynamoDbPriceStore(table, clock), StreamedJobs(table, clock), clock)
        orders.request(symbols)
        self.jobs.deliver(self.market)

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


@contextmanager
def market_function(
    built: Path,
    aws: str,
    folder: Path,
    fakes: providers.Fakes,
    table: str,
    invocations: str = "http://127.0.0.1:9",
    **keys: str,
) -> Iterator[LambdaFunction]:
    """The function `market`, with the providers' keys in a parameter and nowhere else.

    `invocations` is where it calls the function `sentiment`; without it nobody is there.
    """
    stated = keys or {"tiingo": providers.TIINGO_KEY, "polygon": providers.POLYGON_KEY}
    parameter = f"/foliolens/{uuid4()}/provider-keys"
    clients.parameters().put_parameter(Name=parameter, Value=json.dumps(stated), Type="SecureString")
    settings = providers.settings_for(*fakes)
    environment = {
        **aws_environment(aws),
        **{f"FOLIOLENS_{name.upper()}": value for name, value in settings.items() if "key" not in name},
        "FOLIOLENS_MODE": "aws",
        "FOLIOLENS_AWS_TABLE": table,
        "FOLIOLENS_AWS_PROVIDER_PARAMETER": parameter,
        "FOLIOLENS_AWS_SENTIMENT_FUNCTION": "sentiment",
        "AWS_ENDPOINT_URL_LAMBDA": invocations,
        "FOLIOLENS_RATE_ANONYMOUS_PER_MINUTE": "1000",
    }
    handler = "foliolens.entrypoints.lambda_market.handler"
    with running(built / "market.zip", handler, folder, environment) as function:
        yield function


@contextmanager
def functions(
    built: Path, aws: str, template_url: str, fakes: providers.Fakes, folder: Path
) -> Iterator[Cloud]:
    """The functions `api`, `uploads` and `market` around a database, a bucket and a table of their own."""
    with ExitStack() as stack:
        database = stack.enter_context(cloned_database(template_url))
        queue, table = arrivals(), create_table()
        environment = {
            **aws_environment(aws),
            "FOLIOLENS_MODE": "aws",
            "FOLIOLENS_DATABASE_URL": database,
            "FOLIOLENS_AWS_BUCKET": queue.bucket,
            "FOLIOLENS_AWS_TABLE": table,
            "FOLIOLENS_RATE_ANONYMOUS_PER_MINUTE": "1000",
        }
        started = {}
        for name in ("api", "uploads", "market"):
            (folder / name).mkdir()
        for name in ("api", "uploads"):
            handler = f"foliolens.entrypoints.lambda_{name}.handler"
            started[name] = stack.enter_context(
                running(built / f"{name}.zip", handler, folder / name, environment)
            )
        market = stack.enter_context(market_function(built, aws, folder / "market", fakes, table))
        yield Cloud(
            started["api"],
            started["uploads"],
            market,
            queue,
            JobStream(table),
            environment,
            "ada@example.com",
        )


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
            body = {**body, "sessions": None, "securityEvents": None}  # compared in `test_auth`
        if answer.operation[1] == "/v1/ready":  # a function has no worker and no model beside it
            body = {**body, "parts": [part for part in body["parts"] if part["name"] == "database"]}
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
