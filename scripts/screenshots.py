"""Take the README's pictures of the web app: the sample account on a real server, in a real browser."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from foliolens.entrypoints.demo import DEMO_EMAIL, DEMO_PASSWORD

_ROOT = Path(__file__).parents[1]
_IMAGES = _ROOT / "docs" / "images"
_PORT = 8765
_URL = f"http://127.0.0.1:{_PORT}"
_DESK: dict[str, Any] = {"viewport": {"width": 1200, "height": 800}, "color_scheme": "light"}
_PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 800},
    "color_scheme": "dark",
    "is_mobile": True,
}
_PATIENCE_SECONDS = 60


@contextmanager
def _server() -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="foliolens-pictures-") as folder:
        command = [
            sys.executable,
            "-m",
            "foliolens.cli.main",
            "serve",
            "--demo",
            "--data",
            folder,
            "--port",
            str(_PORT),
        ]
        environment = os.environ | {"FOLIOLENS_RATE_LIMITS": "off"}
        process = subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
        )
        try:
            _wait()
            yield
        finally:
            process.terminate()
            process.wait()


def _wait() -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{_URL}/v1/health", timeout=2):  # noqa: S310 - our own server
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def _page(browser: Browser, device: dict[str, Any]) -> Iterator[Page]:
    context = browser.new_context(base_url=_URL, locale="en-US", reduced_motion="reduce", **device)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(DEMO_EMAIL)
    page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Total value").wait_for()
    yield page
    context.close()


def _import_example(page: Page) -> None:
    page.goto("/import")
    page.get_by_role("button", name="Try an example").click()
    page.get_by_role("button", name="Continue to review").click()
    page.get_by_text("rows will be imported").wait_for()


def _take(page: Page, name: str) -> None:
    page.screenshot(path=_IMAGES / f"{name}.png")


def main() -> None:
    """Write docs/images/*.png."""
    located = subprocess.run([_ROOT / "scripts" / "browser"], capture_output=True, text=True, check=True)  # noqa: S603
    with _server(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=located.stdout.strip(),
            args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
        )
        with _page(browser, _DESK) as page:
            _import_example(page)
            page.get_by_label("Name of the portfolio").fill("Family savings")
            page.get_by_role("button", name="Import 8 holdings").click()
            page.get_by_role("link", name="See what it holds").click()
            page.get_by_text("What makes up the score").wait_for()
            _take(page, "portfolio")
            page.get_by_role("link", name="Rebalance").click()
            page.get_by_role("button", name="+$1,000").click()
            page.get_by_role("heading", name="Before and after").wait_for()
            page.get_by_text("$56,000.00").wait_for()
            _take(page, "rebalance")
        with _page(browser, _PHONE) as page:
            _take(page, "phone-portfolios")
            _import_example(page)
            _take(page, "phone-review")
            page.goto("/")
            page.get_by_role("link", name="Family savings").click()
            page.get_by_role("img", name="Risk score").wait_for()
            _take(page, "phone-portfolio")
        browser.close()


if __name__ == "__main__":
    main()
