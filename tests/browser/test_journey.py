"""From nothing to an understood portfolio, as a person does it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pyotp
from playwright.sync_api import Browser, Page, expect

from tests.api.conftest import PASSWORD, Server, mailed_code, signed_up
from tests.api.exchanges import create_portfolio

from .pages import assert_sound, opened

EXAMPLES = Path(__file__).parents[2] / "examples"


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1, name=text)).to_be_visible()


def register(page: Page, server: Server) -> str:
    """Register, confirm with the mailed code, and arrive signed in."""
    email = f"person-{uuid4().hex[:12]}@example.com"
    page.goto("/")
    heading(page, "Sign in")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("First name").fill("Grace")
    page.get_by_label("Last name").fill("Hopper")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    heading(page, "Check your mail")
    page.get_by_label("Six-digit code").fill(mailed_code(server.outbox, email))
    page.get_by_role("button", name="Confirm").click()
    heading(page, "Portfolios")
    return email


def test_a_broker_file_becomes_an_explained_portfolio(server: Server, browser: Browser) -> None:
    with opened(browser, server) as (page, complaints):
        register(page, server)
        expect(page.get_by_role("heading", name="Begin with a file")).to_be_visible()

        page.get_by_label("Choose a file").set_input_files(EXAMPLES / "fidelity.csv")
        expect(page.get_by_label("Read Current Value as")).to_have_value("dollarAmount")
        assert_sound(page, complaints)
        page.get_by_role("button", name="Continue to review").click()
        expect(page.get_by_text("4 of 7 rows will be imported")).to_be_visible()
        assert_sound(page, complaints)
        page.get_by_label("Name of the portfolio").fill("Retirement")
        page.get_by_role("button", name="Import 4 holdings").click()
        expect(page.get_by_role("heading", name="4 holdings imported")).to_be_visible()
        assert_sound(page, complaints)
        page.get_by_role("link", name="See what it holds").click()

        heading(page, "Retirement")
        expect(page.get_by_role("img", name="Risk score 5.9 of 10, moderate risk")).to_be_visible()
        expect(page.get_by_role("row", name="AAPL")).to_contain_text("$9,500.00")
        assert_sound(page, complaints)


def test_an_import_can_be_undone(server: Server, browser: Browser) -> None:
    with opened(browser, server) as (page, complaints):
        register(page, server)
        page.goto("/import")
        page.get_by_role("button", name="Try an example").click()
        page.get_by_role("button", name="Continue to review").click()
        page.get_by_role("button", name="Import 8 holdings").click()

        page.get_by_role("button", name="Undo the import").click()

        expect(page.get_by_role("heading", name="The import was undone")).to_be_visible()
        page.get_by_role("link", name="Back to your portfolios").click()
        expect(page.get_by_role("heading", name="Begin with a file")).to_be_visible()
        assert complaints.said == []


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is focused has this name; whoever has no mouse does the same."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => { const e = document.activeElement;"
            " return e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || ''; }"
        )
        if name in focused:
            return
    raise AssertionError(f"Tab never reaches {name!r}")


def test_the_keyboard_is_enough(server: Server, browser: Browser) -> None:
    with signed_up(server) as user, opened(browser, server) as (page, complaints):
        page.goto("/")
        heading(page, "Sign in")
        tab_to(page, "E-mail")
        page.keyboard.type(user.email)
        tab_to(page, "Password")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        heading(page, "Portfolios")
        tab_to(page, "Import a file")
        page.keyboard.press("Enter")
        heading(page, "Import a portfolio")
        tab_to(page, "Try an example")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="How the columns were understood")).to_be_visible()
        tab_to(page, "Continue to review")
        page.keyboard.press("Enter")
        expect(page.get_by_text("8 of 8 rows will be imported")).to_be_visible()
        tab_to(page, "Import 8 holdings")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="8 holdings imported")).to_be_visible()
        tab_to(page, "See what it holds")
        page.keyboard.press("Enter")
        heading(page, "example portfolio")

        tab_to(page, "Allocation by holding")
        page.keyboard.press("ArrowRight")

        expect(page.get_by_role("img", name="Allocation by holding. VTI: 28.9%")).to_be_focused()
        page.keyboard.press("Escape")
        tab_to(page, "Edit holdings")
        page.keyboard.press("Enter")
        tab_to(page, "Value of AAPL")
        page.keyboard.press("Control+A")
        page.keyboard.type("5125")
        page.keyboard.press("Enter")
        expect(page.get_by_text("$50,000.00").first).to_be_visible()
        assert complaints.said == []


def test_a_change_of_holdings_can_be_undone(server: Server, browser: Browser) -> None:
    with signed_up(server) as user, opened(browser, server, email=user.email) as (page, complaints):
        made = create_portfolio(user.client)
        page.goto(f"/portfolios/{made['id']}")
        page.get_by_role("button", name="Edit holdings").click()
        page.get_by_label("Value of AAPL").fill("2000")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".total")).to_contain_text("$11,000.00")

        page.get_by_role("button", name="Undo").click()

        expect(page.locator(".total")).to_contain_text("$10,000.00")
        assert complaints.said == []


def test_a_link_shows_the_portfolio_until_it_is_taken_back(server: Server, browser: Browser) -> None:
    with signed_up(server) as user, opened(browser, server, email=user.email) as (page, _):
        made = create_portfolio(user.client)
        page.goto(f"/portfolios/{made['id']}")
        page.get_by_role("button", name="Share", exact=True).click()
        page.get_by_role("button", name="Make a link").click()
        link = page.get_by_label("Link", exact=True).input_value()

        with opened(browser, server) as (stranger, complaints):
            stranger.goto(link)
            heading(stranger, "Retirement")
            expect(stranger.get_by_text("60.0%").first).to_be_visible()
            assert complaints.said == []
            page.get_by_role("button", name="Take back").click()
            expect(page.get_by_text("The link opens nothing any more.")).to_be_visible()
            stranger.reload()
            expect(stranger.get_by_text("This link opens nothing")).to_be_visible()


def test_two_step_sign_in(server: Server, browser: Browser) -> None:
    with signed_up(server) as user, opened(browser, server, email=user.email) as (page, complaints):
        page.goto("/settings")
        page.get_by_role("button", name="Turn it on").click()
        page.get_by_role("button", name="Show the code to scan").click()
        expect(page.get_by_role("img", name="QR code")).to_be_visible()
        totp = pyotp.TOTP(page.locator(".secret").inner_text().replace(" ", ""))
        assert_sound(page, complaints)
        page.get_by_label("Six-digit code").fill(totp.at(datetime.now(UTC), counter_offset=-1))
        page.get_by_role("dialog").get_by_role("button", name="Turn it on").click()
        expect(page.get_by_text("On", exact=True)).to_be_visible()

        page.get_by_role("button", name="Sign out everywhere").click()
        page.get_by_label("E-mail").fill(user.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        heading(page, "Enter your code")
        page.get_by_label("Six-digit code").fill(totp.at(datetime.now(UTC)))
        page.get_by_role("button", name="Continue").click()

        heading(page, "Portfolios")
        assert complaints.said == []
