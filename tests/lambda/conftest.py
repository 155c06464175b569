"""The functions' packages, built once for this machine, and the functions running from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra import packages
from tests.api.conftest import server

__all__ = ["built", "server"]

FUNCTIONS = ("api", "auth", "market", "migrate", "predict", "schedule", "sentiment", "uploads")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    packages.build(folder, functions=FUNCTIONS, target=packages.host())
    return folder
