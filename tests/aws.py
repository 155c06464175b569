"""AWS for tests: a moto server on loopback, spoken to over HTTP by the real botocore."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from moto.dynamodb.responses import DynamoHandler
from moto.server import ThreadedMotoServer

from foliolens.adapters.aws import clients

__all__ = ["aws_environment", "create_table", "moto_server"]


def aws_environment(endpoint: str) -> dict[str, str]:
    """What botocore reads from the environment to speak to the stand-in, and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


@contextmanager
def moto_server() -> Iterator[str]:
    """Run the server, and point this process's AWS clients at it while the block lasts.

    Yields:
        Its URL.
    """
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    before = dict(os.environ)
    os.environ.update(aws_environment(endpoint))
    clients.forget()
    try:
        with _transactions_one_at_a_time():
            yield endpoint
    finally:
        clients.forget()
        os.environ.clear()
        os.environ.update(before)
        server.stop()


@contextmanager
def _transactions_one_at_a_time() -> Iterator[None]:
    """Let requests to DynamoDB take turns, as if each were isolated from the others, which they are on AWS.

    Moto undoes a transaction that fails by putting the tables back as they were before, and with them what
    others have written meanwhile.
    """
    answer, turn = DynamoHandler.call_action, threading.Lock()

    def in_turn(self: DynamoHandler) -> Any:
        with turn:
            return answer(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DynamoHandler, "call_action", in_turn)
        yield


def create_table() -> str:
    """Make a table as the stack makes it; its name."""
    name = f"foliolens-{uuid4()}"
    clients.dynamodb().create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    return name
