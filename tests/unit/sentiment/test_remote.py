"""A model in another function: what is asked of it, and what becomes of an answer that is none."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from foliolens.errors import ServiceUnavailable
from foliolens.kit.logging import request_id
from foliolens.sentiment.remote import RemoteJudge


def test_a_refusal_is_told_as_being_busy() -> None:
    asked: list[Mapping[str, Any]] = []

    def busy(event: Mapping[str, Any]) -> Mapping[str, Any]:
        asked.append(event)
        return {"statusCode": 503, "body": '{"error": "SERVICE_UNAVAILABLE"}'}

    token = request_id.set("the-request")
    try:
        with pytest.raises(ServiceUnavailable):
            asyncio.run(RemoteJudge(busy)(["Profit rose."]))
    finally:
        request_id.reset(token)

    assert asked[0]["headers"]["X-Request-Id"] == "the-request"
