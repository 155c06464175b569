"""A secret in the table, against moto's DynamoDB over HTTP."""

from __future__ import annotations

import pytest

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.shared_secret import load_or_create_secret
from tests.aws import create_table


@pytest.fixture
def table(aws: str) -> str:
    return create_table()


def test_functions_agree_on_it(table: str) -> None:
    first = load_or_create_secret(table, "log-key")

    assert len(first) == 32
    assert load_or_create_secret(table, "log-key") == first
    assert load_or_create_secret(table, "another") != first


def test_whoever_comes_second_takes_the_firsts(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dynamodb = clients.dynamodb()
    read = dynamodb.get_item

    def read_before_the_first_wrote(**arguments: object) -> object:
        monkeypatch.setattr(dynamodb, "get_item", read)
        found = read(**arguments)  # type: ignore[arg-type]
        load_or_create_secret(table, "log-key")
        return found

    monkeypatch.setattr(dynamodb, "get_item", read_before_the_first_wrote)
    second = load_or_create_secret(table, "log-key")

    assert second == load_or_create_secret(table, "log-key")
