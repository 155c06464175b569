"""The functions' packages, built once for this machine, and the functions running from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foliolens.kit.database import Database
from infra import packages
from tests.api.conftest import server
from tests.postgres import cloned_database

from .queues import Arrivals, arrivals

__all__ = ["built", "server"]

FUNCTIONS = ("api", "auth", "market", "migrate", "predict", "schedule", "sentiment", "uploads")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    packages.build(folder, functions=FUNCTIONS, target=packages.host())
    return folder


@pytest.fixture(scope="module")
def database(template_url: str) -> Iterator[Database]:
    """A migrated database of the module's own, which its functions use too."""
    with cloned_database(template_url) as url:
        opened = Database(url, pool_size=2)
        opened.open()
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def cloud(aws: str) -> Arrivals:
    """A bucket of the module's own that announces its files."""
    return arrivals()
