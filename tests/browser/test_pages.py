"""Every page, by day on a desk and by night on a phone: sound, whatever is in it."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from playwright.sync_api import Browser, expect
from psycopg.types.json import Jsonb

from foliolens.adapters.local.postgres import running_url
from foliolens.uploads.models import object_key
from tests.api.conftest import Server, User, command, environment, signed_up
from tests.api.exchanges import create_portfolio, holding, portfolio

from .pages import DESKTOP, PHONE, assert_sound, opened

DEVICES = pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desk, light", "phone, dark"])
WIDE_NAME = "Donaudampfschifffahrtsgesellschaftskapitänsrücklage" * 3


@pytest.fixture(scope="module")
def owner(server: Server) -> Iterator[User]:
    with signed_up(server) as user:
        yield user


@pytest.fixture(scope="module")
def ids(owner: User) -> dict[str, str]:
    """Portfolios that are hard to show."""
    fifty = [holding(f"STK{number}", 1000 + 37 * number, name=f"Company {number}") for number in range(50)]
    made = {
        "fifty": portfolio("Fifty", *fifty),
        "long": portfolio(WIDE_NAME, holding("VTI", 5000, name=WIDE_NAME), holding("BND", 5000)),
        "extreme": portfolio(
            "Extremes",
            holding("VTI", 999_999_999_999),
            holding("BND", 888_888_888_888.88),
            holding("ZERO", 0, name="Nothing"),
            overrideRules=True,
        ),
    }
    return {name: create_portfolio(owner.client, **body)["id"] for name, body in made.items()}


@pytest.fixture(scope="module")
def link(owner: User, ids: dict[str, str]) -> str:
    shared = owner.client.post(f"/portfolios/{ids['fifty']}/share", json={"permissions": ["view", "analyze"]})
    return str(shared.json()["shareUrl"])


@DEVICES
@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/sign-in", "Sign in"),
        ("/register", "Create your account"),
        ("/confirm", "Check your mail"),
        ("/forgot", "Set a new password"),
        ("/shared/#nothing", "Link not found"),
        ("/nowhere", "There is no such page"),
    ],
)
def test_pages_for_everybody(
    server: Server, browser: Browser, device: Mapping[str, Any], path: str, heading: str
) -> None:
    with opened(browser, server, device) as (page, complaints):
        page.goto(path)
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_attached()
        if "shared" in path:  # a 404 that is the answer
            complaints.said.clear()
        assert_sound(page, complaints)


@DEVICES
@pytest.mark.parametrize(
    ("path", "landmark"),
    [
        ("/", "Fifty"),
        ("/import", "Drop your broker's file here"),
        ("/portfolios/{fifty}", "What makes up the score"),
        ("/portfolios/{long}", "What makes up the score"),
        ("/portfolios/{extreme}", "What makes up the score"),
        ("/portfolios/{fifty}/import", "Replace the holdings"),
        ("/portfolios/{long}/rebalance", "What it does to the risk"),
        ("/compare?of={fifty},{long},{extreme}", "Who is best in what"),
        ("/market", "Look up a ticker"),
        ("/settings", "Member since"),
    ],
)
def test_pages_of_an_account(
    server: Server,
    browser: Browser,
    owner: User,
    ids: dict[str, str],
    device: Mapping[str, Any],
    path: str,
    landmark: str,
) -> None:
    with opened(browser, server, device, email=owner.email) as (page, complaints):
        page.goto(path.format(**ids))
        expect(page.get_by_text(landmark).first).to_be_visible()
        for table in page.get_by_text("Show as table").all():
            table.click()
        assert_sound(page, complaints)


@pytest.fixture(scope="module")
def priced(server: Server) -> str:
    """A ticker with prices in the data folder."""
    rows = ["date,open,high,low,close,volume,adjClose"]
    for number in range(200):
        day, close = date(2024, 1, 2) + timedelta(days=number), 100 + number % 17
        rows.append(f"{day},{close},{close + 1},{close - 1},{close},{1000 + number},{close}")
    folder = server.data / "prices"
    folder.mkdir(exist_ok=True)
    (folder / "ZED.csv").write_text("\n".join(rows) + "\n")
    return "ZED"


@DEVICES
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati"])
def test_a_ticker_with_its_days_as_they_were_wherever_one_reads(
    server: Server, browser: Browser, owner: User, priced: str, device: Mapping[str, Any], zone: str
) -> None:
    with opened(browser, server, device, email=owner.email, timezone_id=zone) as (page, complaints):
        page.goto(f"/market/{priced}")
        chart = page.get_by_role("img", name="Price of ZED")
        expect(chart).to_have_attribute("aria-label", re.compile("Jul 19, 2024: ZED 112.00"), timeout=60_000)
        page.get_by_role("button", name="1M", exact=True).click()
        expect(chart).to_be_visible()
        chart.press("Home")
        expect(chart).to_have_attribute("aria-label", re.compile("Jun 18, 2024: ZED"))
        page.get_by_text("Show as table").first.click()
        assert_sound(page, complaints)


@DEVICES
def test_a_shared_portfolio(server: Server, browser: Browser, link: str, device: Mapping[str, Any]) -> None:
    with opened(browser, server, device) as (page, complaints):
        page.goto(link)
        expect(page.get_by_text("What makes up the score")).to_be_visible()
        assert "$" not in page.locator("main").inner_text()
        assert_sound(page, complaints)


@DEVICES
def test_the_dialogs_of_a_portfolio_and_its_editor(
    server: Server, browser: Browser, owner: User, ids: dict[str, str], device: Mapping[str, Any]
) -> None:
    with opened(browser, server, device, email=owner.email) as (page, complaints):
        page.goto(f"/portfolios/{ids['long']}")
        for button, title in (("Share", "Share "), ("Delete", "Delete this"), ("Rename", "Rename the")):
            page.get_by_role("button", name=button, exact=True).click()
            expect(page.get_by_role("dialog", name=title)).to_be_visible()
            assert_sound(page, complaints)
            page.get_by_role("button", name="Close").click()
        page.get_by_role("button", name="Map").click()
        assert_sound(page, complaints)
        page.get_by_role("button", name="Edit holdings").click()
        assert_sound(page, complaints)


@pytest.fixture(scope="module")
def operator(server: Server) -> Iterator[User]:
    """Somebody who runs the server, and a job that was given up."""
    with signed_up(server) as user:
        made = subprocess.run(
            command("admin", "operator", user.email, "--data", str(server.data)),
            check=False,
            env=environment(),
        )
        assert made.returncode == 0
        yield user


@DEVICES
def test_operations(server: Server, browser: Browser, operator: User, device: Mapping[str, Any]) -> None:
    url = running_url(server.data / "postgres")
    assert url is not None
    with psycopg.connect(url) as connection:
        # Of an upload that is gone: whoever tries it again finds nothing left to do.
        connection.execute(
            "INSERT INTO dead_jobs (id, kind, payload, correlation_id, attempts, reason, created_at)"
            " VALUES (%s, 'object_created', %s, 'c', 5, 'ValueError in attempt 5', now())",
            (random.randrange(10**6, 10**9), Jsonb({"key": object_key(UUID(operator.id), uuid4())})),
        )
    with opened(browser, server, device, email=operator.email) as (page, complaints):
        page.goto("/settings")
        page.get_by_role("link", name="Operations").click()
        expect(page.get_by_text("ValueError in attempt 5")).to_be_visible()
        expect(page.get_by_role("rowheader", name="GET /v1/user/profile")).to_be_visible()
        assert_sound(page, complaints)
        page.get_by_role("button", name="Try all again").click()
        expect(page.get_by_text("1 job put back into the queue")).to_be_visible()
        expect(page.get_by_text("No job was given up.")).to_be_visible()


def test_operations_are_not_for_everybody(server: Server, browser: Browser, owner: User) -> None:
    with opened(browser, server, email=owner.email) as (page, complaints):
        page.goto("/settings")
        expect(page.get_by_text("Member since")).to_be_visible()
        expect(page.get_by_role("link", name="Operations")).to_have_count(0)
        page.goto("/operations")
        expect(page.get_by_text("You may not do this.")).to_be_visible()
        complaints.said.clear()  # a 403 that is the answer
        assert_sound(page, complaints)
