"""Accounts on AWS, answer for answer what the local server says: from registering to leaving.

The same requests go to a local server and to the functions `auth` and `api`. Cognito and DynamoDB are moto's;
`auth` calls `api` by Lambda's own protocol; API Gateway's events are canned.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import httpx
import jwt
import psycopg
import pyotp
import pytest

from foliolens.accounts.web_session import COOKIE
from foliolens.adapters.aws import clients
from tests.api.conftest import Server, mailed_code, running_server
from tests.aws import aws_environment, create_table
from tests.cognito import CognitoForTests, completed_cognito, create_user_pool, totp_now
from tests.emf import assert_follows_the_specification, facts_of_lines, lines_of_log
from tests.gateway_events import rest_call
from tests.lambda_runtime import LambdaFunction, invocations, running
from tests.postgres import cloned_database

PASSWORD, NEW_PASSWORD, WRONG = "Correct-Horse-7", "Another-Horse-8", "Wrong-Horse-9"
OURS = {"X-Requested-With": "FolioLens"}
LIMITS = {"rate_limits": "on", "rate_login_per_minute": "1000", "rate_anonymous_per_minute": "1000"}
CALENDAR = "%a %b %d %H:%M:%S UTC %Y"
DOCUMENT = json.loads((Path(__file__).parents[2] / "openapi.json").read_text(encoding="utf-8"))
COUNTS = frozenset({"x-ratelimit-remaining", "x-ratelimit-reset"})
OF_EACH_SYSTEM = frozenset(
    {"accessToken", "idToken", "refreshToken", "session", "secret", "otpauthUri", "expiresIn", "id", "userId"}
)
"""Fields with tokens, secrets and ids, and the lifetime of a token, which moto does not let one choose."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    cookies: Sequence[str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def cookie(self) -> str:
        (given,) = [cookie for cookie in self.cookies if cookie.startswith(COOKIE)]
        return SimpleCookie(given)[COOKIE].value


@dataclass
class Step:
    asked: tuple[str, str]
    answer: Answer


class Side(Protocol):
    """One of the two systems."""

    email: str
    steps: list[Step]

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> Answer: ...

    def code(self) -> str:
        """The code that was mailed last."""
        ...

    def totp(self, secret: str) -> str:
        """A code that was not used yet: the local store takes each step once, and one step ahead."""
        ...


@dataclass
class Local:
    server: Server
    email: str
    steps: list[Step] = field(default_factory=list)

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> Answer:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        response = httpx.request(
            method, f"{self.server.url}/v1{path}", json=body, headers=headers, timeout=60
        )
        headers = {name: value for name, value in response.headers.items() if name != "set-cookie"}
        cookies = response.headers.get_list("set-cookie")
        answer = Answer(response.status_code, headers, cookies, response.text)
        self.steps.append(Step((method, path), answer))
        return answer

    def code(self) -> str:
        return mailed_code(self.server.outbox, self.email)

    def totp(self, secret: str) -> str:
        return pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=1)


@dataclass
class Cloud:
    """The functions behind API Gateway, whose authorizer reads what Cognito signed."""

    auth: LambdaFunction
    api: LambdaFunction
    cognito: CognitoForTests
    database: str
    email: str
    steps: list[Step] = field(default_factory=list)

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> Answer:
        private = not path.startswith("/auth")
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        event = rest_call(
            method,
            path,
            None if body is None else json.dumps(body),
            claims=self.claims(token) if private and token is not None else None,
            **{"x-viewer-host": "app.example.com", **headers},
        )
        mine = path.startswith("/auth") or (method, path) == ("DELETE", "/user")
        answered = (self.auth if mine else self.api).invoke(event)
        lowered = {name.lower(): value for name, value in answered["headers"].items()}
        several = {name.lower(): values for name, values in answered.get("multiValueHeaders", {}).items()}
        one = [lowered.pop("set-cookie")] if "set-cookie" in lowered else []
        answer = Answer(answered["statusCode"], lowered, several.get("set-cookie", one), answered["body"])
        self.steps.append(Step((method, path), answer))
        return answer

    def claims(self, token: str) -> dict[str, str]:
        """As the authorizer passes them on, with what the pool's trigger adds."""
        stated = jwt.decode(token, options={"verify_signature": False})
        times = {
            name: datetime.fromtimestamp(stated[name], UTC).strftime(CALENDAR) for name in ("iat", "exp")
        }
        return {
            "sub": stated["sub"],
            "token_use": stated["token_use"],
            "email": self.email,
            "email_verified": "true",
            "given_name": "Ada",
            "family_name": "Lovelace",
            "custom:risk_tolerance": "moderate",
            **times,
        }

    def code(self) -> str:
        return self.cognito.newest()

    def totp(self, secret: str) -> str:
        return totp_now(secret)


@pytest.fixture(scope="module")
def cognito(aws: str) -> Iterator[CognitoForTests]:
    with completed_cognito() as completed:
        yield completed


@pytest.fixture(scope="module")
def cloud(
    built: Path,
    aws: str,
    cognito: CognitoForTests,
    template_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cloud]:
    pool, bucket = create_user_pool(), f"uploads-{uuid4()}"
    clients.s3().create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    with ExitStack() as running_functions:
        common = {
            **aws_environment(aws),
            "FOLIOLENS_MODE": "aws",
            **{f"FOLIOLENS_{name.upper()}": value for name, value in LIMITS.items()},
            "FOLIOLENS_AWS_TABLE": create_table(),
        }

        def start(name: str, **variables: str) -> LambdaFunction:
            return running_functions.enter_context(
                running(
                    built / f"{name}.zip",
                    f"foliolens.entrypoints.lambda_{name}.handler",
                    tmp_path_factory.mktemp(name),
                    {**common, **variables},
                )
            )

        database = running_functions.enter_context(cloned_database(template_url))
        api = start("api", FOLIOLENS_DATABASE_URL=database, FOLIOLENS_AWS_BUCKET=bucket)
        lambda_api = running_functions.enter_context(invocations(api))
        auth = start(
            "auth",
            AWS_ENDPOINT_URL_LAMBDA=lambda_api,
            FOLIOLENS_AWS_USER_POOL_ID=pool.pool_id,
            FOLIOLENS_AWS_USER_POOL_CLIENT_ID=pool.client_id,
            FOLIOLENS_AWS_USER_POOL_KEYS_URL=f"{aws}/{pool.pool_id}/.well-known/jwks.json",
            FOLIOLENS_AWS_API_FUNCTION="api:live",
            FOLIOLENS_AWS_DEVICE_PARAMETER=f"/foliolens/{uuid4()}/device-key",
            FOLIOLENS_AWS_VIEWER_ADDRESS_HEADER="x-viewer-address",
        )
        yield Cloud(auth, api, cognito, database, f"ada-{uuid4().hex[:8]}@example.com")


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    with running_server(**LIMITS) as server:
        yield Local(server, f"ada-{uuid4().hex[:8]}@example.com")


def a_life(side: Side) -> None:
    """Everything that the function `auth` answers, what is refused included."""
    _registering(side)
    token = _signing_in(side)
    _second_factor(side, token)
    _web_session(side)
    _refreshing(side)
    _signing_out(side)
    _new_password(side)
    _leaving(side)


def _registering(side: Side) -> None:
    body = {
        "email": side.email,
        "password": PASSWORD,
        "firstName": "Ada",
        "lastName": "Lovelace",
        "riskTolerance": "moderate",
    }
    key = {"Idempotency-Key": uuid4().hex}
    side.call("POST", "/auth/register", {**body, "password": "short"})
    side.call("POST", "/auth/register", {"email": "nobody"})
    side.call("POST", "/auth/register")
    side.call("GET", "/auth/register")
    side.call("POST", "/auth/no-such-path", {})
    registered = side.call("POST", "/auth/register", body, **key)
    again = side.call("POST", "/auth/register", body, **key)
    assert (again.status, again.text) == (201, registered.text)
    side.call("POST", "/auth/register", {**body, "firstName": "Eve"}, **key)
    side.call("POST", "/auth/register", body)
    side.call("POST", "/auth/login", {"email": side.email, "password": PASSWORD})
    code = side.code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for email, tried in (
        (side.email, wrong),
        ("nobody@example.com", code),
        (side.email, "1"),
        (side.email, code),
    ):
        side.call("POST", "/auth/confirm", {"email": email, "code": tried})
    side.call("POST", "/auth/confirm", {"email": side.email, "code": code})
    for email in (side.email, "nobody@example.com"):
        side.call("POST", "/auth/resend-code", {"email": email})


def _signing_in(side: Side) -> str:
    for email, password in ((side.email, WRONG), ("nobody@example.com", PASSWORD), (side.email, PASSWORD)):
        signed_in = side.call("POST", "/auth/login", {"email": email, "password": password})
    token = str(signed_in.json["accessToken"])
    side.call("GET", "/user/profile", token=token)
    side.call("PUT", "/user/profile", {"firstName": "Augusta"}, token=token)
    side.call("POST", "/auth/login", {"email": side.email, "password": PASSWORD})
    return token


def _second_factor(side: Side, token: str) -> None:
    side.call("POST", "/auth/mfa/setup")
    side.call("POST", "/auth/mfa/setup", token="no.token.ofours")
    side.call("POST", "/auth/mfa/enable", {"code": "no"}, token=token)
    secret = side.call("POST", "/auth/mfa/setup", token=token).json["secret"]
    right = totp_now(secret)
    side.call("POST", "/auth/mfa/enable", {"code": f"{(int(right) + 1) % 1_000_000:06d}"}, token=token)
    side.call("POST", "/auth/mfa/enable", {"code": totp_now(secret)}, token=token)
    side.call("POST", "/auth/mfa/enable", {"code": "123456"}, token=token)
    side.call("POST", "/auth/mfa/setup", token=token)
    challenge = side.call("POST", "/auth/login", {"email": side.email, "password": PASSWORD}).json["session"]
    side.call("POST", "/auth/mfa/verify", {"session": "made-up", "code": "123456"})
    verified = side.call("POST", "/auth/mfa/verify", {"session": challenge, "code": side.totp(secret)})
    side.call("POST", "/auth/mfa/disable", {"password": WRONG}, token=token)
    side.call("POST", "/auth/mfa/disable", {"password": PASSWORD}, token=verified.json["accessToken"])


def _web_session(side: Side) -> None:
    credentials = {"email": side.email, "password": PASSWORD}
    side.call("POST", "/auth/session", credentials)
    begun = side.call("POST", "/auth/session", credentials, **OURS)
    side.call("POST", "/auth/session/refresh", **OURS)
    side.call("POST", "/auth/session/refresh", Cookie=f"{COOKIE}={begun.cookie}")
    refreshed = side.call("POST", "/auth/session/refresh", Cookie=f"{COOKIE}={begun.cookie}", **OURS)
    reloaded = side.call("POST", "/auth/session/refresh", Cookie=f"{COOKIE}={begun.cookie}", **OURS)
    assert reloaded.cookie == refreshed.cookie != begun.cookie
    side.call("POST", "/auth/session/refresh", Cookie=f"{COOKIE}=made-up", **OURS)
    side.call("POST", "/auth/session/mfa", {"session": "made-up", "code": "123456"}, **OURS)


def _refreshing(side: Side) -> None:
    signed_in = side.call("POST", "/auth/login", {"email": side.email, "password": PASSWORD}).json
    body = {"refreshToken": signed_in["refreshToken"]}
    renewed = side.call("POST", "/auth/refresh", body).json
    side.call("POST", "/auth/refresh", body)  # a copy: the session ends
    side.call("POST", "/auth/refresh", {"refreshToken": renewed["refreshToken"]})
    side.call("POST", "/auth/refresh", {"refreshToken": "made-up"})


def _signing_out(side: Side) -> None:
    before = side.call("POST", "/auth/login", {"email": side.email, "password": PASSWORD}).json
    token = str(before["accessToken"])
    side.call("POST", "/auth/logout")
    side.call("POST", "/auth/logout", token=token)
    side.call("POST", "/auth/logout", token=token)
    side.call("GET", "/user/profile", token=token)
    side.call("POST", "/auth/refresh", {"refreshToken": before["refreshToken"]})
    after = side.call("POST", "/auth/login", {"email": side.email, "password": PASSWORD}).json
    side.call("GET", "/user/profile", token=after["accessToken"])


def _new_password(side: Side) -> None:
    token = str(
        side.call("POST", "/auth/login", {"email": side.email, "password": PASSWORD}).json["accessToken"]
    )
    side.call("POST", "/auth/forgot-password", {"email": "nobody@example.com"})
    side.call("POST", "/auth/forgot-password", {"email": side.email})
    code = side.code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for email, tried, password in (
        (side.email, wrong, NEW_PASSWORD),
        ("nobody@example.com", code, NEW_PASSWORD),
        (side.email, code, "short"),
        (side.email, code, NEW_PASSWORD),
        (side.email, code, NEW_PASSWORD),
    ):
        side.call("POST", "/auth/reset-password", {"email": email, "code": tried, "newPassword": password})
    side.call("GET", "/user/profile", token=token)
    side.call("POST", "/auth/login", {"email": side.email, "password": PASSWORD})


def _leaving(side: Side) -> None:
    credentials = {"email": side.email, "password": NEW_PASSWORD}
    token = str(side.call("POST", "/auth/login", credentials).json["accessToken"])
    body = {"name": "Retirement", "assets": [{"symbol": "VTI", "dollarAmount": 1000, "percentage": 100}]}
    side.call("POST", "/portfolios", body, token=token)
    side.call("GET", "/user/export", token=token)
    side.call("DELETE", "/user", {"password": WRONG}, token=token)
    side.call("DELETE", "/user", {}, token=token)
    side.call("DELETE", "/user", {"password": NEW_PASSWORD})
    side.call("GET", "/user/profile", token=token)
    side.call("DELETE", "/user", {"password": NEW_PASSWORD}, token=token)
    side.call("GET", "/user/profile", token=token)
    side.call("DELETE", "/user", {"password": NEW_PASSWORD}, token=token)
    side.call("POST", "/auth/login", credentials)


def comparable(side: Side, step: Step) -> dict[str, Any]:
    """An answer without what no two systems have in common."""
    headers = {
        name: "a count" if name in COUNTS else value
        for name, value in step.answer.headers.items()
        if name
        not in ("server", "date", "connection", "content-length", "vary", "content-encoding", "x-request-id")
    }
    if step.asked == ("GET", "/user/export"):  # the rest of it is compared where there are portfolios
        events = [event["event"] for event in step.answer.json["securityEvents"]]
        # Cognito does not say whose a refresh token was.
        return {"events": [event for event in events if not event.startswith("refresh token")]}
    return {
        "status": step.answer.status,
        "headers": headers,
        "cookies": [_without_value(cookie) for cookie in step.answer.cookies],
        "body": _plain(side, step.answer.json),
    }


def _without_value(cookie: str) -> list[str]:
    """A cookie's name and attributes; it is encrypted on AWS, and not on this machine."""
    named, *attributes = cookie.split("; ")
    kept = (part for part in attributes if part != "Secure" and not part.startswith("expires="))
    return [named.partition("=")[0], *sorted(kept)]


def _plain(side: Side, value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _plain(side, inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(side, inner, name) for inner in value]
    if name in OF_EACH_SYSTEM:
        return type(value).__name__
    if name in ("createdAt", "updatedAt"):
        return "a moment"
    if name == "requestId":
        return "an id"
    return "the address" if value == side.email else value


@pytest.fixture(scope="module")
def lives(local: Local, cloud: Cloud) -> list[tuple[Step, Step]]:
    a_life(local)
    a_life(cloud)
    return list(zip(local.steps, cloud.steps, strict=True))


def test_every_answer_is_the_local_servers(
    lives: list[tuple[Step, Step]], local: Local, cloud: Cloud
) -> None:
    differing = []
    for number, (ours, theirs) in enumerate(lives):
        assert ours.asked == theirs.asked
        here, there = comparable(local, ours), comparable(cloud, theirs)
        if here != there:
            differing.append(f"{number} {ours.asked}\n  {here}\n  {there}")

    assert not differing, "\n".join(differing)


def test_the_cookie_is_for_encrypted_connections_only(lives: list[tuple[Step, Step]]) -> None:
    given = [cookie for _, theirs in lives for cookie in theirs.answer.cookies]
    kept = [cookie for cookie in given if "Max-Age=0" not in cookie]

    assert kept
    assert all("Secure" in cookie.split("; ") for cookie in kept)


def test_every_route_of_the_function_was_asked(lives: list[tuple[Step, Step]]) -> None:
    asked = {(method.lower(), f"/v1{path}") for (method, path), _ in ((s.asked, s.answer) for s, _ in lives)}
    documented = {
        (method, path)
        for path, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        if "auth" in operation["tags"] or (method, path) == ("delete", "/v1/user")
    }

    assert documented - asked == {
        ("get", "/v1/auth/jwks"),
        ("get", "/.well-known/jwks.json"),
    }


def test_the_owner_learns_what_happened_to_the_account(lives: list[tuple[Step, Step]]) -> None:
    (export,) = [theirs for _, theirs in lives if theirs.asked == ("GET", "/user/export")]

    assert {event["event"] for event in export.answer.json["securityEvents"]} == {
        "registered",
        "code mailed: confirm",
        "wrong code: confirm",
        "e-mail address confirmed",
        "sign-in failed: password",
        "signed in",
        "second factor on",
        "second factor off",
        "signed out everywhere",
        "code mailed: reset",
        "wrong code: reset",
        "password reset",
    }


def test_callers_behind_one_edge_of_cloudfront_are_counted_apart(cloud: Cloud) -> None:
    def left(address: str) -> int:
        answer = cloud.call("GET", "/auth/jwks", **{"x-viewer-address": address})
        return int(answer.headers["x-ratelimit-remaining"])

    assert [left("198.51.100.7"), left("198.51.100.7"), left("203.0.113.9")] == [999, 998, 999]


def test_the_keys_are_the_pools(cloud: Cloud) -> None:
    answer = cloud.call("GET", "/auth/jwks")

    assert answer.status == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert [sorted(key) for key in answer.json["keys"]] == [["alg", "e", "key_ops", "kid", "kty", "n", "use"]]


def test_a_deletion_that_stopped_half_way_can_be_repeated(cloud: Cloud, lives: object) -> None:
    person = replace(cloud, email=f"eve-{uuid4().hex[:8]}@example.com", steps=[])
    _registering(person)
    credentials = {"email": person.email, "password": PASSWORD}
    token = str(person.call("POST", "/auth/login", credentials).json["accessToken"])
    person.call("GET", "/user/profile", token=token)
    with psycopg.connect(cloud.database, autocommit=True) as connection:
        connection.execute("ALTER TABLE shares RENAME TO mislaid")
        stopped = person.call("DELETE", "/user", {"password": PASSWORD}, token=token)
        connection.execute("ALTER TABLE mislaid RENAME TO shares")
    again = str(person.call("POST", "/auth/login", credentials).json["accessToken"])
    repeated = person.call("DELETE", "/user", {"password": PASSWORD}, token=again)

    assert (stopped.status, stopped.json["error"]) == (503, "SERVICE_UNAVAILABLE")
    assert "mislaid" not in stopped.text
    assert repeated.status == 200
    assert person.call("POST", "/auth/login", credentials).status == 401
    with psycopg.connect(cloud.database) as connection:
        found = connection.execute("SELECT FROM users WHERE email = %s", (person.email,)).fetchone()
    assert found is None


def test_both_functions_call_a_person_the_same_in_their_logs(cloud: Cloud, lives: object) -> None:
    told = []
    for function in (cloud.auth, cloud.api):
        lines = [json.loads(line) for line in function.log.read_text().splitlines() if '"durationMs"' in line]
        told.append({line["user"] for line in lines if line["status"] == 200 and "user" in line})

    assert told[0] & told[1]
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in told[0] | told[1])


def test_each_invocation_leaves_one_line_of_metrics(cloud: Cloud, lives: object) -> None:
    lines = lines_of_log(cloud.auth.log)

    for line in lines:
        assert_follows_the_specification(line)
        assert [len(line["requests"]), len(line["RequestMilliseconds"])] == [1, 1]
    facts = facts_of_lines(lines)
    registered = facts["requests", "POST", "/v1/auth/register", "201"]
    assert facts["events", "registration"] == registered / 2 > 0  # each is repeated with its key
    assert sum(line.get("ColdStart", [0])[0] for line in lines) == 1
