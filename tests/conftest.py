"""Fixtures every test may use: a real PostgreSQL, and a migrated database of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from foliolens.kit.database import Database
from foliolens.kit.migrations import migrate
from tests.aws import moto_server
from tests.postgres import cloned_database, cluster


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what tests measured and did not judge."""
    told = [
        value
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "budget" and report.when == "call"
    ]
    if told:
        terminalreporter.section("budgets of the web app, one round")
        for line in told:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def template_url() -> Iterator[str]:
    with cluster() as url:
        migrate(url)
        yield url


@pytest.fixture
def database_url(template_url: str) -> Iterator[str]:
    with cloned_database(template_url) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, pool_size=4)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """AWS on loopback, for the whole session; tests make resources of their own in it."""
    with moto_server() as endpoint:
        yield endpoint
