"""That functions in these tests are held to their roles: otherwise the other tests prove nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from foliolens.adapters.aws import clients
from tests.aws import create_table

from .queues import Arrivals

KEY = {"pk": {"S": "price#VTI"}, "sk": {"S": "state"}}


@pytest.fixture
def table(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    yield create_table()
    monkeypatch.undo()
    clients.forget()


def become(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", role)
    clients.forget()


@pytest.mark.parametrize("role", ["api", "auth", "market", "predict"])
def test_only_the_clean_up_reads_the_whole_table(
    table: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    become(role, monkeypatch)
    dynamodb = clients.dynamodb()
    with pytest.raises(dynamodb.exceptions.ClientError, match="AccessDenied"):
        dynamodb.scan(TableName=table)

    become("schedule", monkeypatch)
    assert clients.dynamodb().scan(TableName=table)["Count"] == 0


def test_a_transaction_needs_what_its_parts_need(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put = {"Put": {"TableName": table, "Item": KEY}}
    become("predict", monkeypatch)
    dynamodb = clients.dynamodb()
    with pytest.raises(dynamodb.exceptions.ClientError, match="AccessDenied"):
        dynamodb.transact_write_items(TransactItems=[put])  # type: ignore[list-item]

    become("market", monkeypatch)
    clients.dynamodb().transact_write_items(TransactItems=[put])  # type: ignore[list-item]


def test_objects_are_touched_by_those_alone_whose_work_it_is(
    cloud: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(role: str, key: str) -> list[bool]:
        become(role, monkeypatch)
        s3 = clients.s3()
        where = {"Bucket": cloud.bucket, "Key": key}
        copied = {**where, "CopySource": where, "MetadataDirective": "REPLACE"}
        allowed = []
        for attempt in (
            lambda: s3.put_object(**where, Body=b""),  # type: ignore[arg-type]
            lambda: s3.copy_object(**copied),  # type: ignore[arg-type]
            lambda: s3.head_object(**where),  # type: ignore[arg-type]
            lambda: s3.delete_object(**where),  # type: ignore[arg-type]
        ):
            try:
                attempt()
            except s3.exceptions.ClientError as error:
                assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
                allowed.append(False)
            else:
                allowed.append(True)
        return allowed

    try:
        clients.s3().put_object(Bucket=cloud.bucket, Key="uploads/a", Body=b"")
        clients.s3().put_object(Bucket=cloud.bucket, Key="dead-letters/a", Body=b"")
        # put, copy onto itself, look, delete
        assert tried("predict", "uploads/a") == [False, False, False, False]
        assert tried("schedule", "uploads/a") == [True, True, True, False]
        assert tried("schedule", "dead-letters/a") == [False, False, False, False]
        assert tried("uploads", "uploads/a") == [False, False, True, True]
        assert tried("uploads", "dead-letters/a") == [True, False, False, False]
        assert tried("api", "uploads/a") == [True, True, True, True]
    finally:
        monkeypatch.undo()
        clients.forget()
