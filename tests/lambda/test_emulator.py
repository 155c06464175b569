"""What Lambda enforces, enforced by AWS's own emulator: how long a function takes, how much it answers."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from foliolens.adapters.aws.dead_letters import Reasons
from foliolens.holdings.models import Holding
from foliolens.kit.database import Database
from foliolens.portfolios import store
from foliolens.portfolios.store import PortfolioFields
from foliolens.reference.taxonomy import AssetType, Region, Sector
from tests.aws import aws_environment, create_table
from tests.gateway_events import rest_call
from tests.lambda_emulator import EmulatedFunction, emulated

from .investors import CONTENT, Investor
from .queues import Arrivals

_CALENDAR = "%a %b %d %H:%M:%S UTC %Y"
_TOO_MUCH = """
def handler(event, context):
    return {"body": "x" * event["bytes"]}
"""
_LATE = "Task timed out after 6.00 seconds"


@pytest.fixture(scope="module")
def environment(aws: str, cloud: Arrivals, database: Database) -> dict[str, str]:
    return {
        **aws_environment(aws),
        "FOLIOLENS_MODE": "aws",
        "FOLIOLENS_AWS_BUCKET": cloud.bucket,
        "FOLIOLENS_AWS_TABLE": create_table(),
        "FOLIOLENS_DATABASE_URL": database.url,
    }


def test_the_emulator_refuses_an_answer_of_more_than_six_megabytes(tmp_path: Path) -> None:
    package = tmp_path / "much.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("much.py", _TOO_MUCH)
    with emulated(package, "much.handler", tmp_path / "function", {}, seconds=10) as function:
        little = function.invoke({"bytes": 1_000_000})
        much = function.invoke({"bytes": 7_000_000})

    assert len(little.json()["body"]) == 1_000_000
    assert much.json()["errorType"] == "Function.ResponseSizeTooLarge"


@pytest.fixture(scope="module")
def api(
    built: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmulatedFunction]:
    handler, folder = "foliolens.entrypoints.lambda_api.handler", tmp_path_factory.mktemp("api")
    with emulated(built / "api.zip", handler, folder, environment, seconds=30) as started:
        yield started


def test_api_says_itself_that_an_answer_is_too_large(api: EmulatedFunction, database: Database) -> None:
    user = uuid4()
    with database.system() as transaction:
        transaction.execute("INSERT INTO users (id, email) VALUES (%s, %s)", (user, f"{user}@example.com"))
    with database.user(user) as transaction:
        for number in range(40):
            store.insert_portfolio(
                transaction,
                user,
                PortfolioFields(name=f"Portfolio {number}"),
                [_holding(position) for position in range(500)],
                risk_score=50.0,
                now=datetime.now(UTC),
            )

    export = api.invoke(_asked(user, "/user/export")).json()
    page = api.invoke(_asked(user, "/portfolios")).json()

    assert export["statusCode"] == 422
    refusal = json.loads(export["body"])
    assert refusal["error"] == "UNPROCESSABLE"
    assert "6 MB" in refusal["message"]
    assert refusal["requestId"] == export["headers"]["x-request-id"]
    assert page["statusCode"] == 200
    assert json.loads(page["body"])["pagination"]["total"] == 40


def _holding(position: int) -> Holding:
    return Holding(
        symbol=f"S{position}",
        name=f"A holding whose name says a good deal about it, number {position}",
        type=AssetType.STOCK,
        category=None,
        sector=Sector.UNKNOWN,
        region=Region.UNKNOWN,
        allocation=Decimal("0.20"),
        amount=Decimal("20.00"),
    )


def _asked(user: UUID, path: str) -> dict[str, object]:
    now = datetime.now(UTC)
    claims = {
        "sub": str(user),
        "email": f"{user}@example.com",
        "email_verified": "true",
        "iat": now.strftime(_CALENDAR),
        "exp": (now + timedelta(minutes=15)).strftime(_CALENDAR),
    }
    return rest_call("GET", path, claims=claims, Authorization="Bearer x")


@pytest.mark.parametrize(
    ("deliveries", "status", "reason"),
    [(1, "PROCESSING", None), (5, "FAILED", "OutOfTime in attempt 5")],
)
def test_a_file_that_takes_too_long_leaves_nothing_half_written_and_says_so_when_it_is_given_up(
    built: Path,
    environment: dict[str, str],
    cloud: Arrivals,
    database: Database,
    investor: Investor,
    tmp_path: Path,
    deliveries: int,
    status: str,
    reason: str | None,
) -> None:
    upload_id = investor.upload(CONTENT)
    (record,) = (record for record in cloud.poll() if str(upload_id) in record["body"])
    event = {"Records": [record]}
    record["attributes"]["ApproximateReceiveCount"] = str(deliveries)
    handler = "foliolens.entrypoints.lambda_uploads.handler"
    with emulated(built / "uploads.zip", handler, tmp_path, environment, seconds=6) as function:
        _delivered(function, {"Records": []})  # it has started when the file comes
        with psycopg.connect(database.url) as somebody, ThreadPoolExecutor(1) as queue:
            # The portfolio is inserted before its holdings: the work is stopped between the two, before
            # PostgreSQL ends the wait for the lock by itself.
            somebody.execute("LOCK TABLE holdings IN SHARE MODE")
            delivery = queue.submit(function.invoke, event)
            while not _waits_for_holdings(somebody):
                assert not delivery.done(), delivery.result().text
                time.sleep(0.05)
            stopped = delivery.result().json()
        before = investor.status(upload_id).status, investor.portfolios()
        kept = None if reason is None else Reasons(cloud.bucket).read(record["messageId"])
        again = _delivered(function, event)

    assert stopped == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    assert before == (status, 0)
    assert kept == reason
    assert again == {"batchItemFailures": []}
    assert (investor.status(upload_id).status, investor.portfolios()) == ("COMPLETED", 1)


def _waits_for_holdings(connection: psycopg.Connection[Any]) -> bool:
    return bool(
        connection.execute(
            "SELECT FROM pg_locks WHERE relation = 'holdings'::regclass AND NOT granted"
        ).fetchall()
    )


def _delivered(function: EmulatedFunction, event: dict[str, Any]) -> Any:
    """Deliver an event again while a machine that is busy takes too long to start the function."""
    for _ in range(5):
        answer = function.invoke(event)
        if _LATE not in answer.text:
            return answer.json()
    raise AssertionError(function.log.read_text())
