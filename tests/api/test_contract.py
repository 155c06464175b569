"""What holds for every route: errors, limits, headers, idempotency, and the document that says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from foliolens.entrypoints.application import api_document_text
from foliolens.entrypoints.open_routes import OPEN_ROUTES

from .conftest import PASSWORD, Server, User, from_address, signed_up
from .exchanges import STANDARD_CSV, assert_error, create_portfolio, holding, portfolio, problems

COMMITTED = Path(__file__).parents[2] / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(api_document_text())
OPERATIONS = [
    pytest.param(path, operation, id=f"{method} {path}")
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
SECURITY_HEADERS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


@pytest.fixture(scope="module")
def user(server: Server) -> Iterator[User]:
    with signed_up(server) as member:
        yield member


def post_text(client: httpx.Client, text: str | bytes, **headers: str) -> httpx.Response:
    return client.post("/portfolios", content=text, headers={"Content-Type": "application/json", **headers})


class TestErrors:
    @pytest.mark.parametrize("path", ["/v1/nothing", "/nothing", "/v1/portfolios/", "/docs/assets/nothing"])
    def test_an_unknown_path_is_not_found(self, server: Server, path: str) -> None:
        assert_error(httpx.get(server.url + path), 404, "NOT_FOUND")

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("DELETE", "/v1/portfolios", "GET, POST"),
            ("POST", f"/v1/portfolios/{UUID(int=0)}", "GET, PUT, DELETE"),
            ("GET", "/v1/auth/login", "POST"),
            ("GET", "/v1/portfolios/compare", "POST"),
            ("PUT", "/v1/portfolios/compare", "POST"),
            ("PATCH", "/v1/health", "GET"),
            ("POST", "/openapi.json", "GET"),
            ("GET", "/objects/uploads/a/b.csv", "PUT"),
        ],
    )
    def test_another_method_is_told_which_ones_there_are(
        self, server: Server, method: str, path: str, allowed: str
    ) -> None:
        answer = httpx.request(method, server.url + path)

        assert_error(answer, 405, "METHOD_NOT_ALLOWED")
        assert {m for m in answer.headers["allow"].split(", ") if m != "HEAD"} == set(allowed.split(", "))

    def test_a_body_over_one_mebibyte_is_refused(self, user: User) -> None:
        large = json.dumps(portfolio(description="x" * 1024 * 1024))

        def unannounced() -> Iterator[bytes]:
            for start in range(0, len(large), 65536):
                yield large[start : start + 65536].encode()

        for content in (large, unannounced()):
            answer = user.client.post(
                "/portfolios", content=content, headers={"Content-Type": "application/json"}
            )
            assert_error(answer, 413, "PAYLOAD_TOO_LARGE")

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "text/csv", "application/x-www-form-urlencoded", "multipart/form-data"]
    )
    def test_another_content_type_is_refused(self, user: User, content_type: str) -> None:
        answer = user.client.post(
            "/portfolios", content=json.dumps(portfolio()), headers={"Content-Type": content_type}
        )

        assert_error(answer, 415, "UNSUPPORTED_MEDIA_TYPE")

    @pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/vnd.api+json"])
    def test_json_may_be_named_in_several_ways(self, user: User, content_type: str) -> None:
        answer = user.client.post(
            "/portfolios", content=json.dumps(portfolio()), headers={"Content-Type": content_type}
        )

        assert answer.status_code == 201, answer.text

    @pytest.mark.parametrize(
        "text",
        [
            "{",
            "",
            '{"name": "x",}',
            '{"name": NaN}',
            '{"name": "\\u0000"}',
            '{"name": "\\ud800"}',
            b'{"name": "\xff"}',
            "[" * 5000,
        ],
        ids=["cut", "empty", "comma", "NaN", "NUL", "surrogate", "not UTF-8", "deep"],
    )
    def test_malformed_json_is_refused(self, user: User, text: str | bytes) -> None:
        body = assert_error(post_text(user.client, text), 400, "VALIDATION_ERROR")

        assert {field for field, _ in problems(body)} == {"body"}

    @pytest.mark.parametrize("text", ["null", "[]", '"portfolio"', "17", "1.5", "-1e300", "true"])
    def test_a_body_that_is_no_object_is_refused(self, user: User, text: str) -> None:
        assert_error(post_text(user.client, text), 400, "VALIDATION_ERROR")
        for path in ("/user/profile", "/user/preferences"):  # which ask for no field
            changed = user.client.put(path, content=text, headers={"Content-Type": "application/json"})
            assert_error(changed, 400, "VALIDATION_ERROR")

    @pytest.mark.parametrize(
        ("authorization", "code"),
        [
            (None, "AUTHENTICATION_REQUIRED"),
            ("", "AUTHENTICATION_REQUIRED"),
            ("Basic YTpi", "AUTHENTICATION_REQUIRED"),
            ("Bearer", "AUTHENTICATION_REQUIRED"),
            ("Bearer nonsense", "AUTHENTICATION_FAILED"),
            ("Bearer a.b.c", "AUTHENTICATION_FAILED"),
        ],
    )
    def test_a_private_route_wants_a_token(
        self, client: httpx.Client, authorization: str | None, code: str
    ) -> None:
        headers = {} if authorization is None else {"Authorization": authorization}

        answer = client.get("/portfolios", headers=headers)

        assert_error(answer, 401, code)
        assert answer.headers["www-authenticate"] == "Bearer"


class TestHeaders:
    def test_a_request_id_is_made_up_where_none_is_given(self, client: httpx.Client) -> None:
        first, second = (client.get("/health").headers["x-request-id"] for _ in range(2))

        assert UUID(first) != UUID(second)

    def test_a_clients_request_id_is_taken_over(self, client: httpx.Client) -> None:
        mine = f"checkout-{uuid4().hex}"

        answer = client.get("/nothing", headers={"X-Request-Id": mine})

        assert answer.headers["x-request-id"] == mine
        assert answer.json()["requestId"] == mine

    @pytest.mark.parametrize(
        "hostile",
        ["short", "x" * 65, "a b c d e f g", 'quote"quote"', "semi;colon;semi", "tab\ttab\ttab", ""],
    )
    def test_a_hostile_request_id_is_replaced(self, client: httpx.Client, hostile: str) -> None:
        answer = client.get("/nothing", headers={"X-Request-Id": hostile})

        assert UUID(answer.headers["x-request-id"])
        assert answer.json()["requestId"] == answer.headers["x-request-id"]

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/v1/health"),
            ("GET", "/v1/portfolios"),
            ("GET", "/nothing"),
            ("DELETE", "/v1/portfolios"),
            ("POST", "/v1/auth/login"),
            ("PUT", "/objects/uploads/a/b.csv"),
            ("GET", "/docs"),
            ("GET", "/docs/assets/swagger-ui.css"),
            ("GET", "/openapi.json"),
            ("GET", "/.well-known/jwks.json"),
        ],
    )
    def test_every_response_carries_the_security_headers(
        self, server: Server, method: str, path: str
    ) -> None:
        headers = httpx.request(method, server.url + path).headers

        assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers.get("x-request-id")

    def test_private_answers_are_not_cached(self, user: User) -> None:
        assert user.client.get("/portfolios").headers["cache-control"] == "no-store"


class TestOrigins:
    NAMED = "https://app.example.com"
    OTHER = "https://evil.example.net"

    def preflight(self, server: Server, origin: str, method: str = "POST") -> httpx.Response:
        asked = {"Origin": origin, "Access-Control-Request-Method": method}
        headers = {**asked, "Access-Control-Request-Headers": "authorization, content-type, idempotency-key"}
        return httpx.options(f"{server.url}/v1/portfolios", headers=headers)

    @pytest.mark.parametrize("origin", [NAMED, "http://localhost:5173"])
    def test_the_preflight_of_a_named_origin_is_answered(self, strict_server: Server, origin: str) -> None:
        answer = self.preflight(strict_server, origin)

        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert "idempotency-key" in answer.headers["access-control-allow-headers"].lower()
        assert "Origin" in answer.headers["vary"]

    @pytest.mark.parametrize(
        "origin", [OTHER, "null", "https://app.example.com.evil.net", "http://app.example.com"]
    )
    def test_the_preflight_of_another_origin_is_refused(self, strict_server: Server, origin: str) -> None:
        answer = self.preflight(strict_server, origin)

        assert_error(answer, 403, "FORBIDDEN")
        assert not [name for name in answer.headers if name.startswith("access-control-")]

    def test_a_method_we_do_not_have_is_refused(self, strict_server: Server) -> None:
        assert_error(self.preflight(strict_server, self.NAMED, "PATCH"), 403, "FORBIDDEN")

    def test_answers_and_errors_can_be_read_by_a_named_origin(self, strict_server: Server) -> None:
        for path in ("/v1/health", "/v1/nothing", "/objects/x"):
            with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.1.1")) as client:
                answer = client.put(strict_server.url + path, headers={"Origin": self.NAMED})
            assert answer.headers["access-control-allow-origin"] == self.NAMED
            assert answer.headers["access-control-allow-credentials"] == "true"
            assert "X-Request-Id" in answer.headers["access-control-expose-headers"]

    def test_another_origin_is_told_nothing(self, strict_server: Server) -> None:
        answer = httpx.get(f"{strict_server.url}/v1/health", headers={"Origin": self.OTHER})

        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "Origin" in answer.headers["vary"]

    def test_without_configured_origins_there_is_no_preflight(self, server: Server) -> None:
        answer = self.preflight(server, self.NAMED)

        assert_error(answer, 405, "METHOD_NOT_ALLOWED")
        assert "access-control-allow-origin" not in answer.headers


class TestRateLimits:
    """The strict server allows 5 anonymous and 4 sign-in requests a minute, and 12 an hour for each user."""

    def test_anonymous_callers_are_limited_by_address(self, strict_server: Server) -> None:
        with from_address(strict_server, "127.0.1.2") as client:
            answers = [client.get("/portfolios") for _ in range(6)]

        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == list("432100")
        self.assert_refused(answers[-1], limit=5, within=60)
        with from_address(strict_server, "127.0.1.3") as other:
            assert other.get("/portfolios").status_code == 401

    def test_a_forged_address_does_not_help(self, strict_server: Server) -> None:
        with from_address(strict_server, "127.0.1.4") as client:
            statuses = [
                client.get(
                    "/portfolios",
                    headers={
                        "X-Forwarded-For": f"10.0.0.{number}",
                        "X-Real-Ip": f"10.0.0.{number}",
                        "Forwarded": f"for=10.0.0.{number}",
                    },
                ).status_code
                for number in range(6)
            ]

        assert statuses == [401] * 5 + [429]

    def test_a_bad_token_is_counted_as_anonymous(self, strict_server: Server) -> None:
        with from_address(strict_server, "127.0.1.5") as client:
            statuses = [
                client.get("/portfolios", headers={"Authorization": f"Bearer {number}"}).status_code
                for number in range(6)
            ]

        assert statuses == [401] * 5 + [429]

    def test_users_are_limited_wherever_they_call_from(self, strict_server: Server) -> None:
        with signed_up(strict_server, "127.0.1.6") as member:
            answers = [member.client.get("/portfolios") for _ in range(12)]
            with from_address(strict_server, "127.0.1.7") as elsewhere:
                elsewhere.headers["Authorization"] = member.client.headers["Authorization"]
                refused = elsewhere.get("/portfolios")

        assert [answer.status_code for answer in answers] == [200] * 12
        self.assert_refused(refused, limit=12, within=3600)

    def test_signing_in_has_a_limit_of_its_own(self, strict_server: Server) -> None:
        with from_address(strict_server, "127.0.1.8") as client:
            answers = [
                client.post("/auth/login", json={"email": f"{uuid4().hex}@example.com", "password": PASSWORD})
                for _ in range(5)
            ]

        assert [answer.status_code for answer in answers] == [401] * 4 + [429]
        self.assert_refused(answers[-1], limit=4, within=60)

    def test_liveness_is_never_refused(self, strict_server: Server) -> None:
        with from_address(strict_server, "127.0.1.9") as client:
            assert [client.get("/health").status_code for _ in range(8)] == [200] * 8

    def test_a_refusal_by_the_account_tells_of_the_account(self, strict_server: Server) -> None:
        email = f"{uuid4().hex}@example.com"
        answers = []
        for number in range(5):
            with from_address(strict_server, f"127.0.5.{number + 1}") as client:
                answers.append(client.post("/auth/login", json={"email": email, "password": PASSWORD}))

        assert [answer.status_code for answer in answers] == [401] * 4 + [429]
        self.assert_refused(answers[-1], limit=4, within=60)

    def assert_refused(self, answer: httpx.Response, *, limit: int, within: int) -> None:
        assert_error(answer, 429, "RATE_LIMITED")
        assert answer.headers["x-ratelimit-limit"] == str(limit)
        assert answer.headers["x-ratelimit-remaining"] == "0"
        assert 0 < int(answer.headers["retry-after"]) <= within
        assert answer.headers["x-ratelimit-reset"] == answer.headers["retry-after"]


def test_there_is_a_most_number_of_portfolios(strict_server: Server) -> None:
    with signed_up(strict_server, "127.0.2.1") as owner:
        for _ in range(2):
            create_portfolio(owner.client, **portfolio())

        refused = owner.client.post("/portfolios", json=portfolio())

        assert_error(refused, 422, "UNPROCESSABLE")
        assert owner.client.get("/portfolios").json()["pagination"]["total"] == 2


class TestIdempotency:
    @pytest.fixture(params=["/portfolios", "/uploads", "/portfolios/{id}/upload", "/portfolios/{id}/share"])
    def creating(self, request: pytest.FixtureRequest, user: User) -> tuple[str, dict[str, object]]:
        """A route that creates something, with a body for it."""
        if request.param == "/portfolios":
            return request.param, portfolio(f"Once {uuid4()}")
        path = request.param.replace("{id}", create_portfolio(user.client)["id"])
        if path.endswith("/share"):
            return path, {"expiresIn": "1h"}
        return path, {"filename": "a.csv", "size": len(STANDARD_CSV), "contentType": "text/csv"}

    def test_the_same_request_gets_the_same_answer(
        self, user: User, creating: tuple[str, dict[str, object]]
    ) -> None:
        path, body = creating
        key = {"Idempotency-Key": uuid4().hex}

        first = user.client.post(path, json=body, headers=key)
        second = user.client.post(path, json=body, headers=key)

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.text == second.text

    def test_another_body_is_a_conflict(self, user: User, creating: tuple[str, dict[str, object]]) -> None:
        path, body = creating
        key = {"Idempotency-Key": uuid4().hex}
        others = {"name": "Other", "size": 1, "expiresIn": "2h"}
        changed = {**body, **{name: other for name, other in others.items() if name in body}}
        user.client.post(path, json=body, headers=key)

        assert_error(user.client.post(path, json=changed, headers=key), 409, "CONFLICT")

    def test_requests_at_the_same_time_create_one_thing(
        self, user: User, creating: tuple[str, dict[str, object]]
    ) -> None:
        path, body = creating
        key = {"Idempotency-Key": uuid4().hex}
        before = user.client.get("/portfolios").json()["pagination"]["total"]

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: user.client.post(path, json=body, headers=key), range(8)))

        assert [answer.status_code for answer in answers] == [201] * 8
        assert len({answer.text for answer in answers}) == 1
        after = user.client.get("/portfolios").json()["pagination"]["total"]
        assert after - before == (1 if path == "/portfolios" else 0)

    def test_without_a_key_everything_is_done_again(
        self, user: User, creating: tuple[str, dict[str, object]]
    ) -> None:
        path, body = creating

        first, second = (user.client.post(path, json=body).json() for _ in range(2))

        (name,) = first.keys() & {"id", "uploadId", "shareId"}
        assert first[name] != second[name]

    def test_a_key_is_for_one_path(self, user: User) -> None:
        key = {"Idempotency-Key": uuid4().hex}
        body = {"filename": "a.csv", "size": 5, "contentType": "text/csv"}
        user.client.post("/uploads", json=body, headers=key)

        path = f"/portfolios/{create_portfolio(user.client)['id']}/upload"
        assert_error(user.client.post(path, json=body, headers=key), 409, "CONFLICT")

    def test_a_refused_request_leaves_its_key_free(self, user: User) -> None:
        key = {"Idempotency-Key": uuid4().hex}
        user.client.post("/portfolios", json=portfolio("Bad", holding("VTI", -1)), headers=key)

        assert user.client.post("/portfolios", json=portfolio("Good"), headers=key).status_code == 201

    def test_keys_of_different_users_never_meet(self, user: User, server: Server) -> None:
        key = {"Idempotency-Key": uuid4().hex}
        mine = user.client.post("/portfolios", json=portfolio("Same"), headers=key).json()

        with signed_up(server) as other:
            theirs = other.client.post("/portfolios", json=portfolio("Same"), headers=key)

        assert theirs.status_code == 201
        assert theirs.json()["id"] != mine["id"]

    @pytest.mark.parametrize("key", ["", "x" * 256, "with space"])
    def test_a_key_has_a_form(self, user: User, key: str) -> None:
        answer = user.client.post("/portfolios", json=portfolio(), headers={"Idempotency-Key": key})

        assert_error(answer, 400, "VALIDATION_ERROR")


class TestDocument:
    def test_the_committed_document_is_what_the_code_emits(self) -> None:
        assert COMMITTED.read_text("utf-8") == api_document_text(), "run `make openapi`"

    def test_the_served_document_is_the_committed_one(self, server: Server) -> None:
        assert httpx.get(f"{server.url}/openapi.json").json() == DOCUMENT

    @pytest.mark.parametrize(("path", "operation"), OPERATIONS)
    def test_every_operation_documents_its_errors(self, path: str, operation: dict[str, Any]) -> None:
        documented = {int(status) for status in operation["responses"]}

        expected = {400, 429, 500, 503}
        if operation.get("security"):
            expected |= {401}
        if "{" in path:
            expected |= {404}
        if "requestBody" in operation:
            expected |= {413, 415}
        assert expected <= documented
        for status in documented - {200, 201}:
            schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorBody"}

    @pytest.mark.parametrize(("path", "operation"), OPERATIONS)
    def test_every_operation_is_explained(self, path: str, operation: dict[str, Any]) -> None:
        assert operation["summary"]
        assert operation["description"]
        assert operation["tags"]

    def test_what_is_private_says_so(self) -> None:
        public = {
            path
            for path, methods in DOCUMENT["paths"].items()
            for operation in methods.values()
            if not operation.get("security")
        }

        for_all = (
            "/v1/auth/",
            "/v1/shared/",
            *OPEN_ROUTES,
            "/v1/health",
            "/v1/ready",
            "/.well-known/",
        )
        assert {path for path in public if not path.startswith(for_all)} == set()

    def test_the_docs_come_from_our_own_origin(self, server: Server) -> None:
        page = httpx.get(f"{server.url}/docs")

        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "http://" not in page.text
        assert "https://" not in page.text
        for asset in ("/docs/start.js", "/docs/assets/swagger-ui-bundle.js", "/docs/assets/swagger-ui.css"):
            assert asset in page.text
            assert httpx.get(server.url + asset).status_code == 200
