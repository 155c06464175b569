"""Links to a portfolio over HTTP: made, listed and taken back by its owner, opened by whoever has one."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
import psycopg
import pytest

from foliolens.adapters.local.postgres import running_url

from .conftest import Server, User, from_address, signed_up
from .exchanges import assert_error, create_portfolio, exact, holding, portfolio, problems

MISSING = "00000000-0000-4000-8000-000000000000"
VOLATILE = {"x-request-id", "date"}

LINK_HEADERS = {
    "x-robots-tag": "noindex, nofollow",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-store",
}


@pytest.fixture(scope="module")
def user(server: Server) -> Iterator[User]:
    with signed_up(server) as member:
        yield member


@pytest.fixture
def connection(server: Server) -> Iterator[psycopg.Connection]:
    """The server's database, as its owner."""
    url = running_url(server.data / "postgres")
    assert url is not None
    with psycopg.connect(url, autocommit=True) as opened:
        yield opened


@pytest.fixture
def portfolio_id(user: User) -> str:
    return str(create_portfolio(user.client)["id"])


def share(user: User, portfolio_id: str, **wanted: object) -> dict[str, Any]:
    made = user.client.post(f"/portfolios/{portfolio_id}/share", json=wanted)
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


def shares(user: User, portfolio_id: str) -> list[dict[str, Any]]:
    listed = user.client.get(f"/portfolios/{portfolio_id}/shares")
    assert listed.status_code == 200, listed.text
    found: list[dict[str, Any]] = listed.json()["shares"]
    return found


def expire(connection: psycopg.Connection, share_id: str) -> None:
    changed = connection.execute(
        "UPDATE shares SET expires_at = now() - interval '1 second' WHERE id = %s", (share_id,)
    )
    assert changed.rowcount == 1


def altered(token: str, place: int) -> str:
    other = "A" if token[place] != "A" else "B"
    return token[:place] + other + token[place:][1:]


