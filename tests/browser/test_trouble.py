"""What goes wrong is said, with a way on: bad files, lost networks, ended sessions, a server that is away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from foliolens.accounts.web_session import COOKIE
from tests.api.conftest import Server, User, signed_up
from tests.api.exchanges import create_portfolio, holding, portfolio

from .pages import DESKTOP, PHONE, assert_sound, opened

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def owner(server: Server) -> Iterator[User]:
    with signed_up(server) as user:
        yield user


def choose(page: Page, example: str) -> None:
    page.goto("/import")
    page.get_by_label("Choose a file").set_input_files(EXAMPLES / example)


class TestFiles:
    @pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desk", "phone"])
    def test_all_thirty_errors_are_shown_with_line_and_column(
        self, server: Server, browser: Browser, owner: User, device: dict[str, object]
    ) -> None:
        with opened(browser, server, device, email=owner.email) as (page, complaints):
            choose(page, "broken.csv")
            page.get_by_role("button", name="Continue to review").click()

            expect(page.get_by_text("0 of 30 rows will be imported")).to_be_visible()
            expect(page.get_by_role("button", name="30 Errors")).to_have_attribute("aria-pressed", "true")
            expect(page.locator(".issues li")).to_have_count(30)
            expect(page.locator(".issues li", has_text="stok")).to_contain_text("Line 4")
            expect(page.get_by_role("button", name="Import")).to_have_count(0)
            assert_sound(page, complaints)
            with page.expect_download() as download:
                page.get_by_role("button", name="Rejected rows as a file").click()
            assert "stok" in download.value.path().read_text(encoding="utf-8-sig")

    def test_an_ambiguous_number_is_asked_about_and_never_guessed(
        self, server: Server, browser: Browser, owner: User
    ) -> None:
        with opened(browser, server, email=owner.email) as (page, complaints):
            choose(page, "ambiguous-number.csv")
            expect(page.get_by_role("heading", name="Are these thousands or decimals?")).to_be_visible()
            expect(page.get_by_role("button", name="Continue to review")).to_be_disabled()
            assert_sound(page, complaints)

            page.get_by_label("Thousands: 8.415 is").check()
            page.get_by_role("button", name="Continue to review").click()

            expect(page.get_by_text("3 of 3 rows will be imported")).to_be_visible()
            page.get_by_role("button", name=re.compile("Valid")).click()
            expect(page.get_by_role("row", name="SAP")).to_contain_text("8,415.00")
            assert complaints.said == []

    def test_percentages_alone_need_a_total(self, server: Server, browser: Browser, owner: User) -> None:
        with opened(browser, server, email=owner.email) as (page, complaints):
            choose(page, "allocations-only.csv")
            page.get_by_label("Total value").fill("50000")
            page.get_by_role("button", name="Continue to review").click()

            expect(page.get_by_text("3 of 3 rows will be imported")).to_be_visible()
            page.get_by_role("button", name=re.compile("Valid")).click()
            expect(page.get_by_role("row", name="VTI")).to_contain_text("$30,000.00")
            assert complaints.said == []

    def test_a_spreadsheet_is_refused_with_what_to_do(
        self, server: Server, browser: Browser, owner: User
    ) -> None:
        with opened(browser, server, email=owner.email) as (page, complaints):
            choose(page, "hopeless.csv")

            expect(page.get_by_text("hopeless.csv could not be read.")).to_be_visible()
            expect(page.get_by_text("Drop your broker's file here")).to_be_visible()
            assert_sound(page, complaints)

    def test_the_owner_confirms_what_breaks_a_rule(
        self, server: Server, browser: Browser, owner: User
    ) -> None:
        with opened(browser, server, email=owner.email) as (page, _):
            page.goto("/import")
            one = b"Symbol,Asset Type,Dollar Amount\nAAPL,stock,9000.00\nBND,etf,1000.00\n"
            page.get_by_label("Choose a file").set_input_files(
                {"name": "one.csv", "mimeType": "text/csv", "buffer": one}
            )
            page.get_by_role("button", name="Continue to review").click()
            expect(page.get_by_text("0 of 2 rows will be imported")).to_be_visible()

            page.get_by_role("button", name="Yes, it is right").click()

            expect(page.get_by_role("button", name="Import 2 holdings")).to_be_enabled()


class TestNetwork:
    def test_an_upload_that_lost_the_network_is_sent_again(
        self, server: Server, browser: Browser, owner: User
    ) -> None:
        with opened(browser, server, email=owner.email) as (page, _):
            page.goto("/import")
            lost: list[str] = []

            def lose(route: Route) -> None:
                lost.append(route.request.url)
                route.abort("connectionreset")

            page.route("**/objects/**", lose)
            page.get_by_label("Choose a file").set_input_files(EXAMPLES / "standard.csv")
            expect(page.get_by_text("The connection was lost")).to_be_visible()
            assert lost

            page.unroute("**/objects/**")
            page.get_by_role("button", name="Send again").click()

            expect(page.get_by_role("heading", name="How the columns were understood")).to_be_visible()

    def test_it_is_sent_again_by_itself_once_the_network_is_back(
        self, server: Server, browser: Browser, owner: User
    ) -> None:
        with opened(browser, server, email=owner.email) as (page, _):
            page.goto("/import")
            expect(page.get_by_text("Drop your broker's file here")).to_be_visible()
            page.context.set_offline(True)
            page.get_by_label("Choose a file").set_input_files(EXAMPLES / "standard.csv")
            expect(page.get_by_text("The connection was lost")).to_be_visible()

            page.context.set_offline(False)

            expect(page.get_by_role("heading", name="How the columns were understood")).to_be_visible()

    def test_a_server_that_is_away_is_said_and_asked_again(
        self, server: Server, browser: Browser, owner: User
    ) -> None:
        with opened(browser, server, email=owner.email) as (page, _):
            page.route("**/v1/portfolios?**", lambda route: route.abort("connectionrefused"))
            page.goto("/")
            expect(page.get_by_text("FolioLens cannot be reached")).to_be_visible()

            page.unroute("**/v1/portfolios?**")
            page.get_by_role("button", name="Try again").click()

            expect(page.get_by_text("Begin with a file").or_(page.get_by_text("Total value"))).to_be_visible()


class TestSession:
    def test_it_survives_a_reload_and_no_script_can_read_it(
        self, server: Server, browser: Browser, owner: User
    ) -> None:
        with opened(browser, server, email=owner.email) as (page, complaints):
            page.goto("/settings")
            expect(page.get_by_text("Member since")).to_be_visible()
            page.reload()

            expect(page.get_by_text("Member since")).to_be_visible()
            kept = page.evaluate("JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie")
            assert "eyJ" not in kept
            assert "flr_" not in kept
            assert complaints.said == []

    def test_when_it_ended_one_signs_in_again_and_is_back_where_one_was(
        self, server: Server, browser: Browser
    ) -> None:
        with signed_up(server) as user, opened(browser, server, email=user.email) as (page, _):
            page.goto("/settings")
            expect(page.get_by_text("Member since")).to_be_visible()
            user.client.post("/auth/logout").raise_for_status()

            page.get_by_role("button", name="Save", exact=True).click()

            expect(page.get_by_text("Your session has ended.")).to_be_visible()
            page.get_by_label("E-mail").fill(user.email)
            page.get_by_label("Password", exact=True).fill("Correct-Horse-7-Battery")
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("heading", level=1, name="Account")).to_be_visible()

    def test_an_expired_access_token_is_renewed_unseen(
        self, server: Server, browser: Browser, owner: User
    ) -> None:
        with opened(browser, server, email=owner.email) as (page, complaints):
            page.clock.install()
            page.goto("/settings")
            expect(page.get_by_text("Member since")).to_be_visible()
            first = _cookie(page.context)

            page.clock.fast_forward("20:00")
            page.get_by_role("link", name="Portfolios").click()

            expect(page.get_by_role("heading", level=1, name="Portfolios")).to_be_visible()
            expect(page.get_by_text("Welcome")).to_be_visible()
            page.wait_for_function("() => !document.querySelector('.skeleton')")
            assert _cookie(page.context) != first
            assert complaints.said == []


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati"])
def test_times_are_the_readers_own(server: Server, browser: Browser, owner: User, zone: str) -> None:
    made = create_portfolio(owner.client, **portfolio("Zones", holding("VTI", 5000), holding("BND", 5000)))
    before = datetime.now(ZoneInfo(zone))
    with opened(browser, server, email=owner.email, timezone_id=zone) as (page, complaints):
        page.goto(f"/portfolios/{made['id']}")
        expect(page.get_by_text("just now")).to_be_visible()

        lead = page.locator(".lead").inner_text()

        days = {f"{moment:%b} {moment.day}, {moment:%Y}" for moment in (before, datetime.now(ZoneInfo(zone)))}
        assert any(day in lead for day in days), lead
        assert complaints.said == []


def _cookie(context: BrowserContext) -> str:
    return next(str(cookie["value"]) for cookie in context.cookies() if cookie["name"] == COOKIE)
