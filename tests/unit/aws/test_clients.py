"""What clients make of AWS's real addresses, which the tests' stand-in has not: nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from foliolens.adapters.aws import clients
from foliolens.adapters.aws.s3_store import S3ObjectStore
from foliolens.ports.clock import SystemClock
from tests.aws import aws_environment


@pytest.fixture(autouse=True)
def _of_a_function(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in aws_environment("").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    clients.forget()
    yield
    clients.forget()


def test_a_form_is_sent_to_the_buckets_address_in_its_region() -> None:
    """The one that the web app's policy lets its pages connect to (`infra/constructs/frontend.py`)."""
    clock = SystemClock()
    ticket = S3ObjectStore("a-bucket", clock).sign_upload(
        "uploads/a/b.csv", size=10, content_type="text/csv", expires_at=clock.now() + timedelta(minutes=15)
    )

    assert ticket.url == "https://a-bucket.s3.eu-central-1.amazonaws.com/"
