"""The uploads function behind a real queue: whatever the queue does, a file is imported once or refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from foliolens.adapters.aws import clients
from foliolens.kit.database import Database
from tests.aws import aws_environment
from tests.emf import assert_follows_the_specification, facts_of_lines, written
from tests.lambda_runtime import LambdaFunction, running

from .investors import CONTENT, Investor
from .queues import Arrivals

BROKEN = b"Symbol,Dollar Amount\nVTI,many\n"


@pytest.fixture(scope="module")
def start(
    built: Path, aws: str, cloud: Arrivals, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], AbstractContextManager[LambdaFunction]]:
    """Starts an execution environment of the function."""
    environment = {
        **aws_environment(aws),
        "FOLIOLENS_MODE": "aws",
        "FOLIOLENS_AWS_BUCKET": cloud.bucket,
        "FOLIOLENS_DATABASE_URL": database.url,
    }
    return lambda: running(
        built / "uploads.zip",
        "foliolens.entrypoints.lambda_uploads.handler",
        tmp_path_factory.mktemp("uploads"),
        environment,
    )


@pytest.fixture(scope="module")
def function(start: Callable[[], AbstractContextManager[LambdaFunction]]) -> Iterator[LambdaFunction]:
    with start() as started:
        yield started


def test_an_arrived_file_becomes_a_portfolio(
    function: LambdaFunction, cloud: Arrivals, investor: Investor
) -> None:
    upload_id = investor.upload(CONTENT)

    cloud.deliver(function)

    status = investor.status(upload_id)
    assert (status.status, status.rows.imported, investor.portfolios()) == ("COMPLETED", 2, 1)
    assert cloud.deliver(function) == 0


def test_a_faulty_file_is_refused_with_its_errors_and_not_tried_again(
    function: LambdaFunction, cloud: Arrivals, investor: Investor
) -> None:
    upload_id = investor.upload(BROKEN)

    cloud.deliver(function)

    status = investor.status(upload_id)
    assert (status.status, [error.code for error in status.errors]) == ("FAILED", ["INVALID_NUMBER"])
    assert cloud.deliver(function) == 0


def test_messages_twice_out_of_order_and_after_the_commit_import_once(
    function: LambdaFunction, cloud: Arrivals, investor: Investor
) -> None:
    uploads = [investor.upload(CONTENT.replace(b"6000", str(6000 + n).encode())) for n in range(3)]
    records = cloud.poll()

    # Nothing is acknowledged: as after a crash between the commit and the acknowledgement.
    for batch in (records[::-1], [records[1], *records], records):
        assert function.invoke({"Records": batch}) == {"batchItemFailures": []}

    assert [investor.status(upload).status for upload in uploads] == ["COMPLETED"] * 3
    assert investor.portfolios() == 3


def test_one_poisoned_message_does_not_hold_up_the_others(
    function: LambdaFunction, cloud: Arrivals, investor: Investor
) -> None:
    clients.sqs().send_message(QueueUrl=cloud.queue, MessageBody="{no json")
    upload_id = investor.upload(CONTENT)

    deliveries = _until_quiet(function, cloud)

    assert investor.status(upload_id).status == "COMPLETED"
    assert deliveries == 5
    assert cloud.letters() == [("{no json", "JsonError in attempt 5")]
    assert cloud.take_dead() == ["{no json"]


def test_a_fault_of_ours_ends_in_the_dead_letters_and_redriving_mends_it(
    start: Callable[[], AbstractContextManager[LambdaFunction]],
    function: LambdaFunction,
    cloud: Arrivals,
    investor: Investor,
) -> None:
    upload_id = investor.upload(CONTENT)
    with investor.database.system() as transaction:
        transaction.execute("SET LOCAL ROLE NONE")
        transaction.execute("ALTER TABLE portfolios RENAME TO mislaid")

    with written(function.log) as lines:
        _until_quiet(function, cloud)
    ((_, reason),) = cloud.letters()
    failed = investor.status(upload_id)
    with investor.database.system() as transaction:
        transaction.execute("SET LOCAL ROLE NONE")
        transaction.execute("ALTER TABLE mislaid RENAME TO portfolios")
    printed = cloud.admin("--redrive")
    cloud.deliver(function)

    assert (failed.status, [error.code for error in failed.errors]) == ("FAILED", ["PROCESSING_FAILED"])
    assert "mislaid" not in failed.model_dump_json()
    assert reason == "UndefinedTable in attempt 5"
    assert facts_of_lines(lines)["jobs", "object_created", "given-up"] == 1
    assert facts_of_lines(lines)["events", "upload-failed"] == 1
    assert printed == "Messages put back into the queue: 1.\n"
    assert cloud.admin() == "No dead letters.\n"
    assert (investor.status(upload_id).status, investor.portfolios()) == ("COMPLETED", 1)


def test_a_function_killed_at_work_leaves_nothing_half_written(
    start: Callable[[], AbstractContextManager[LambdaFunction]], cloud: Arrivals, investor: Investor
) -> None:
    upload_id = investor.upload(CONTENT)
    records = cloud.poll()
    with start() as first:
        first.begin({"Records": records})
        first.process.kill()

    with start() as second:
        second.invoke({"Records": records})

    assert (investor.status(upload_id).status, investor.portfolios()) == ("COMPLETED", 1)


def test_a_batch_leaves_one_line_of_metrics(
    function: LambdaFunction, cloud: Arrivals, investor: Investor
) -> None:
    _until_quiet(function, cloud)  # what other tests left behind
    for content in (CONTENT, BROKEN):
        investor.upload(content)
    records = cloud.poll()

    with written(function.log) as lines:
        function.invoke({"Records": records})

    (line,) = lines
    assert_follows_the_specification(line)
    facts = facts_of_lines(lines)
    assert facts["jobs", "object_created", "completed"] == 2
    assert facts["job seconds", "object_created"] > 0
    assert {fact: count for fact, count in facts.items() if fact[0] == "events"} == {
        ("events", "portfolio-created"): 1,
        ("events", "upload-imported"): 1,
        ("events", "upload-failed"): 1,
    }


def test_the_test_message_of_s3_is_no_upload(function: LambdaFunction) -> None:
    body = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})

    assert function.invoke({"Records": _records([body])}) == {"batchItemFailures": []}


def _records(bodies: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "messageId": str(uuid4()),
            "receiptHandle": "h",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
        }
        for body in bodies
    ]


def _until_quiet(function: LambdaFunction, cloud: Arrivals) -> int:
    """Deliver until the queue is empty; how often there was something."""
    for deliveries in range(20):
        if not cloud.deliver(function):
            return deliveries
    raise AssertionError("the queue never became empty")