class TestMaking:
    def test_a_link_by_default_shows_percentages_for_a_week(self, user: User, portfolio_id: str) -> None:
        made = share(user, portfolio_id)

        assert made["permissions"] == ["view"]
        assert made["showAmounts"] is False
        lifetime = datetime.fromisoformat(made["expiresAt"]) - datetime.fromisoformat(made["createdAt"])
        assert lifetime == timedelta(days=7)

    def test_the_token_has_256_bits_and_no_two_are_alike(self, user: User, portfolio_id: str) -> None:
        tokens = {share(user, portfolio_id)["shareToken"] for _ in range(10)}

        assert len(tokens) == 10
        assert {(token[:4], len(token[4:]) * 6 // 8) for token in tokens} == {("fls_", 32)}

    def test_the_url_keeps_the_token_in_its_fragment(
        self, server: Server, user: User, portfolio_id: str
    ) -> None:
        made = share(user, portfolio_id)

        parts = urlsplit(made["shareUrl"])
        assert f"{parts.scheme}://{parts.netloc}" == server.url
        assert (parts.path, parts.query, parts.fragment) == ("/shared/", "", made["shareToken"])

    @pytest.mark.parametrize(
        ("stated", "meant"),
        [
            ("1h", timedelta(hours=1)),
            ("36h", timedelta(hours=36)),
            ("8760h", timedelta(days=365)),
            ("1d", timedelta(days=1)),
            ("365d", timedelta(days=365)),
        ],
    )
    def test_the_owner_says_how_long(
        self, user: User, portfolio_id: str, stated: str, meant: timedelta
    ) -> None:
        made = share(user, portfolio_id, expiresIn=stated)

        ends = datetime.fromisoformat(made["expiresAt"])
        assert ends - datetime.fromisoformat(made["createdAt"]) == meant

    @pytest.mark.parametrize(
        ("stated", "code"),
        [
            ("0h", "INVALID_VALUE"),
            ("-1d", "INVALID_VALUE"),
            ("1.5d", "INVALID_VALUE"),
            ("7", "INVALID_VALUE"),
            ("7w", "INVALID_VALUE"),
            ("7 d", "INVALID_VALUE"),
            ("07d", "INVALID_VALUE"),
            ("7d\n", "INVALID_VALUE"),
            ("٧d", "INVALID_VALUE"),
            ("", "INVALID_VALUE"),
            ("99999999d", "INVALID_VALUE"),
            ("366d", "OUT_OF_RANGE"),
            ("8761h", "OUT_OF_RANGE"),
            (7, "INVALID_TYPE"),
            (None, "INVALID_TYPE"),
        ],
    )
    def test_another_duration_is_refused_with_an_example(
        self, user: User, portfolio_id: str, stated: object, code: str
    ) -> None:
        refused = user.client.post(f"/portfolios/{portfolio_id}/share", json={"expiresIn": stated})

        body = assert_error(refused, 400, "VALIDATION_ERROR")
        assert problems(body) == {("expiresIn", code)}
        assert 'd"' in body["message"]

    @pytest.mark.parametrize(
        ("asked", "granted"),
        [
            (["view"], ["view"]),
            (["analyze"], ["view", "analyze"]),
            (["analyze", "view"], ["view", "analyze"]),
            (["view", "view"], ["view"]),
        ],
    )
    def test_who_may_analyze_may_view(
        self, user: User, portfolio_id: str, asked: list[str], granted: list[str]
    ) -> None:
        assert share(user, portfolio_id, permissions=asked)["permissions"] == granted

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"permissions": []}, ("permissions", "INVALID_VALUE")),
            ({"permissions": ["edit"]}, ("permissions.0", "INVALID_VALUE")),
            ({"permissions": "view"}, ("permissions", "INVALID_TYPE")),
            ({"showAmounts": "yes"}, ("showAmounts", "INVALID_TYPE")),
            ({"password": "x"}, ("password", "UNKNOWN_FIELD")),
        ],
    )
    def test_the_form_of_a_request_is_checked(
        self, user: User, portfolio_id: str, body: dict[str, object], expected: tuple[str, str]
    ) -> None:
        refused = user.client.post(f"/portfolios/{portfolio_id}/share", json=body)

        assert problems(assert_error(refused, 400, "VALIDATION_ERROR")) == {expected}

    def test_a_portfolio_has_a_most_number_of_links_however_they_are_asked_for(self, user: User) -> None:
        portfolio_id = create_portfolio(user.client)["id"]
        path = f"/portfolios/{portfolio_id}/share"

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: user.client.post(path, json={}), range(30)))

        assert sorted(answer.status_code for answer in answers) == [201] * 20 + [422] * 10
        assert_error(user.client.post(path, json={}), 422, "UNPROCESSABLE")
        first, *_ = shares(user, portfolio_id)
        user.client.delete(f"/portfolios/{portfolio_id}/shares/{first['shareId']}")
        assert user.client.post(path, json={}).status_code == 201

    def test_expired_links_leave_room(
        self, user: User, portfolio_id: str, connection: psycopg.Connection
    ) -> None:
        made = [share(user, portfolio_id) for _ in range(20)]
        expire(connection, made[0]["shareId"])

        share(user, portfolio_id)

        assert len(shares(user, portfolio_id)) == 20


