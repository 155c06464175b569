"""What `api` takes into a snapshot and out of it: no connection whose other end may be gone."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg

from foliolens.kit.database import Database
from tests.aws import aws_environment, create_table
from tests.gateway_events import rest_call
from tests.lambda_runtime import running

from .queues import Arrivals


def test_connections_end_before_a_snapshot_and_begin_after_it(
    built: Path, aws: str, cloud: Arrivals, database: Database, tmp_path: Path
) -> None:
    environment = {
        **aws_environment(aws),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
        "FOLIOLENS_MODE": "aws",
        "FOLIOLENS_AWS_BUCKET": cloud.bucket,
        "FOLIOLENS_AWS_TABLE": create_table(),
        "FOLIOLENS_DATABASE_URL": database.url,
    }
    others = _backends(database)
    handler = "foliolens.entrypoints.lambda_api.handler"
    with running(built / "api.zip", handler, tmp_path, environment) as function:
        function.reach_snapshot()
        process = psutil.Process(function.process.pid)
        ports = {each.raddr.port for each in process.net_connections("tcp") if each.raddr}
        before = _backends(database) - others

        function.restore()
        answer = function.invoke(rest_call("GET", "/health"))
        deadline = time.monotonic() + 20
        while (after := _backends(database) - others) & before or not after:
            assert time.monotonic() < deadline, (before, after)
            time.sleep(0.05)

    assert before
    assert urlsplit(aws).port not in ports
    assert answer["statusCode"] == 200


def _backends(database: Database) -> set[int]:
    with psycopg.connect(database.url) as somebody:
        rows = somebody.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchall()
    return {int(pid) for (pid,) in rows}
