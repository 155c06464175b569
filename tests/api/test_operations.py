"""What whoever runs a server sees, and nobody else: the summary, dead letters, and Prometheus' page."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from foliolens.adapters.local.postgres import running_url
from foliolens.uploads.models import object_key

from .conftest import PASSWORD, Server, User, command, environment, from_address, running_server, signed_up
from .exchanges import assert_error, create_portfolio


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Two HTTP processes, whose requests are counted together."""
    with running_server("--processes", "2", auto_confirm="true") as started:
        yield started


def admin(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("admin", *arguments, "--data", str(server.data)),
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )


@pytest.fixture(scope="module")
def operator(server: Server) -> Iterator[User]:
    with signed_up(server) as user:
        made = admin(server, "operator", user.email.upper())
        assert (made.returncode, made.stderr) == (0, "")
        tokens = user.client.post("/auth/login", json={"email": user.email, "password": PASSWORD}).json()
        user.client.headers["Authorization"] = f"Bearer {tokens['accessToken']}"
        yield user


def execute(server: Server, statement: str) -> None:
    url = running_url(server.data / "postgres")
    assert url is not None
    with psycopg.connect(url) as connection:
        connection.execute(statement)


class TestSummary:
    def test_requests_of_all_processes_are_counted_by_route(self, server: Server, operator: User) -> None:
        portfolio_id = create_portfolio(operator.client)["id"]

        def look(_: int) -> None:
            with httpx.Client(base_url=f"{server.url}/v1", headers=operator.client.headers) as own:
                own.get(f"/portfolios/{portfolio_id}")

        before = _route(operator, "GET", "/v1/portfolios/{portfolioId}")
        threads = [threading.Thread(target=look, args=(n,)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        after = _route(operator, "GET", "/v1/portfolios/{portfolioId}")

        assert after["requests"] - before["requests"] == 20
        assert after["errors"] == 0
        assert 0 < after["p95Ms"] < 10_000

    def test_it_names_no_path_and_no_person(self, operator: User) -> None:
        portfolio_id = create_portfolio(operator.client)["id"]
        operator.client.get(f"/portfolios/{portfolio_id}")

        told = operator.client.get("/ops/summary").text

        assert portfolio_id not in told
        assert operator.email not in told

    def test_totals_are_those_of_the_routes(self, operator: User) -> None:
        summary = operator.client.get("/ops/summary").json()

        assert summary["requests"] == sum(route["requests"] for route in summary["routes"])
        assert summary["p50Ms"] <= summary["p95Ms"] <= summary["p99Ms"]
        assert summary["since"] < summary["at"]
        assert {queue["name"] for queue in summary["queues"]} == {"uploads", "prices", "news"}


class TestDeadLetters:
    def test_are_shown_with_their_reason_and_put_back(self, server: Server, operator: User) -> None:
        # Of an upload that is gone: whoever tries it again finds nothing left to do.
        payload = json.dumps({"key": object_key(UUID(operator.id), uuid4())})
        execute(
            server,
            "INSERT INTO dead_jobs (id, kind, payload, correlation_id, attempts, reason, created_at)"
            f" VALUES (1000001, 'object_created', '{payload}', 'c', 5, 'ValueError in attempt 5', now())",
        )
        (letter,) = operator.client.get("/ops/summary").json()["deadLetters"]
        again = operator.client.post("/ops/dead-letters/redrive")

        assert letter == {
            "id": "1000001",
            "queue": "uploads",
            "kind": "object_created",
            "attempts": 5,
            "reason": "ValueError in attempt 5",
        }
        assert again.json() == {"jobs": 1}
        assert operator.client.get("/ops/summary").json()["deadLetters"] == []


class TestOthers:
    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "/ops/summary"), ("POST", "/ops/dead-letters/redrive")]
    )
    def test_are_refused(self, server: Server, method: str, path: str) -> None:
        with signed_up(server) as user:
            assert_error(user.client.request(method, path), 403, "FORBIDDEN")
            assert_error(httpx.request(method, f"{server.url}/v1{path}"), 401, "AUTHENTICATION_REQUIRED")

    def test_an_operator_who_is_none_any_more_is_refused_from_the_next_sign_in_on(
        self, server: Server
    ) -> None:
        with signed_up(server) as user:
            for arguments, status in (
                (("operator", user.email), 200),
                (("operator", user.email, "--remove"), 403),
            ):
                assert admin(server, *arguments).returncode == 0
                signed_in = user.client.post("/auth/login", json={"email": user.email, "password": PASSWORD})
                user.client.headers["Authorization"] = f"Bearer {signed_in.json()['accessToken']}"
                assert user.client.get("/ops/summary").status_code == status

    def test_an_account_that_is_not_there_is_no_operator(self, server: Server) -> None:
        ended = admin(server, "operator", "nobody@example.com")

        assert ended.returncode == 2
        assert "There is no account nobody@example.com." in ended.stderr


class TestPrometheus:
    def test_reads_counters_and_histograms_on_this_machine(self, server: Server) -> None:
        httpx.get(f"{server.url}/v1/health")

        page = httpx.get(f"{server.url}/metrics")

        assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
        lines = page.text.splitlines()
        counted = 'foliolens_http_requests_total{method="GET",route="/v1/health",status="200"}'
        assert any(line.startswith(counted) for line in lines)
        assert any("foliolens_http_request_seconds_bucket{" in line for line in lines)

    def test_others_are_told_that_there_is_no_such_path(self) -> None:
        with running_server(trusted_proxies="127.0.0.0/8", auto_confirm="true") as behind:
            with from_address(behind, "127.0.0.1") as client:
                answer = client.get(f"{behind.url}/metrics", headers={"X-Forwarded-For": "203.0.113.7"})

            assert answer.status_code == 404

    @pytest.mark.parametrize(
        "mark",
        [
            {"X-Forwarded-For": "127.0.0.1"},
            {"X-Forwarded-For": ""},
            {"Forwarded": "for=127.0.0.1"},
            {"X-Forwarded-Proto": "https"},
            {"X-Real-IP": "127.0.0.1"},
            {"Via": "1.1 caddy"},
        ],
        ids=lambda mark: next(iter(mark)),
    )
    def test_whoever_a_proxy_on_this_machine_speaks_for_is_told_so_as_well(
        self, server: Server, mark: dict[str, str]
    ) -> None:
        assert httpx.get(f"{server.url}/metrics", headers=mark).status_code == 404


def _route(operator: User, method: str, route: str) -> dict[str, float]:
    routes = operator.client.get("/ops/summary").json()["routes"]
    found = [each for each in routes if (each["method"], each["route"]) == (method, route)]
    return dict(found[0]) if found else {"requests": 0, "errors": 0, "p95Ms": 0}
