"""That functions in these tests are held to their roles: otherwise the other tests prove nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from foliolens.adapters.aws import clients
from tests.aws import create_table

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
