"""What each entry point loads: nothing its function does not use, for a cold start pays for all of it."""

from __future__ import annotations

import os
import subprocess
import sys
from uuid import uuid4

import pytest

from tests.aws import aws_environment

_HEAVY = frozenset(
    {
        "alembic",
        "asyncio",
        "boto3",
        "botocore",
        "fastapi",
        "numpy",
        "onnxruntime",
        "psycopg",
        "pydantic",
        "sqlalchemy",
        "starlette",
        "tokenizers",
    }
)


@pytest.mark.parametrize(
    ("function", "needed"),
    [
        ("api", {"asyncio", "botocore", "fastapi", "psycopg", "pydantic", "starlette"}),
        ("auth", {"asyncio", "botocore", "fastapi", "pydantic", "starlette"}),
        ("market", {"asyncio", "botocore", "fastapi", "numpy", "pydantic", "starlette"}),
        ("migrate", {"asyncio", "psycopg"}),
        ("predict", {"numpy", "pydantic"}),
        ("schedule", {"asyncio", "botocore", "psycopg"}),
        ("sentiment", {"asyncio", "numpy", "onnxruntime", "pydantic", "tokenizers"}),
        ("uploads", {"asyncio", "botocore", "psycopg"}),
    ],
)
def test_an_entry_point_loads_what_it_uses_and_no_more(
    function: str, needed: set[str], database_url: str, aws: str
) -> None:
    # A function is ready when it is imported, connected to what it needs.
    environment = {
        "FOLIOLENS_DATABASE_URL": database_url,
        "FOLIOLENS_AWS_BUCKET": "uploads",
        "FOLIOLENS_AWS_TABLE": "table",
        "FOLIOLENS_AWS_USER_POOL_ID": "eu-central-1_pool",
        "FOLIOLENS_AWS_USER_POOL_CLIENT_ID": "client",
        "FOLIOLENS_AWS_API_FUNCTION": "api",
        "FOLIOLENS_AWS_DEVICE_PARAMETER": f"/foliolens/{uuid4()}/device-key",
        "FOLIOLENS_AWS_PROVIDER_PARAMETER": f"/foliolens/{uuid4()}/provider-keys",
        "FOLIOLENS_AWS_SENTIMENT_FUNCTION": "sentiment",
        "FOLIOLENS_MODE": "aws",
        **aws_environment(aws),
    }
    program = f"import gc, sys, foliolens.entrypoints.lambda_{function}; print(gc.isenabled(), *sys.modules)"

    collecting, *loaded = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    ).stdout.split()

    assert _HEAVY.intersection(loaded) == needed
    assert collecting == "True"  # again, once the start is over
