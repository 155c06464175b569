"""Pages of the web app in a browser, and everything they complain about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from foliolens.accounts.web_session import COOKIE, COOKIE_PATH
from tests.api.conftest import PASSWORD, Server

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

DESKTOP: Mapping[str, Any] = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE: Mapping[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "color_scheme": "dark",
    "is_mobile": True,
    "has_touch": True,
}


class Complaints:
    """What a page says on the console or breaks, and every place it asks for something."""

    def __init__(self, page: Page) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on(
            "console",
            lambda message: self.said.append(message.text) if message.type in {"error", "warning"} else None,
        )
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " event => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`))"
        )


@contextmanager
def opened(
    browser: Browser, server: Server, device: Mapping[str, Any] = DESKTOP, *, email: str = "", **options: Any
) -> Iterator[tuple[Page, Complaints]]:
    """A page of a browser of its own, signed in where an address is given."""
    context = browser.new_context(
        base_url=server.url, locale="en-US", reduced_motion="reduce", **{**device, **options}
    )
    try:
        if email:
            context.add_cookies([_cookie(server, email)])
            context.add_init_script("localStorage.setItem('foliolens.session', '1')")
        page = context.new_page()
        page.set_default_timeout(15_000)
        yield page, Complaints(page)
    finally:
        context.close()


def _cookie(server: Server, email: str) -> Any:
    signed_in = httpx.post(
        f"{server.url}/v1/auth/session",
        json={"email": email, "password": PASSWORD},
        headers={"X-Requested-With": "FolioLens"},
    )
    return {
        "name": COOKIE,
        "value": signed_in.cookies[COOKIE],
        "domain": "127.0.0.1",
        "path": COOKIE_PATH,
        "httpOnly": True,
        "sameSite": "Strict",
    }


def violations(page: Page) -> list[str]:
    """What axe-core finds: WCAG 2.2 AA and best practices."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", _RULES
    )
    return [
        f"{violation['id']}: {json.dumps([node['html'][:200] for node in violation['nodes'][:4]])}"
        f" {violation['nodes'][0].get('failureSummary', '')[:300]}"
        for violation in found["violations"]
    ]


def wider_than_the_screen(page: Page) -> list[str]:
    """What makes the page scroll sideways; nothing where it does not."""
    found: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          const wide = [...document.querySelectorAll('body *')].filter(
            (element) => element.getBoundingClientRect().right > width && !element.closest('.scroll'));
          return wide.map((element) => element.outerHTML.slice(0, 120)).concat(['the page']);
        }"""
    )
    return found


def assert_sound(page: Page, complaints: Complaints) -> None:
    """Nothing is inaccessible, wider than the screen, unformatted or complained about."""
    assert violations(page) == []
    assert wider_than_the_screen(page) == []
    text = page.locator("body").inner_text()
    for raw in ("undefined", "NaN", "null", "[object", "Infinity"):
        assert raw not in text, f"the page says {raw!r}"
    assert complaints.said == []
