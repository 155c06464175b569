"""One server for everything that is thrown at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.conftest import Server, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server(auto_confirm="true", max_portfolios="100000", max_shares="100000") as started:
        yield started
