"""The web app's budgets, measured in one round and told when the tests end; `bench web` has the medians."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from bench.web import budgets
from playwright.sync_api import Browser

from tests.api.conftest import Server, User, signed_up


@pytest.fixture
def owner(server: Server) -> Iterator[User]:
    with signed_up(server) as user:
        yield user


def test_what_does_not_depend_on_the_machine_is_kept(
    server: Server, browser: Browser, owner: User, record_property: Callable[[str, object], None]
) -> None:
    figures = budgets(browser, server, owner, rounds=1)

    for figure in figures:
        record_property("budget", f"{figure.name}: {figure.value} (aim {figure.aim})")
    (shift,) = [figure.value for figure in figures if figure.name.startswith("layout shift")]
    assert float(shift) == 0
