"""Traces of a running server, as a collector gets them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.otlp import Collector, Received, collecting

from .conftest import command, environment, free_port, running_server, signed_up, start_server, stop_server
from .exchanges import STANDARD_CSV, create_portfolio, holding, portfolio, upload

SERVER, CLIENT, CONSUMER = 2, 3, 5
OUTSIDE = "4bf92f3577b34da6a3ce929d0e0e4736"
AMOUNT = "918273.64"


@dataclass(frozen=True)
class Traced:
    """What came of one server's life, and what no span may hold."""

    collector: Collector
    secrets: tuple[str, ...]

    def of(self, name: str) -> list[Received]:
        return [span for span in self.collector.spans if span.name == name]

    def within(self, parent: Received) -> list[Received]:
        return [span for span in self.collector.spans if span.parent == parent.id]


@pytest.fixture(scope="module")
def traced() -> Iterator[Traced]:
    """Everything is sent by the time that the server has stopped."""
    with collecting() as collector:
        with (
            running_server(otlp_endpoint=collector.url, auto_confirm="true") as server,
            signed_up(server) as user,
        ):
            made = create_portfolio(
                user.client,
                **portfolio("A name of mine", holding("VTI", float(AMOUNT), name="A fund of mine")),
            )
            user.client.get(f"/portfolios/{made['id']}")
            upload(user.client, STANDARD_CSV, filename="file-of-mine.csv")
            httpx.get(
                f"{server.url}/v1/health",
                headers={"traceparent": f"00-{OUTSIDE}-00f067aa0ba902b7-01", "User-Agent": "agent-of-mine"},
            )
            httpx.get(f"{server.url}/v1/portfolios/{made['id']}?a=query-of-mine")
            httpx.request("WORD-OF-MINE", f"{server.url}/v1/health")
            user.client.post("/sentiment", json={"text": ["A sentence of mine."]})
            token = str(user.client.headers["Authorization"]).removeprefix("Bearer ")
            secrets = (user.id, user.id.replace("-", ""), user.email, token, made["id"], AMOUNT, "of mine")
        yield Traced(collector, (*secrets, "of-mine", "OF-MINE"))


def test_a_request_is_a_span_with_its_queries_in_it(traced: Traced) -> None:
    (read, refused) = sorted(
        traced.of("GET /v1/portfolios/{portfolioId}"),
        key=lambda span: int(span.attributes["http.response.status_code"]),
    )
    queries = traced.within(read)

    assert (read.kind, read.parent, read.failed) == (SERVER, "", False)
    assert read.attributes == {
        "http.request.method": "GET",
        "http.route": "/v1/portfolios/{portfolioId}",
        "http.response.status_code": 200,
    }
    assert refused.attributes["http.response.status_code"] == 401
    assert {query.kind for query in queries} == {CLIENT}
    assert {"BEGIN", "SELECT portfolios"} <= {query.name for query in queries}
    (table,) = {query.attributes.get("db.collection.name") for query in traced.of("SELECT portfolios")}
    assert table == "portfolios"


def test_a_job_belongs_to_the_request_that_caused_it(traced: Traced) -> None:
    (job,) = traced.of("job object_created")
    (cause,) = [span for span in traced.collector.spans if span.id == job.parent]

    assert (job.kind, job.failed) == (CONSUMER, False)
    assert job.attributes == {
        "foliolens.job.kind": "object_created",
        "foliolens.job.attempt": 1,
        "foliolens.job.outcome": "completed",
    }
    assert (cause.kind, cause.attributes["http.request.method"], cause.trace) == (SERVER, "PUT", job.trace)
    assert "INSERT portfolios" in {span.name for span in traced.within(job)}


def test_a_request_belongs_to_the_trace_that_its_caller_names(traced: Traced) -> None:
    assert OUTSIDE in {span.trace for span in traced.of("GET /v1/health")}


def test_a_worker_that_waits_makes_no_span(traced: Traced) -> None:
    roots = {span.kind for span in traced.collector.spans if not span.parent}

    assert roots == {SERVER}


def test_nothing_of_the_person_is_in_any_of_it(traced: Traced) -> None:
    assert len(traced.collector.spans) > 30
    for body in traced.collector.bodies:
        for secret in traced.secrets:
            assert secret.encode() not in body, secret
    names = {name for span in traced.collector.spans for name in span.attributes}
    assert names == {
        "db.collection.name",
        "db.operation.name",
        "db.system.name",
        "foliolens.job.attempt",
        "foliolens.job.kind",
        "foliolens.job.outcome",
        "http.request.method",
        "http.response.status_code",
        "http.route",
    }


def test_the_server_says_who_it_is(traced: Traced) -> None:
    assert {resource["service.name"] for resource in traced.collector.resources} == {"foliolens"}


def test_a_collector_that_is_gone_disturbs_nobody() -> None:
    with tempfile.TemporaryDirectory(prefix="foliolens-api-") as folder:
        endpoint = f"http://127.0.0.1:{free_port()}"
        server = start_server(Path(folder, "data"), free_port(), otlp_endpoint=endpoint, auto_confirm="true")
        try:
            with signed_up(server) as user:
                assert upload(user.client, STANDARD_CSV)["status"] == "COMPLETED"
        finally:
            stop_server(server)

        assert server.process.returncode == 0


def test_without_the_setting_nothing_of_it_is_loaded() -> None:
    program = (
        "import sys\n"
        "from foliolens.settings import load_settings\n"
        "from foliolens import bootstrap\n"
        "from foliolens.entrypoints import server\n"
        "with bootstrap._tracing(load_settings()) as tracing:\n"
        "    loaded = [name for name in sys.modules if name.startswith('opentelemetry.')]\n"
        "    print(tracing.context(), [name for name in loaded if 'sdk' in name or 'exporter' in name])\n"
    )

    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment()
    ).stdout

    assert told == "None []\n"


def test_whoever_asks_for_traces_without_the_extra_is_told_how_to_get_it(tmp_path: Path) -> None:
    # As Python finds it where the extra is not installed.
    hidden = "import sys\nsys.modules['opentelemetry.sdk'] = sys.modules['opentelemetry.exporter'] = None\n"
    (tmp_path / "sitecustomize.py").write_text(hidden)
    settings = environment(otlp_endpoint="http://127.0.0.1:4318")

    ended = subprocess.run(
        command("serve", "--data", str(tmp_path / "data"), "--port", str(free_port())),
        capture_output=True,
        text=True,
        check=False,
        env={**settings, "PYTHONPATH": str(tmp_path)},
        timeout=120,
    )

    assert ended.returncode == 3
    assert "FOLIOLENS_OTLP_ENDPOINT asks for traces" in ended.stderr
    assert "foliolens[tracing]" in " ".join(ended.stderr.split())
