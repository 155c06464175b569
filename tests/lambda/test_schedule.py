"""The clean-up function, run as Lambda runs it: overdue uploads are closed, or announced again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import unquote_plus
from uuid import UUID, uuid4

import pytest

from foliolens.adapters.aws import clients
from foliolens.kit.database import Database
from foliolens.uploads.models import object_key
from tests.aws import aws_environment, create_table
from tests.emf import assert_follows_the_specification, facts_of_lines, written
from tests.lambda_runtime import FunctionError, LambdaFunction, running

from .queues import Arrivals

RULE_EVENT = {"task": "clean"}
"""As the rule in `infra/stacks/service.py` sends it."""


def started(
    built: Path, aws: str, cloud: Arrivals, database: Database, folder: Path
) -> AbstractContextManager[LambdaFunction]:
    environment = {
        **aws_environment(aws),
        "FOLIOLENS_MODE": "aws",
        "FOLIOLENS_AWS_BUCKET": cloud.bucket,
        "FOLIOLENS_DATABASE_URL": database.url,
        "FOLIOLENS_AWS_TABLE": create_table(),
    }
    handler = "foliolens.entrypoints.lambda_schedule.handler"
    return running(built / "schedule.zip", handler, folder, environment)


@pytest.fixture(scope="module")
def function(
    built: Path, aws: str, cloud: Arrivals, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LambdaFunction]:
    with started(built, aws, cloud, database, tmp_path_factory.mktemp("schedule")) as opened:
        yield opened


@pytest.fixture
def user_id(database: Database) -> UUID:
    made = uuid4()
    with database.system() as transaction:
        transaction.execute("INSERT INTO users (id, email) VALUES (%s, %s)", (made, f"{made}@example.com"))
    return made


def overdue(database: Database, user_id: UUID) -> UUID:
    """An upload that was asked for an hour ago."""
    upload_id = uuid4()
    with database.user(user_id) as transaction:
        transaction.execute(
            "INSERT INTO uploads (id, user_id, creates_portfolio, filename, size, content_type, mode,"
            " validate_only, override_rules, expires_at)"
            " VALUES (%s, %s, true, 'h.csv', 10, 'text/csv', 'replace', false, false,"
            " now() - interval '1 hour')",
            (upload_id, user_id),
        )
    return upload_id


def status(database: Database, user_id: UUID, upload_id: UUID) -> str:
    with database.user(user_id) as transaction:
        row = transaction.execute("SELECT status FROM uploads WHERE id = %s", (upload_id,)).fetchone()
    assert row is not None
    return str(row["status"])


def test_an_upload_whose_file_never_came_expires(
    function: LambdaFunction, database: Database, user_id: UUID
) -> None:
    upload_id = overdue(database, user_id)

    done = function.invoke(RULE_EVENT)

    assert done["expireUploads"] == 1
    assert status(database, user_id, upload_id) == "EXPIRED"


def test_a_file_that_nobody_announced_is_announced_again(
    function: LambdaFunction, database: Database, cloud: Arrivals, user_id: UUID
) -> None:
    upload_id = overdue(database, user_id)
    key = object_key(user_id, upload_id)
    clients.s3().put_object(Bucket=cloud.bucket, Key=key, Body=b"Symbol,Dollar Amount\nVTI,1\n")
    assert cloud.lose() == 1  # the announcement

    function.invoke(RULE_EVENT)

    assert status(database, user_id, upload_id) == "QUEUED"
    assert [key in unquote_plus(message["body"]) for message in cloud.poll()] == [True]


def test_links_that_ended_are_forgotten(function: LambdaFunction, database: Database, user_id: UUID) -> None:
    portfolio_id = uuid4()
    with database.user(user_id) as transaction:
        transaction.execute(
            "INSERT INTO portfolios (id, user_id, name, total_value, holdings_count)"
            " VALUES (%s, %s, 'P', 1, 0)",
            (portfolio_id, user_id),
        )
        transaction.execute(
            "INSERT INTO shares (id, user_id, portfolio_id, token_hash, permissions, show_amounts,"
            " created_at, expires_at)"
            " VALUES (%s, %s, %s, %s, '{view}', false, now(), now() - interval '1 day')",
            (uuid4(), user_id, portfolio_id, uuid4().bytes * 2),
        )

    assert function.invoke(RULE_EVENT)["forgetExpiredShares"] == 1


def test_a_task_that_fails_keeps_no_other_from_its_work_and_is_told(
    function: LambdaFunction, database: Database, user_id: UUID
) -> None:
    upload_id = overdue(database, user_id)
    with database.system() as transaction:
        transaction.execute("SET LOCAL ROLE NONE")
        transaction.execute("ALTER TABLE idempotency_keys RENAME TO mislaid")
    try:
        with pytest.raises(FunctionError, match="forgetIdempotencyKeys"):
            function.invoke(RULE_EVENT)
    finally:
        with database.system() as transaction:
            transaction.execute("SET LOCAL ROLE NONE")
            transaction.execute("ALTER TABLE mislaid RENAME TO idempotency_keys")

    assert status(database, user_id, upload_id) == "EXPIRED"


def test_a_cold_start_is_told_once_and_each_task_is_counted(
    built: Path, aws: str, cloud: Arrivals, database: Database, tmp_path: Path
) -> None:
    with started(built, aws, cloud, database, tmp_path) as function, written(function.log) as lines:
        function.invoke(RULE_EVENT)
        function.invoke(RULE_EVENT)

    first, second = lines
    assert_follows_the_specification(first)
    assert first["ColdStart"] == [1]
    assert "_aws" not in second
    assert {fact for fact in facts_of_lines(lines) if fact[0] == "jobs"} == {
        ("jobs", task, "completed")
        for task in ("expireUploads", "forgetIdempotencyKeys", "forgetExpiredShares")
    }
    assert facts_of_lines(lines)["jobs", "expireUploads", "completed"] == 2


def test_a_task_nobody_knows_is_told(function: LambdaFunction) -> None:
    with pytest.raises(
        FunctionError, match="there is no task 'dust': choose one of clean, refresh_prices, forget_prices"
    ):
        function.invoke({"task": "dust"})
