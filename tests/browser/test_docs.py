"""The API documentation in a real browser."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from tests.api.conftest import Server

from .pages import Complaints


def test_the_docs_render_with_nothing_to_complain_about(server: Server, browser: Browser) -> None:
    page = browser.new_page()
    complaints = Complaints(page)

    page.goto(f"{server.url}/docs")

    expect(page.locator(".info .title")).to_contain_text("FolioLens")
    create = page.locator(".opblock-post", has=page.locator("[data-path='/v1/portfolios']"))
    create.locator("button.opblock-summary-control").click()
    expect(create.locator(".opblock-description")).to_contain_text("every validation error comes at once")
    page.wait_for_load_state("networkidle")
    assert complaints.said == []
    hosts = {urlsplit(url).netloc for url in complaints.asked if url.startswith("http")}
    assert hosts == {urlsplit(server.url).netloc}


def test_a_request_can_be_tried_out_from_the_docs(server: Server, browser: Browser) -> None:
    page = browser.new_page()
    complaints = Complaints(page)
    page.goto(f"{server.url}/docs")

    health = page.locator(".opblock", has=page.locator("[data-path='/v1/health']"))
    health.locator("button.opblock-summary-control").click()
    health.get_by_role("button", name="Try it out").click()
    health.get_by_role("button", name="Execute").click()

    expect(health.locator(".live-responses-table tr.response .response-col_status")).to_contain_text("200")
    assert complaints.said == []
