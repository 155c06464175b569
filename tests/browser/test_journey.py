"""From nothing to an understood portfolio, as a person does it."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Browser, Page, expect

from tests.api.conftest import PASSWORD, Server, mailed_code

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
