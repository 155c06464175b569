"""While DynamoDB does not answer: people keep their portfolios, nobody is let in unchecked."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foliolens.kit.database import Database
from tests.aws import aws_environment
from tests.gateway_events import rest_call
from tests.lambda_runtime import LambdaFunction, running

from .investors import new_investor
from .queues import Arrivals

PORTFOLIO = {"name": "Mine", "assets": [{"symbol": "VTI", "dollarAmount": 1000}]}


@pytest.fixture(params=["refuses", "hangs"])
def outage(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a table that answers nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        if request.param == "refuses":
            listening.close()
        yield f"http://127.0.0.1:{port}"


def test_portfolios_and_reports_are_there_and_strangers_stay_out(
    built: Path, aws: str, cloud: Arrivals, database: Database, tmp_path: Path, outage: str
) -> None:
    known = new_investor(database, cloud.bucket)
    environment = {
        **aws_environment(aws),
        "AWS_ENDPOINT_URL_DYNAMODB": outage,
        "FOLIOLENS_MODE": "aws",
        "FOLIOLENS_AWS_BUCKET": cloud.bucket,
        "FOLIOLENS_AWS_TABLE": "unreachable",
        "FOLIOLENS_DATABASE_URL": database.url,
    }
    with running(built / "api.zip", "foliolens.entrypoints.lambda_api.handler", tmp_path, environment) as api:
        made = _ask(api, "POST", "/portfolios", str(known.user_id), PORTFOLIO)
        report = _ask(api, "GET", f"/portfolios/{made[1]['id']}/risk", str(known.user_id))
        stranger = _ask(api, "GET", "/portfolios", "22222222-2222-4333-8444-555555555555")

    assert made[0] == 201
    assert report[0] == 200
    assert "PROVIDER_ERROR" in json.dumps(report[1])
    assert (stranger[0], stranger[1]["error"]) == (503, "SERVICE_UNAVAILABLE")


def _ask(
    api: LambdaFunction, method: str, path: str, user: str, body: dict[str, Any] | None = None
) -> tuple[int, Any]:
    claims = {"sub": user, "email": f"{user}@example.com", "email_verified": "true"}
    event = rest_call(
        method,
        path,
        None if body is None else json.dumps(body),
        claims={**claims, "iat": "1795687200", "exp": "1795688100"},
        Authorization="Bearer x",
    )
    answer = api.invoke(event)
    return answer["statusCode"], json.loads(answer["body"])