class TestTokensAreKeptAsHashes:
    def everything(self, connection: psycopg.Connection) -> str:
        rows = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
        ).fetchall()
        tables = [psycopg.sql.Identifier(*row) for row in rows]
        query = psycopg.sql.SQL("SELECT row_to_json(t)::text FROM {} t")
        return "\n".join(
            row for table in tables for (row,) in connection.execute(query.format(table)).fetchall()
        )

    def test_the_database_holds_the_hash_and_not_the_token(
        self, user: User, portfolio_id: str, connection: psycopg.Connection
    ) -> None:
        key = uuid4().hex
        path = f"/portfolios/{portfolio_id}/share"
        plain = share(user, portfolio_id)["shareToken"]
        keyed = user.client.post(path, json={}, headers={"Idempotency-Key": key}).json()["shareToken"]

        stored = self.everything(connection)

        for token in (plain, keyed):
            assert hashlib.sha256(token.encode()).hexdigest() in stored
            assert token not in stored
            assert token[4:] not in stored
        assert key not in stored  # with the stored seed it would make the token

    def test_a_repeated_request_gets_the_token_again_which_works(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        key = {"Idempotency-Key": uuid4().hex}
        path = f"/portfolios/{portfolio_id}/share"

        first, second = (user.client.post(path, json={"expiresIn": "2h"}, headers=key) for _ in range(2))

        assert first.text == second.text
        assert len(shares(user, portfolio_id)) == 1
        assert client.get(f"/shared/{second.json()['shareToken']}").status_code == 200

    def test_no_log_line_holds_a_token(self, server: Server, user: User, portfolio_id: str) -> None:
        token = share(user, portfolio_id, permissions=["view", "analyze"])["shareToken"]
        offered = f"fls_{uuid4().hex}"
        visits = [
            *(("GET", path) for path in (token, f"{token}/risk", f"{token}/x", f"x/{token}", f"{token}%00")),
            *(("GET", path) for path in (offered, f"{offered}%ff", offered * 200, f"%0a{offered}")),
            ("GET", f"../{offered}"),
            *((method, token) for method in ("POST", "PUT", "DELETE", "OPTIONS", "HEAD")),
        ]
        start = server.log.stat().st_size

        for method, path in visits:
            url = f"{server.url}/v1/shared/{path}?token={token}"
            httpx.request(method, url, headers={"X-Request-Id": f"logged-{uuid4().hex}"})

        written = self.logged(server, start, len(visits))
        lines = [json.loads(line) for line in written.splitlines()]
        assert {line["route"] for line in lines if line["requestId"].startswith("logged-")} == {
            "/v1/shared/{token}",
            "/v1/shared/{token}/risk",
            "(no route)",
        }
        for secret in (token, token[4:], offered):
            assert secret not in written

    def logged(self, server: Server, start: int, lines: int) -> str:
        """What was logged since; a line is written after its answer was sent."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with server.log.open("rb") as log:
                log.seek(start)
                written = log.read().decode(errors="replace")
            if written.count('"requestId":"logged-') >= lines and written.endswith("\n"):
                return written
            time.sleep(0.01)
        raise AssertionError("not every request was logged")


class TestListingAndRevoking:
    def test_the_owner_sees_what_works_and_how_much_it_was_used(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        first = share(user, portfolio_id, permissions=["analyze"], expiresIn="2h")
        second = share(user, portfolio_id, showAmounts=True)
        for _ in range(3):
            client.get(f"/shared/{first['shareToken']}")
        client.get(f"/shared/{first['shareToken']}/risk")

        listed = shares(user, portfolio_id)

        assert [entry["shareId"] for entry in listed] == [first["shareId"], second["shareId"]]
        used, unused = listed
        assert {name: used[name] for name in ("permissions", "showAmounts", "createdAt", "expiresAt")} == {
            "permissions": ["view", "analyze"],
            "showAmounts": False,
            "createdAt": first["createdAt"],
            "expiresAt": first["expiresAt"],
        }
        assert used["viewCount"] == 3
        assert used["lastViewedAt"] > used["createdAt"]
        assert (unused["viewCount"], unused["lastViewedAt"], unused["showAmounts"]) == (0, None, True)

    def test_the_list_does_not_tell_tokens(self, user: User, portfolio_id: str) -> None:
        made = share(user, portfolio_id)

        (listed,) = shares(user, portfolio_id)

        assert listed.keys() == {
            "shareId",
            "permissions",
            "showAmounts",
            "createdAt",
            "expiresAt",
            "viewCount",
            "lastViewedAt",
        }
        assert made["shareToken"] not in json.dumps(listed)

    def test_opening_only_the_report_is_noticed_too(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        made = share(user, portfolio_id, permissions=["analyze"])

        client.get(f"/shared/{made['shareToken']}/risk")

        (listed,) = shares(user, portfolio_id)
        assert listed["viewCount"] == 0
        assert listed["lastViewedAt"] is not None

    def test_opening_a_link_is_no_analysis_of_the_owners(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        made = share(user, portfolio_id, permissions=["analyze"])

        client.get(f"/shared/{made['shareToken']}")
        client.get(f"/shared/{made['shareToken']}/risk")

        seen = user.client.get(f"/portfolios/{portfolio_id}").json()
        assert (seen["analysisCount"], seen["lastAnalyzedAt"], seen["version"]) == (0, None, 1)

    def test_views_at_the_same_time_are_all_counted(
        self, user: User, portfolio_id: str, server: Server
    ) -> None:
        made = share(user, portfolio_id)
        url = f"{server.url}/v1/shared/{made['shareToken']}"

        limits = httpx.Limits(max_connections=64)
        with httpx.Client(limits=limits, timeout=60) as many, ThreadPoolExecutor(64) as pool:
            statuses = list(pool.map(lambda _: many.get(url).status_code, range(256)))

        assert statuses == [200] * 256
        assert shares(user, portfolio_id)[0]["viewCount"] == 256

    def test_a_link_taken_back_ends_at_once(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        made, other = share(user, portfolio_id, permissions=["analyze"]), share(user, portfolio_id)
        client.get(f"/shared/{made['shareToken']}")

        revoked = user.client.delete(f"/portfolios/{portfolio_id}/shares/{made['shareId']}")

        assert revoked.status_code == 200
        receipt = revoked.json()
        assert receipt.pop("lastViewedAt") is not None
        assert receipt == {"shareId": made["shareId"], "viewCount": 1}
        for path in ("", "/risk"):
            assert_error(client.get(f"/shared/{made['shareToken']}{path}"), 404, "SHARE_NOT_FOUND")
        assert [entry["shareId"] for entry in shares(user, portfolio_id)] == [other["shareId"]]
        assert client.get(f"/shared/{other['shareToken']}").status_code == 200

    def test_taking_back_twice_is_not_found(self, user: User, portfolio_id: str) -> None:
        path = f"/portfolios/{portfolio_id}/shares/{share(user, portfolio_id)['shareId']}"
        user.client.delete(path)

        assert_error(user.client.delete(path), 404, "SHARE_NOT_FOUND")

    def test_a_link_belongs_to_one_portfolio(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        made = share(user, portfolio_id)
        another = create_portfolio(user.client)["id"]

        refused = user.client.delete(f"/portfolios/{another}/shares/{made['shareId']}")

        assert_error(refused, 404, "SHARE_NOT_FOUND")
        assert client.get(f"/shared/{made['shareToken']}").status_code == 200

    @pytest.mark.parametrize(
        ("method", "path"), [("POST", "share"), ("GET", "shares"), ("DELETE", f"shares/{MISSING}")]
    )
    def test_a_portfolio_must_be_ones_own(
        self, new_user: Callable[[], User], portfolio_id: str, method: str, path: str
    ) -> None:
        stranger = new_user()
        body = {} if method == "POST" else None

        for target in (portfolio_id, MISSING):
            answer = stranger.client.request(method, f"/portfolios/{target}/{path}", json=body)
            assert_error(answer, 404, "PORTFOLIO_NOT_FOUND")

    def test_anothers_link_cannot_be_taken_back(
        self, user: User, new_user: Callable[[], User], portfolio_id: str, client: httpx.Client
    ) -> None:
        made, stranger = share(user, portfolio_id), new_user()
        own = create_portfolio(stranger.client)["id"]

        refused = stranger.client.delete(f"/portfolios/{own}/shares/{made['shareId']}")

        assert_error(refused, 404, "SHARE_NOT_FOUND")
        assert client.get(f"/shared/{made['shareToken']}").status_code == 200

    def test_links_go_with_their_portfolio(
        self, user: User, portfolio_id: str, client: httpx.Client, connection: psycopg.Connection
    ) -> None:
        tokens = [share(user, portfolio_id)["shareToken"] for _ in range(2)]
        client.get(f"/shared/{tokens[0]}")

        deleted = user.client.delete(f"/portfolios/{portfolio_id}")

        assert deleted.json()["deletedItems"]["shares"] == 2
        for token in tokens:
            assert_error(client.get(f"/shared/{token}"), 404, "SHARE_NOT_FOUND")
        orphans = connection.execute(
            "SELECT count(*) FROM share_views WHERE share_id NOT IN (SELECT id FROM shares)"
        ).fetchone()
        assert orphans == (0,)


class TestLinksThatLeadNowhere:
    """Never issued, altered, expired or taken back: nobody can tell which."""

    def kinds(self, user: User, portfolio_id: str, connection: psycopg.Connection) -> dict[str, str]:
        wanted = {"permissions": ["analyze"], "expiresIn": "1h"}
        live, gone, late = (share(user, portfolio_id, **wanted) for _ in range(3))
        user.client.delete(f"/portfolios/{portfolio_id}/shares/{gone['shareId']}")
        expire(connection, late["shareId"])
        token = live["shareToken"]
        return {
            "taken back": gone["shareToken"],
            "expired": late["shareToken"],
            "guessed": "fls_" + "A" * 43,
            "altered in front": altered(token, 4),
            "altered in the middle": altered(token, 25),
            "altered in the bits that base64 has to spare": altered(token, len(token) - 1),
            "in capitals": token.upper(),
            "cut": token[:-1],
            "longer": token + "A",
            "padded": token + "=",
            "without its prefix": token.removeprefix("fls_"),
            "with a slash": token + "/",
            "with a space": token + "%20",
            "with NUL": token + "%00",
            "twice": token + token,
            "the link's id": live["shareId"],
            "the portfolio's id": portfolio_id,
            "the hash": hashlib.sha256(token.encode()).hexdigest(),
            "nothing": "",
            "10 kB": "A" * 10_000,
            "Unicode": quote("ſhäred-🔑-\u202e"),
            "no UTF-8": "%ff%fe%80",
            "a lone surrogate": "%ed%a0%80",
            "climbing": "..%2f..%2fportfolios",
            "climbing, encoded twice": "%252e%252e%252fportfolios",
            "with a line break": token + "%0a",
            "line breaks": "a%0d%0aSet-Cookie:%20a=b",
            "SQL": quote("' OR 1=1 --"),
            "a wildcard": "%25",
            "another path": f"{token}/holdings",
        }

    @pytest.mark.parametrize("path", ["", "/risk"])
    def test_all_get_the_same_answer(
        self, server: Server, user: User, portfolio_id: str, connection: psycopg.Connection, path: str
    ) -> None:
        kinds = self.kinds(user, portfolio_id, connection)

        answers = {kind: httpx.get(f"{server.url}/v1/shared/{token}{path}") for kind, token in kinds.items()}

        for kind, answer in answers.items():
            assert_error(answer, 404, "SHARE_NOT_FOUND")
            assert {**answer.json(), "requestId": ""} == {**answers["guessed"].json(), "requestId": ""}, kind
            assert self.told(answer) == self.told(answers["guessed"]), kind

    def told(self, answer: httpx.Response) -> dict[str, str]:
        return {name: value for name, value in answer.headers.items() if name not in VOLATILE}

    def test_the_same_with_somebodys_credentials(self, user: User, client: httpx.Client) -> None:
        anonymous = client.get("/shared/guessed")
        signed_in = user.client.get("/shared/guessed")

        assert {**signed_in.json(), "requestId": ""} == {**anonymous.json(), "requestId": ""}

    def test_an_expired_link_is_not_listed(
        self, user: User, portfolio_id: str, connection: psycopg.Connection
    ) -> None:
        expire(connection, share(user, portfolio_id)["shareId"])

        assert shares(user, portfolio_id) == []

    def test_a_link_for_the_holdings_does_not_show_the_report(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        made = share(user, portfolio_id)

        refused = client.get(f"/shared/{made['shareToken']}/risk")

        assert_error(refused, 403, "FORBIDDEN")
        (listed,) = shares(user, portfolio_id)
        assert (listed["viewCount"], listed["lastViewedAt"]) == (0, None)

    def test_an_expired_link_for_the_holdings_is_not_forbidden_but_gone(
        self, user: User, portfolio_id: str, client: httpx.Client, connection: psycopg.Connection
    ) -> None:
        made = share(user, portfolio_id)
        expire(connection, made["shareId"])

        assert_error(client.get(f"/shared/{made['shareToken']}/risk"), 404, "SHARE_NOT_FOUND")


class TestHeaders:
    def test_no_answer_is_indexed_stored_or_referred_from(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        token = share(user, portfolio_id)["shareToken"]
        answers = [
            client.get(f"/shared/{token}"),
            client.get(f"/shared/{token}/risk"),
            client.get("/shared/guessed"),
            client.post(f"/shared/{token}"),
        ]

        assert [answer.status_code for answer in answers] == [200, 403, 404, 405]
        for answer in answers:
            assert {name: answer.headers[name] for name in LINK_HEADERS} == LINK_HEADERS

    def test_the_page_that_shows_a_link_is_not_indexed(self, server: Server) -> None:
        page = httpx.get(f"{server.url}/shared/", headers={"Accept": "text/html"})

        assert page.headers["x-robots-tag"] == "noindex, nofollow"
        assert page.headers["referrer-policy"] == "no-referrer"

    def test_a_refused_caller_gets_them_too(self, strict_server: Server) -> None:
        with from_address(strict_server, "127.0.3.1") as client:
            answers = [client.get("/shared/guessed") for _ in range(6)]

        assert [answer.status_code for answer in answers] == [404] * 5 + [429]
        for answer in answers:
            assert {name: answer.headers[name] for name in LINK_HEADERS} == LINK_HEADERS

    def test_signing_in_does_not_buy_more_guesses(self, strict_server: Server) -> None:
        with (
            signed_up(strict_server, "127.0.3.2") as member,
            from_address(strict_server, "127.0.3.3") as client,
        ):
            client.headers["Authorization"] = member.client.headers["Authorization"]
            answers = [client.get("/shared/guessed") for _ in range(6)]

        assert [answer.status_code for answer in answers] == [404] * 5 + [429]
        assert answers[0].headers["x-ratelimit-limit"] == "5"

    def test_other_answers_keep_their_own(self, user: User) -> None:
        headers = user.client.get("/portfolios").headers

        assert "x-robots-tag" not in headers
        assert headers["cache-control"] == "no-store"


class TestWhatIsShown:
    def test_the_holder_sees_the_portfolio_as_it_is_now(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        made = share(user, portfolio_id)
        user.client.put(
            f"/portfolios/{portfolio_id}",
            json=portfolio("Renamed", holding("VTI", 7500), holding("BND", 2500), version=1),
        ).raise_for_status()

        seen = exact(client.get(f"/shared/{made['shareToken']}"))

        assert seen["name"] == "Renamed"
        assert [(asset["symbol"], str(asset["allocationPercentage"])) for asset in seen["assets"]] == [
            ("VTI", "75.00"),
            ("BND", "25.00"),
        ]
        assert seen["expiresAt"] == made["expiresAt"]
        assert seen["permissions"] == ["view"]

    def test_amounts_are_shown_where_the_owner_shows_them(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        made = share(user, portfolio_id, showAmounts=True)

        seen = exact(client.get(f"/shared/{made['shareToken']}"))

        assert (seen["showAmounts"], seen["currency"], str(seen["totalValue"])) == (True, "USD", "10000.00")
        assert [str(asset["dollarAmount"]) for asset in seen["assets"]] == ["6000.00", "3000.00", "1000.00"]

    def test_the_report_says_what_the_owners_says(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        made = share(user, portfolio_id, permissions=["analyze"])

        seen = client.get(f"/shared/{made['shareToken']}/risk").json()

        own = user.client.get(f"/portfolios/{portfolio_id}/risk").json()
        for name in ("summary", "overallRiskScore", "overallRiskBand", "warnings", "holdingsCount"):
            assert seen[name] == own[name]
        for name in ("hhi", "hhiLookThrough", "effectiveHoldings", "volatility"):
            assert seen[name]["value"] == pytest.approx(own[name]["value"], abs=5e-5)

    def test_nothing_can_be_changed_through_a_link(
        self, user: User, portfolio_id: str, client: httpx.Client
    ) -> None:
        token = share(user, portfolio_id, permissions=["analyze"])["shareToken"]

        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for path in (f"/shared/{token}", f"/shared/{token}/risk"):
                answer = client.request(method, path, json=portfolio(version=1))
                assert_error(answer, 405, "METHOD_NOT_ALLOWED")
        for method, path in (("GET", ""), ("GET", "/risk"), ("GET", "/shares"), ("POST", "/share")):
            answer = client.request(
                method, f"/portfolios/{portfolio_id}{path}", headers={"Authorization": f"Bearer {token}"}
            )
            assert answer.status_code == 401
