"""Nothing sent is in a log, a metric or a refusal: markers go in everywhere and come out nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from .conftest import Server, User, running_server, signed_up
from .exchanges import create_portfolio, holding, portfolio, upload

MARKER = f"zq{uuid4().hex[:12]}zq"
AMOUNT = 7316492.83


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server whose log nobody else writes to."""
    with running_server(auto_confirm="true") as started:
        yield started


@pytest.fixture(scope="module")
def user(server: Server) -> Iterator[User]:
    with signed_up(server) as made:
        yield made


def refused(user: User) -> list[httpx.Response]:
    """A marker in every place of a request, each of which is refused."""
    client, wrong = user.client, {"email": f"{MARKER}@example.com", "password": MARKER, "code": MARKER}
    return [
        client.post("/auth/login", json=wrong),
        client.post("/auth/confirm", json=wrong),
        client.post("/auth/reset-password", json={**wrong, "newPassword": MARKER}),
        client.post("/auth/register", json={**wrong, "firstName": MARKER, "lastName": MARKER}),
        client.post("/portfolios", content=f'{{"name": "{MARKER}"'),
        client.post("/portfolios", json={"name": MARKER, "assets": MARKER}),
        client.post("/uploads", json={"filename": f"{MARKER}.exe", "size": MARKER}),
        client.get("/portfolios", headers={"Authorization": f"Bearer {MARKER}"}),
        client.get("/portfolios", params={"sortBy": MARKER}),
        client.get(f"/portfolios/{MARKER}"),
        client.get(f"/shared/{MARKER}"),
        client.get(f"/{MARKER}", params={"q": MARKER}, headers={"Cookie": MARKER, "User-Agent": MARKER}),
    ]


def accepted(user: User) -> None:
    """Markers and an amount where they may be: names, notes, a file and its name."""
    create_portfolio(user.client, **portfolio(MARKER, holding("VTI", AMOUNT, name=MARKER)))
    rows = f"Symbol,Description,Current Value\nVTI,{MARKER},{AMOUNT}\n{MARKER},{MARKER},{MARKER}\n"
    upload(user.client, rows.encode(), filename=f"{MARKER}.csv")


def test_nothing_that_was_sent_is_in_the_log_the_metrics_or_a_refusal(server: Server, user: User) -> None:
    accepted(user)
    for answer in refused(user):
        assert 400 <= answer.status_code < 500, (answer.request.url, answer.text)
        assert MARKER not in answer.text, (answer.request.url, answer.text)
    log, metrics = server.log.read_text(), httpx.get(f"{server.url}/metrics").text
    assert '"route":"/v1/uploads"' in log  # the log is the one that these requests wrote
    assert 'route="/v1/uploads"' in metrics
    token = str(user.tokens["accessToken"])
    for private in (MARKER, str(int(AMOUNT)), user.email, "Lovelace", token, user.id):
        assert private not in log
        assert private not in metrics
