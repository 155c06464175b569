"""The web app's files as the server of one machine serves them."""

from __future__ import annotations

import re

import httpx
import pytest

from .conftest import Server
from .exchanges import assert_error

PAGE = {"Accept": "text/html,application/xhtml+xml"}


def page(server: Server, path: str = "/", **headers: str) -> httpx.Response:
    return httpx.get(server.url + path, headers={**PAGE, **headers})


def first_asset(server: Server, ending: str) -> str:
    found = re.search(rf"/assets/[^\"]+\.{ending}", page(server).text)
    assert found
    return found[0]


class TestPages:
    @pytest.mark.parametrize("path", ["/", "/portfolios/7", "/sign-in", "/nowhere/at/all"])
    def test_every_page_of_the_app_is_the_same_document(self, server: Server, path: str) -> None:
        answer = page(server, path)

        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text == page(server).text

    def test_it_is_asked_for_anew_each_time_and_sent_only_when_it_changed(self, server: Server) -> None:
        answer = page(server)

        assert answer.headers["cache-control"] == "no-cache"
        again = page(server, **{"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_it_may_run_our_own_scripts_only(self, server: Server) -> None:
        policy = page(server).headers["content-security-policy"]

        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<(script|style)[^>]*>[^<]", page(server).text), "something is inline"
        assert " style=" not in page(server).text

    def test_programs_still_get_the_contracts_404(self, server: Server) -> None:
        assert_error(httpx.get(f"{server.url}/nowhere"), 404, "NOT_FOUND")
        assert_error(page(server, "/v1/nowhere"), 404, "NOT_FOUND")

    @pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/.well-known/jwks.json"])
    def test_what_the_api_serves_stays_the_apis(self, server: Server, path: str) -> None:
        assert 'id="app"' not in page(server, path).text


class TestAssets:
    @pytest.mark.parametrize("ending", ["js", "css"])
    def test_they_may_be_kept_for_ever(self, server: Server, ending: str) -> None:
        answer = httpx.get(server.url + first_asset(server, ending))

        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"

    @pytest.mark.parametrize(("accepted", "sent"), [("gzip, br", "br"), ("gzip", "gzip"), ("identity", None)])
    def test_they_come_compressed_where_that_is_understood(
        self, server: Server, accepted: str, sent: str | None
    ) -> None:
        with httpx.stream(
            "GET", server.url + first_asset(server, "js"), headers={"Accept-Encoding": accepted}
        ) as answer:
            assert answer.headers.get("content-encoding") == sent
            assert "accept-encoding" in answer.headers["vary"].lower()

    @pytest.mark.parametrize(
        "path", ["/assets/none.js", "/assets/..%2f..%2fsettings.py", "/.built-from", "/assets/"]
    )
    def test_nothing_else_is_served(self, server: Server, path: str) -> None:
        assert_error(httpx.get(server.url + path), 404, "NOT_FOUND")
