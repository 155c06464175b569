"""One server for everything that is thrown at it, with stand-ins of the providers of market data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import providers
from tests.api.conftest import Server, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with (
        providers.settings(quota=1_000_000) as market,
        running_server(
            auto_confirm="true", max_portfolios="100000", max_shares="100000", **market
        ) as started,
    ):
        yield started
