"""A real server and a real Chromium."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.api.conftest import Server, running_server

pytest.register_assert_rewrite("tests.browser.pages")

LOCATE = Path(__file__).parents[2] / "scripts" / "browser"
# Nothing but our server is to be asked for anything, and a container has neither a sandbox nor a GPU.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    with running_server() as started:
        yield started


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium without a window."""
    located = subprocess.run([LOCATE], capture_output=True, text=True, check=False)
    assert located.returncode == 0, located.stderr
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=located.stdout.strip(), headless=True, args=list(ARGUMENTS)
        )
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched
