"""Nothing sent is in a log, a metric or a refusal: markers go in everywhere and come out nowhere.

The API document says what "everywhere" is. Each of its operations gets a marker in each parameter, in each
field of its body and in a body that cannot be read; and each is answered well, with markers and an amount
where they may be, by a life that has to meet every operation: a new route fails here until the life leads
over it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pyotp
import pytest

from foliolens.adapters.local.postgres import running_url
from foliolens.entrypoints.application import api_document
from tests import providers
from tests.unit.prediction.markets import recorded

from .conftest import PASSWORD, Server, User, mailed_code, running_server, signed_up
from .exchanges import ask_for_upload, create_portfolio, holding, portfolio, send_file, settled

MARKER = f"zq{uuid4().hex[:12]}zq"
AMOUNT = 7316492.83
EVERYWHERE = {"User-Agent": MARKER, "Referer": f"https://{MARKER}.example/", "Cookie": f"other={MARKER}"}
OURS = {"X-Requested-With": "FolioLens"}
DOCUMENT = api_document()
OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    (method.upper(), path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
ID = str(uuid4())
NEW_PASSWORD = "Another-Horse-8-Battery"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server whose log nobody else writes to."""
    with providers.settings(quota=1_000_000) as market, running_server(**market) as started:
        yield started


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema, where it stands or where it refers to."""
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    return dict(DOCUMENT["components"]["schemas"][name]) if name else schema


def filled(schema: dict[str, Any], depth: int = 0) -> Any:
    """A value of a schema's shape, all of whose texts are markers and all of whose numbers amounts.

    The names of fields are what refusals are about, and are told.
    """
    schema = described(schema)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema and "properties" not in schema:
            return filled(schema[choice][0], depth)
    match schema.get("type"):
        case "object":
            named = schema.get("properties", {}).items()
            return {name: filled(inner, depth + 1) for name, inner in named} | {"noSuchField": MARKER}
        case "array" if depth < 8:
            return [filled(schema.get("items", {}), depth + 1)]
        case "number" | "integer":
            return AMOUNT
        case _:
            return MARKER


def bodies(operation: dict[str, Any]) -> Iterator[bytes]:
    """Bodies with a marker: unreadable, of the right shape, and wrong in one field after the other."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    whole = filled(content["schema"])
    yield f'{{"{MARKER}": "{MARKER}"'.encode()
    yield json.dumps(MARKER).encode()
    yield json.dumps(whole).encode()
    for name in whole:
        for wrong in (MARKER, AMOUNT, [MARKER], {"noSuchField": MARKER}):
            yield json.dumps({name: wrong}).encode()


def marked(
    client: httpx.Client, method: str, path: str, operation: dict[str, Any]
) -> Iterator[httpx.Response]:
    """An operation with a marker in one place after the other."""
    named: dict[str, dict[str, str]] = {place: {} for place in ("path", "query", "header", "cookie")}
    for parameter in operation.get("parameters", ()):
        named[parameter["in"]][parameter["name"]] = MARKER

    def call(url: str, **sent: Any) -> httpx.Response:
        headers = {**EVERYWHERE, **OURS, **sent.pop("headers", {})}
        return client.request(method, f"{url.removeprefix('/v1')}", headers=headers, **sent)

    there = re.sub(r"\{\w+\}", ID, path)
    yield call(re.sub(r"\{\w+\}", MARKER, path))
    yield call(there, params={MARKER: MARKER})
    for name in named["query"]:
        yield call(there, params={name: MARKER})
    for name in named["header"]:
        yield call(there, headers={name: MARKER})
    for name in named["cookie"]:
        yield call(there, headers={"Cookie": f"{name}={MARKER}"})
    for body in bodies(operation):
        yield call(there, content=body, headers={"Content-Type": "application/json"})
    yield call(there, headers={"Authorization": f"Bearer {MARKER}"})
    yield call(there, headers={"X-Api-Key": MARKER, "Content-Type": MARKER})


def refused(user: User) -> None:
    """Every operation with markers; what it refuses does not repeat them."""
    last_of_all = {"logout"}  # which takes the token along
    tried = 0
    for method, path, operation in sorted(OPERATIONS, key=lambda each: each[2]["operationId"] in last_of_all):
        for answer in marked(user.client, method, path, operation):
            told = f"{answer.text} {dict(answer.headers)}"
            assert answer.status_code < 500, (method, answer.request.url, answer.text)
            if answer.status_code >= 400:
                tried += 1
                assert MARKER not in told, (method, answer.request.url, told)
    assert tried > 5 * len(OPERATIONS)


