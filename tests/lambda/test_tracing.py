"""What X-Ray's daemon gets of functions run as Lambda runs them: nothing, where nothing is to be traced."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from foliolens.kit.database import Database
from tests.aws import aws_environment, create_table
from tests.gateway_events import rest_call
from tests.lambda_runtime import NOT_TRACED, LambdaFunction, running

from .investors import CONTENT, Investor
from .queues import Arrivals

TRACE, SEGMENT = "1-67891233-abcdef012345678912345678", "00f067aa0ba902b7"
TRACED = f"Root={TRACE};Parent={SEGMENT};Sampled=1;Lineage=1:abc:0"
CALENDAR = "%a %b %d %H:%M:%S UTC %Y"


@dataclass
class Daemon:
    """Stands where Lambda's own daemon does."""

    socket: socket.socket

    @property
    def address(self) -> str:
        return "127.0.0.1:{1}".format(*self.socket.getsockname())

    def received(self) -> list[dict[str, Any]]:
        """What came since it was asked last; a datagram on loopback is there when it was sent."""
        documents = []
        while True:
            try:
                header, _, document = self.socket.recv(65536).partition(b"\n")
            except BlockingIOError:
                return documents
            assert json.loads(header) == {"format": "json", "version": 1}
            documents.append(json.loads(document))


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.setblocking(False)
        yield Daemon(listening)


@pytest.fixture(scope="module")
def environment(aws: str, cloud: Arrivals, database: Database, daemon: Daemon) -> dict[str, str]:
    return {
        **aws_environment(aws),
        "FOLIOLENS_MODE": "aws",
        "FOLIOLENS_AWS_BUCKET": cloud.bucket,
        "FOLIOLENS_AWS_TABLE": create_table(),
        "FOLIOLENS_DATABASE_URL": database.url,
        "AWS_XRAY_DAEMON_ADDRESS": daemon.address,
    }


@pytest.fixture(scope="module")
def api(
    built: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LambdaFunction]:
    handler = "foliolens.entrypoints.lambda_api.handler"
    with running(built / "api.zip", handler, tmp_path_factory.mktemp("api"), environment) as started:
        yield started


def read_portfolio(api: LambdaFunction, identifier: UUID) -> int:
    now = datetime.now(UTC)
    claims = {
        "sub": str(uuid4()),
        "email": "ada@example.com",
        "email_verified": "true",
        "token_use": "access",
        "iat": now.strftime(CALENDAR),
        "exp": (now + timedelta(minutes=15)).strftime(CALENDAR),
    }
    event = rest_call("GET", f"/portfolios/{identifier}", claims=claims, Authorization="Bearer of.the.person")
    return int(api.invoke(event)["statusCode"])


def test_a_request_is_a_subsegment_of_lambdas_with_its_queries_in_it(
    api: LambdaFunction, daemon: Daemon
) -> None:
    identifier = uuid4()
    api.trace_by(TRACED)

    assert read_portfolio(api, identifier) == 404

    documents = daemon.received()
    (request,) = [each for each in documents if each["parent_id"] == SEGMENT]
    queries = [each for each in documents if each is not request]
    assert request["name"] == "GET /v1/portfolios/:portfolioId"
    assert request["annotations"] == {
        "http_request_method": "GET",
        "http_route": "/v1/portfolios/{portfolioId}",
        "http_response_status_code": 404,
    }
    assert {each["parent_id"] for each in queries} == {request["id"]}
    assert "SELECT portfolios" in {each["name"] for each in queries}
    for each in documents:
        assert (each["type"], each["trace_id"], each["fault"]) == ("subsegment", TRACE, False)
        assert request["start_time"] <= each["start_time"] <= each["end_time"] <= request["end_time"]
    assert len({each["id"] for each in documents}) == len(documents)
    told = json.dumps(documents)
    for secret in (str(identifier), identifier.hex, "ada@", "of.the.person"):
        assert secret not in told


def test_of_an_invocation_that_is_not_traced_nothing_is_told(api: LambdaFunction, daemon: Daemon) -> None:
    for header in (NOT_TRACED, "", "Root=1-5759e988-bd862e3fe1be46a994272793"):
        api.trace_by(header)
        assert read_portfolio(api, uuid4()) == 404

    assert daemon.received() == []


def test_a_job_that_fails_is_a_fault_and_its_exception_is_told_by_its_kind(
    built: Path,
    environment: dict[str, str],
    cloud: Arrivals,
    investor: Investor,
    daemon: Daemon,
    tmp_path: Path,
) -> None:
    investor.upload(CONTENT)
    handler = "foliolens.entrypoints.lambda_uploads.handler"
    with running(built / "uploads.zip", handler, tmp_path, environment) as uploads:
        uploads.trace_by(TRACED)
        with investor.database.system() as transaction:
            transaction.execute("SET LOCAL ROLE NONE")
            transaction.execute("ALTER TABLE portfolios RENAME TO mislaid")
        cloud.deliver(uploads)
        failed = daemon.received()
        with investor.database.system() as transaction:
            transaction.execute("SET LOCAL ROLE NONE")
            transaction.execute("ALTER TABLE mislaid RENAME TO portfolios")
        cloud.deliver(uploads)
        done = daemon.received()

    (fault,) = [each for each in failed if each["name"] == "job object_created"]
    (success,) = [each for each in done if each["name"] == "job object_created"]
    assert (fault["fault"], fault["annotations"]["error_type"]) == (True, "UndefinedTable")
    assert success["fault"] is False
    assert {each["parent_id"] for each in done} == {SEGMENT, success["id"]}
