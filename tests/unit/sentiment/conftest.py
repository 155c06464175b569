"""The embedded model, loaded once, and the hub that stands in for the real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from foliolens.sentiment.installation import EMBEDDED, embedded_folder, read_installation
from foliolens.sentiment.onnx_engine import OnnxEngine
from tests.unit.sentiment.stand_in_hub import StandInHub, stand_in_hub


@pytest.fixture(scope="session")
def embedded() -> OnnxEngine:
    return OnnxEngine(read_installation(EMBEDDED, embedded_folder()))


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    with stand_in_hub() as started:
        yield started