class Life:
    """Calls that have to succeed, with markers in the headers at least.

    Attributes:
        met: The operations that were answered well.
    """

    def __init__(self, user: User, server: Server) -> None:
        self.user, self.server = user, server
        self.met: set[str] = set()
        user.client.headers.update({**EVERYWHERE, **OURS})
        user.client.event_hooks["response"].append(self._note)

    def _note(self, answer: httpx.Response) -> None:
        path = answer.request.url.path
        for method, template, operation in OPERATIONS:
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if answer.is_success and method == answer.request.method and re.fullmatch(pattern, path):
                self.met.add(operation["operationId"])
                if "{" not in template:
                    return

    def call(self, method: str, path: str, body: object = None, **more: Any) -> httpx.Response:
        answer = self.user.client.request(method, path, json=body, **more)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer

    def signs_in(self, path: str = "/auth/login", password: str = PASSWORD) -> dict[str, Any]:
        credentials = {"email": self.user.email, "password": password}
        signed_in: dict[str, Any] = self.call("POST", path, credentials).json()
        if "accessToken" in signed_in:
            self.user.client.headers["Authorization"] = f"Bearer {signed_in['accessToken']}"
        return signed_in

    def portfolios(self) -> None:
        client = self.user.client
        assets = (holding("VTI", AMOUNT, name=MARKER), holding("AAPL", AMOUNT), holding("BND", AMOUNT))
        first = create_portfolio(client, **portfolio(MARKER, *assets))
        other = create_portfolio(client, **portfolio(f"{MARKER} 2", *assets))["id"]
        one = f"/portfolios/{first['id']}"
        self.call("GET", "/portfolios")
        read = self.call("GET", one).json()
        self.call("PUT", one, {**portfolio(f"{MARKER} 3", *assets), "version": read["version"]})
        self.call("GET", f"{one}/risk")
        self.call("GET", f"{one}/rebalance")
        self.call("POST", f"{one}/rebalance", {"targets": {"VTI": 60, "BND": 40}, "cashFlow": AMOUNT})
        self.call("POST", "/portfolios/compare", {"portfolioIds": [first["id"], other]})
        wanted = {"expiresIn": "7d", "permissions": ["view", "analyze"], "showAmounts": True}
        share = self.call("POST", f"{one}/share", wanted, headers={"Idempotency-Key": MARKER}).json()
        self.call("GET", f"{one}/shares")
        for path in ("", "/risk"):
            self.call("GET", f"/shared/{share['shareToken']}{path}")
        self.call("DELETE", f"{one}/shares/{share['shareId']}")
        self.call("DELETE", f"/portfolios/{other}")
        self.secrets = [share["shareToken"]]

    def uploads(self) -> None:
        client = self.user.client
        good = f"Symbol,Description,Current Value\nVTI,{MARKER},{AMOUNT}\nBND,{MARKER},{AMOUNT}\n"
        portfolio_id = create_portfolio(client, **portfolio(MARKER))["id"]
        created = self.uploaded(f"{good}{MARKER},{MARKER},{MARKER}\n", None)
        self.call("GET", f"/upload/{created}/errors.csv")
        self.call("POST", f"/upload/{self.uploaded(good, portfolio_id)}/undo")

    def uploaded(self, rows: str, portfolio_id: str | None) -> str:
        options = {"filename": f"{MARKER}.csv", "mode": "replace"}
        ticket = ask_for_upload(self.user.client, rows.encode(), portfolio_id, **options)
        assert send_file(ticket, rows.encode()).status_code == 200
        return str(settled(self.user.client, ticket["uploadId"])["uploadId"])

    def models(self) -> None:
        days = max((vector["request"] for vector in recorded()), key=lambda each: len(each["close"]))
        closes = [AMOUNT + close for close in days["close"]]
        self.call("POST", "/predict", {**days, "ticker": MARKER, "close": closes, MARKER: MARKER})
        self.call("POST", "/sentiment", {"text": [f"{MARKER} rose by {AMOUNT}."], "hash": MARKER})
        article = {"id": MARKER, "text": f"{MARKER} fell to {AMOUNT}."}
        self.call("POST", "/sentiment/batch", {"articles": [article]})

    def market(self) -> None:
        for path, query in (
            ("/tiingo/daily/AAPL", {}),
            ("/tiingo/daily/AAPL/prices", {"startDate": "2026-01-05", "endDate": "2026-01-09"}),
            ("/tiingo/utilities/search", {"query": MARKER}),
            ("/v2/reference/news", {"ticker": "AAPL"}),
            ("/stocks", {"ticker": "AAPL", "startDate": "2026-01-05", "endDate": "2026-01-09"}),
            ("/search", {"query": MARKER}),
            ("/news", {"ticker": "AAPL"}),
            ("/market/AAPL/outlook", {}),
        ):
            self.call("GET", path, params=query)

    def account(self) -> None:
        for path in ("/health", "/ready", "/auth/jwks", "/user/preferences"):
            self.call("GET", path)
        self.call("GET", f"{self.server.url}/.well-known/jwks.json")
        self.call("GET", "/user/profile")
        self.call("PUT", "/user/profile", {"firstName": MARKER, "lastName": MARKER})
        self.call("PUT", "/user/preferences", {"theme": "dark"})
        self.call("GET", "/user/export")
        self.call("POST", "/auth/resend-code", {"email": f"{MARKER}@example.com"})

    def operations(self) -> None:
        url = running_url(self.server.data / "postgres")
        assert url is not None
        with psycopg.connect(url) as connection:
            connection.execute(
                "UPDATE identity.users SET operator = true WHERE email = %s", (self.user.email,)
            )
        self.signs_in()
        for method, path in (("GET", "/ops/summary"), ("POST", "/ops/dead-letters/redrive")):
            assert MARKER not in self.call(method, path).text

    def sessions(self) -> None:
        tokens = self.signs_in()
        self.call("POST", "/auth/refresh", {"refreshToken": tokens["refreshToken"]})
        self.signs_in("/auth/session")
        self.user.client.headers.pop("Cookie")  # else ours would not be sent
        self.call("POST", "/auth/session/refresh")
        self.user.client.headers.update(EVERYWHERE)
        secret = self.call("POST", "/auth/mfa/setup").json()["secret"]
        codes = (pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=step) for step in (-1, 0, 1))
        self.call("POST", "/auth/mfa/enable", {"code": next(codes)})
        for path in ("/auth/login", "/auth/session"):
            challenge = self.signs_in(path)["session"]
            answered = path.replace("login", "mfa/verify").replace("auth/session", "auth/session/mfa")
            self.call("POST", answered, {"session": challenge, "code": next(codes)})
            self.secrets += [challenge]
        self.call("POST", "/auth/mfa/disable", {"password": PASSWORD})
        self.secrets += [secret, tokens["accessToken"], tokens["refreshToken"]]

    def end(self) -> None:
        self.call("POST", "/auth/logout")
        self.call("POST", "/auth/forgot-password", {"email": self.user.email})
        code = mailed_code(self.server.outbox, self.user.email)
        body = {"email": self.user.email, "code": code, "newPassword": NEW_PASSWORD}
        self.call("POST", "/auth/reset-password", body)
        self.signs_in(password=NEW_PASSWORD)
        self.call("DELETE", "/user", {"password": NEW_PASSWORD})

    def lived(self) -> None:
        """Everything, in an order that is possible."""
        parts: tuple[Callable[[], None], ...] = (
            self.portfolios,
            self.uploads,
            self.models,
            self.market,
            self.account,
            self.operations,
            self.sessions,
            self.end,
        )
        for part in parts:
            part()


def test_nothing_that_was_sent_is_in_the_log_the_metrics_or_a_refusal(server: Server) -> None:
    with signed_up(server) as person, signed_up(server) as visitor:
        life = Life(person, server)
        life.lived()
        refused(visitor)

    met_before = {"register", "confirmEmail"}  # by `signed_up`
    assert {operation["operationId"] for _, _, operation in OPERATIONS} - life.met == met_before
    log, metrics = server.log.read_text(), httpx.get(f"{server.url}/metrics").text
    database_log = "".join(path.read_text() for path in (server.data / "postgres").rglob("*.log"))
    assert '"route":"/v1/uploads"' in log  # the log is the one that these requests wrote
    assert 'route="/v1/uploads"' in metrics
    names = (person.email, person.id, "Lovelace", PASSWORD, NEW_PASSWORD)
    for private in (MARKER, str(int(AMOUNT)), *names, *life.secrets, str(person.tokens["accessToken"])):
        assert private not in log, private
        assert private not in metrics, private
        assert private not in database_log, private
